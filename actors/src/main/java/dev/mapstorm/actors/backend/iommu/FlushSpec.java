package dev.mapstorm.actors.backend.iommu;

/**
 * The flush queue of a lazy domain (drivers/iommu/dma-iommu.c).
 *
 * @param single one ring for all CPUs instead of one each
 * @param entries size of a ring (256, or 32768 for the single one); it holds one less
 * @param timeoutNs age at which the timer flushes (10 ms, or 1 s for the single one)
 * @param byRange whether a flush makes the units forget the ranges of a ring, ring by ring, instead
 *     of the whole domain
 * @param twoStep whether two-step mappings are queued, too; else they are invalidated and freed at
 *     once
 */
public record FlushSpec(
    boolean single, int entries, long timeoutNs, boolean byRange, boolean twoStep) {
  /** Flushes of the whole domain, as in Linux. */
  public FlushSpec(boolean single, int entries, long timeoutNs) {
    this(single, entries, timeoutNs, false);
  }

  /** Queues all that is unmapped. */
  public FlushSpec(boolean single, int entries, long timeoutNs, boolean byRange) {
    this(single, entries, timeoutNs, byRange, true);
  }
}
