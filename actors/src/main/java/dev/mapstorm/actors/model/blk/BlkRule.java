package dev.mapstorm.actors.model.blk;

/** Forms of {@code blk_rq_dma_map_iter_start}, each named for the release that has it. */
public enum BlkRule {
  /** Linux 6.17 and 6.18: the queue's virt_boundary decides. A failed link is lost. */
  V6_17("6.17"),
  /** Linux 6.19 and 7.0: the gaps of the request decide. A failed link is lost. */
  V6_19("6.19"),
  /** Linux 7.1: as 6.19, and a failed link destroys the batch. */
  V7_1("7.1");

  private final String label;

  BlkRule(String label) {
    this.label = label;
  }

  /** The release. */
  public String label() {
    return label;
  }

  /**
   * {@code blk_can_dma_map_iova}: whether one range of IOVA can hold the request.
   *
   * @param mergeBoundary {@code dma_get_merge_boundary}: granule - 1
   */
  public boolean oneRange(BlkRequest request, long mergeBoundary) {
    long gaps = this == V6_17 ? request.limits().virtBoundary() + 1 : 1L << request.gapBit() >>> 1;
    return (gaps & mergeBoundary) == 0;
  }

  /** Whether an error of a link ends the request, and one of link or sync takes the batch back. */
  public boolean destroysOnError() {
    return this == V7_1;
  }
}
