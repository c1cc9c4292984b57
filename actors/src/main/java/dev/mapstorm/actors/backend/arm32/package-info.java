/** The DMA API of 32-bit Arm in front of an IOMMU (arch/arm/mm/dma-mapping.c of Linux). */
package dev.mapstorm.actors.backend.arm32;
