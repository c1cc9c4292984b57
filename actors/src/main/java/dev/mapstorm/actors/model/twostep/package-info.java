/**
 * The two-step calls of the DMA API ({@code drivers/iommu/dma-iommu.c}, since Linux 6.16): what
 * {@code dma_iova_try_alloc}, {@code link}, {@code sync}, {@code unlink}, {@code destroy} and
 * {@code free} do to a domain, in order. Knows no time and no lock.
 */
package dev.mapstorm.actors.model.twostep;
