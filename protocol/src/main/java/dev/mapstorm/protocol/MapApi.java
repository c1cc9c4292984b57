package dev.mapstorm.protocol;

/** The ways a driver can ask for mappings. The order is the code in the journal: append only. */
public enum MapApi {
  /** {@code dma_map_page} for each page on its own. */
  PAGE("page"),
  /** {@code dma_map_sg} for the whole list. */
  SG("sg"),
  /** The {@code dma_batch} proposal: start, add until full, finalise. */
  BATCH("batch"),
  /** The two-step IOVA calls of Linux 6.16: try_alloc, link, sync, destroy. */
  IOVA("iova"),
  /** {@code dma_alloc_coherent}; only recorded requests use it. */
  COHERENT("coherent"),
  /**
   * A buffer that its client maps once and keeps for the whole run; the calls into its domain say
   * which way it was mapped.
   */
  KEPT("kept"),
  /** A transfer in a buffer that is mapped already: nothing is mapped or unmapped for it. */
  REUSED("reused"),
  /** {@code iommu_map} at an address that the client chooses, as VFIO, iommufd and GPUs do. */
  IOMMU("iommu");

  private static final MapApi[] ALL = values();

  private final String label;

  MapApi(String label) {
    this.label = label;
  }

  /** What reports and options call it. */
  public String label() {
    return label;
  }

  /** The constant with this {@link #ordinal()}, which is its code in the journal. */
  public static MapApi of(int code) {
    if (code < 0 || code >= ALL.length) {
      throw new IllegalArgumentException("no MapApi has code " + code);
    }
    return ALL[code];
  }
}
