/** The DMA API over an IOMMU (drivers/iommu/dma-iommu.c of Linux). */
package dev.mapstorm.actors.backend.iommu;
