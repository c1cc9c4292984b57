/** Intel VT-d: the unit and its driver (drivers/iommu/intel of Linux). */
package dev.mapstorm.actors.unit.vtd;
