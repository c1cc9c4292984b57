/** The flush queue of lazy mode, as {@code drivers/iommu/dma-iommu.c} of Linux 6.12 has it. */
package dev.mapstorm.actors.model.flush;
