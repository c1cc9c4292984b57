package dev.mapstorm.persistence.replay;

import dev.mapstorm.protocol.InvalidationKind;
import dev.mapstorm.protocol.event.EventSink;
import java.util.Arrays;

/**
 * The invalidations of a host that were posted and are not complete. A unit executes its queue in
 * order ({@code qi_submit_sync}, drivers/iommu/intel/dmar.c), so a completion belongs to the oldest
 * posted by the same CPU for the same domain. There are as many as CPUs wait, so a list is searched
 * from its front.
 */
public final class InvalidationsInFlight implements EventSink {
  private static final int FIELDS = 8;
  private static final int IOMMU = 0;
  private static final int DOMAIN = 1;
  private static final int CPU = 2;
  private static final int KIND = 3;
  private static final int PFN = 4;
  private static final int PAGES = 5;
  private static final int COVERED = 6;
  private static final int POSTED_AT = 7;

  private long[] list = new long[16 * FIELDS];
  private int size;

  /** The one that {@link #finish} removed last. */
  private final long[] finished = new long[FIELDS];

  @Override
  public void invalidationPosted(
      long t, int iommu, int domain, int cpu, int kind, long pfn, long pages, long covered) {
    int at = size++ * FIELDS;
    if (at == list.length) {
      list = Arrays.copyOf(list, at * 2);
    }
    list[at + IOMMU] = iommu;
    list[at + DOMAIN] = domain;
    list[at + CPU] = cpu;
    list[at + KIND] = kind;
    list[at + PFN] = pfn;
    list[at + PAGES] = pages;
    list[at + COVERED] = covered;
    list[at + POSTED_AT] = t;
  }

  /**
   * Removes the invalidation that an {@code invalidation-completed} event completes.
   *
   * @return whether its posting was seen; {@link #pfn}, {@link #pages} and {@link #postedAt} then
   *     tell of it until the next call
   */
  public boolean finish(int iommu, int domain, int cpu) {
    for (int at = 0; at < size * FIELDS; at += FIELDS) {
      if (list[at + CPU] == cpu && list[at + DOMAIN] == domain && list[at + IOMMU] == iommu) {
        System.arraycopy(list, at, finished, 0, FIELDS);
        size--;
        System.arraycopy(list, at + FIELDS, list, at, size * FIELDS - at);
        return true;
      }
    }
    return false;
  }

  /** First granule asked for of the last finished one. */
  public long pfn() {
    return finished[PFN];
  }

  /** Granules asked for of the last finished one; 0 for the whole domain. */
  public long pages() {
    return finished[PAGES];
  }

  /** Granules that the last finished one covered; 0 for the whole domain. */
  public long covered() {
    return finished[COVERED];
  }

  /** When the last finished one was posted. */
  public long postedAt() {
    return finished[POSTED_AT];
  }

  /** How many are in flight. */
  public int size() {
    return size;
  }

  /** One in flight, the oldest is 0. */
  public HostState.Invalidation get(int index) {
    int at = index * FIELDS;
    return new HostState.Invalidation(
        (int) list[at + IOMMU],
        (int) list[at + DOMAIN],
        (int) list[at + CPU],
        InvalidationKind.of((int) list[at + KIND]).label(),
        list[at + PFN],
        list[at + PAGES],
        list[at + COVERED],
        list[at + POSTED_AT]);
  }
}
