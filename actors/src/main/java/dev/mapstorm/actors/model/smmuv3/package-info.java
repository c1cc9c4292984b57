/**
 * Arm SMMUv3 as its driver in Linux 6.12 drives it ({@code
 * drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c}): the command queue that CPUs share without a lock,
 * and the commands by which a range of a domain is invalidated.
 */
package dev.mapstorm.actors.model.smmuv3;
