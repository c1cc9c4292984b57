/** The IPMMU of Renesas R-Car (drivers/iommu/ipmmu-vmsa.c of Linux). */
package dev.mapstorm.actors.unit.ipmmu;
