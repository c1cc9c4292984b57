/**
 * The host bridge of a POWER partition, whose TCEs are written by the hypervisor
 * (arch/powerpc/platforms/pseries/iommu.c of Linux).
 */
package dev.mapstorm.actors.unit.pseries;
