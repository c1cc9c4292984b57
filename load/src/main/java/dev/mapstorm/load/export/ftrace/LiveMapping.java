package dev.mapstorm.load.export.ftrace;

import dev.mapstorm.protocol.Direction;

/**
 * A mapping that is live, as the DMA API was asked for it.
 *
 * @param client who asked
 * @param pfn granule of its first DMA address
 * @param form the calls that map and unmap it
 * @param direction of the transfer
 * @param dmaAddress its first DMA address
 * @param bytes of it
 * @param phys physical start of each of its ranges
 */
record LiveMapping(
    int client,
    long pfn,
    Form form,
    Direction direction,
    long dmaAddress,
    long bytes,
    long[] phys) {

  /** Calls by the trace events of the DMA API that they have. */
  enum Form {
    /** {@code dma_map_page}, {@code dma_unmap_page}. */
    PAGE,
    /** {@code dma_map_sg}, {@code dma_unmap_sg}. */
    LIST,
    /** {@code dma_alloc}, {@code dma_free}. */
    COHERENT,
    /** None: the IOMMU API has those of the page table only. */
    IOMMU
  }
}
