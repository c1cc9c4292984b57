package dev.mapstorm.protocol.message;

/** What an IOMMU domain hears: the DMA API, page walks of its unit, and its own timers. */
public sealed interface DomainMessage extends Message {

  /** {@code dma_map_page}. */
  record MapPage(int client, int cpu, long op, int direction, long phys, int length)
      implements DomainMessage {}

  /** {@code dma_map_sg}. */
  record MapSg(int client, int cpu, long op, int direction, long[] phys, int[] length)
      implements DomainMessage {}

  /** Opens a batch for at most {@code capacity} bytes of IOVA. */
  record BatchStart(int client, int cpu, long op, long capacity) implements DomainMessage {}

  /** Adds {@code phys[from..]} to an open batch until it is full. */
  record BatchAdd(
      int client, int cpu, long op, int direction, int mapping, long[] phys, int[] length, int from)
      implements DomainMessage {}

  /** Ends a batch and makes it usable. */
  record BatchFinalise(int client, int cpu, long op, int mapping) implements DomainMessage {}

  /** {@code dma_iova_try_alloc}. */
  record IovaTryAlloc(int client, int cpu, long op, long phys, long size)
      implements DomainMessage {}

  /** {@code dma_iova_link} for each of {@code phys}, one behind the other from {@code offset}. */
  record IovaLink(
      int client,
      int cpu,
      long op,
      int direction,
      int mapping,
      long offset,
      long[] phys,
      int[] length)
      implements DomainMessage {}

  /** {@code dma_iova_sync}. */
  record IovaSync(int client, int cpu, long op, int mapping, long offset, long size)
      implements DomainMessage {}

  /** {@code dma_iova_unlink}: always strict. */
  record IovaUnlink(int client, int cpu, long op, int mapping, long offset, long size)
      implements DomainMessage {}

  /** {@code dma_iova_destroy}: unmaps the first {@code mappedLength} bytes and frees the IOVA. */
  record IovaDestroy(int client, int cpu, long op, int mapping, long mappedLength)
      implements DomainMessage {}

  /** {@code dma_iova_free}: frees an IOVA of which nothing is linked. */
  record IovaFree(int client, int cpu, long op, int mapping) implements DomainMessage {}

  /** {@code dma_alloc_coherent} of memory in physical pieces. */
  record AllocCoherent(int client, int cpu, long op, int direction, long[] phys, int[] length)
      implements DomainMessage {}

  /**
   * Unmaps what map page, map sg, a batch or a coherent allocation mapped; {@code mappedBy} is the
   * call that did.
   */
  record Unmap(int client, int cpu, long op, int mapping, long mappedBy) implements DomainMessage {}

  /** An IOMMU unit missed its IOTLB for the first {@code n} granules of {@code pfns}. */
  record Walk(int iommu, int ticket, long[] pfns, int n) implements DomainMessage {}

  /** The invalidation that call {@code call} waited for is complete. */
  record Invalidated(int call) implements DomainMessage {}

  /** Call {@code call} goes on with its next step. */
  record Resume(int call) implements DomainMessage {}

  /** The flush-queue timer expired on {@code cpu}. */
  record FlushTimer(int cpu) implements DomainMessage {}

  /** The depot worker of a size order is due. */
  record DepotWork(int order) implements DomainMessage {}
}
