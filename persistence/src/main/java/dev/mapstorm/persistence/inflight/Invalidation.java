package dev.mapstorm.persistence.inflight;

import dev.mapstorm.protocol.InvalidationKind;

/**
 * An invalidation that is posted and not complete.
 *
 * @param iommu unit that executes it
 * @param ticket its number in the unit
 * @param call who asked for it
 * @param domain whose translations go
 * @param kind what is invalidated
 * @param pfn first granule asked for
 * @param pages granules asked for; 0 for the whole domain
 * @param covered granules that it drops; 0 for the whole domain
 * @param since when it was posted
 */
public record Invalidation(
    int iommu,
    long ticket,
    Call call,
    int domain,
    InvalidationKind kind,
    long pfn,
    long pages,
    long covered,
    long since) {
  /** Stands for an invalidation whose posting was not seen. */
  public static final Invalidation UNKNOWN =
      new Invalidation(-1, -1, Call.UNKNOWN, -1, InvalidationKind.PSI, 0, 0, 0, 0);

  /** Whether its beginning was seen. */
  public boolean isKnown() {
    return iommu >= 0;
  }
}
