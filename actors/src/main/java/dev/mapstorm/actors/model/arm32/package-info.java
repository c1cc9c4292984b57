/**
 * The DMA API of 32-bit Arm in front of an IOMMU (arch/arm/mm/dma-mapping.c of Linux 6.12, {@code
 * arm_iommu_*}), which has an allocator and rules of its own.
 */
package dev.mapstorm.actors.model.arm32;
