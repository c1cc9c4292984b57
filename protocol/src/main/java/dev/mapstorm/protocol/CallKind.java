package dev.mapstorm.protocol;

/**
 * What a CPU does inside a domain: a call of the DMA API, or work of the domain's own. The order is
 * the code in the journal: append only.
 */
public enum CallKind {
  /** {@code dma_map_page}. */
  MAP_PAGE("map page"),
  /** {@code dma_map_sg}. */
  MAP_SG("map sg"),
  /** A batch, from its opening to its end: one mapping. */
  MAP_BATCH("map batch"),
  /** A two-step mapping, from {@code dma_iova_try_alloc} to {@code dma_iova_sync}. */
  MAP_IOVA("map iova"),
  /** {@code dma_alloc_coherent}. */
  ALLOC_COHERENT("alloc coherent"),
  /** Unmaps what one of the calls above mapped, but for a two-step mapping. */
  UNMAP("unmap"),
  /** {@code dma_iova_unlink}: clears a part of a two-step mapping. */
  UNLINK_IOVA("unlink iova"),
  /** {@code dma_iova_destroy}: unmaps a two-step mapping. */
  DESTROY_IOVA("destroy iova"),
  /** {@code dma_iova_free}: gives back a two-step mapping of which nothing is linked. */
  FREE_IOVA("free iova"),
  /** The callback of the flush queue's timer. */
  FLUSH_TIMER("flush timer"),
  /** The worker that trims the depot of the IOVA caches. */
  DEPOT_WORK("depot work"),
  /** {@code iommu_map} of one mapping. */
  IOMMU_MAP("iommu map"),
  /** {@code iommu_unmap} of one mapping. */
  IOMMU_UNMAP("iommu unmap"),
  /** The worker that adds a pool of bounce buffers. */
  POOL_WORK("pool work");

  private static final CallKind[] ALL = values();

  private final String label;

  CallKind(String label) {
    this.label = label;
  }

  /** What reports call it. */
  public String label() {
    return label;
  }

  /** Whether it makes a mapping if it succeeds. */
  public boolean maps() {
    return ordinal() <= ALLOC_COHERENT.ordinal() || this == IOMMU_MAP;
  }

  /** Whether a client asked for it, and not the domain itself. */
  public boolean isClients() {
    return this != FLUSH_TIMER && this != DEPOT_WORK && this != POOL_WORK;
  }

  /** The constant with this {@link #ordinal()}. */
  public static CallKind of(int code) {
    if (code < 0 || code >= ALL.length) {
      throw new IllegalArgumentException("no CallKind has code " + code);
    }
    return ALL[code];
  }
}
