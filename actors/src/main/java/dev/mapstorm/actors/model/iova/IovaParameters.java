package dev.mapstorm.actors.model.iova;

import dev.mapstorm.protocol.Limits;

/**
 * Sizes of the IOVA caches. {@link #LINUX} is what Linux 6.12 compiles in; everything else answers
 * "what if".
 *
 * @param magazineSize ranges that a magazine holds, 1 to 65536 ({@code IOVA_MAG_SIZE})
 * @param maxCachedOrder largest cached order, -1 (no caches at all) to 20: ranges of up to {@code 1
 *     << maxCachedOrder} granules are cached ({@code IOVA_RANGE_CACHE_MAX_SIZE - 1})
 * @param depotLimit magazines that the depot of one order holds before an overflowing magazine is
 *     freed to the tree instead, 0 or more; {@link #UNBOUNDED} as in Linux since 6.7, 32 before
 *     ({@code MAX_GLOBAL_MAGS})
 * @param depotKeep magazines that the depot worker leaves in the depot of one order, 0 or more;
 *     {@link #ONLINE_CPUS} as in Linux ({@code iova_depot_work_func})
 * @param search what a search of the tree looks at
 */
public record IovaParameters(
    int magazineSize, int maxCachedOrder, int depotLimit, int depotKeep, IovaSearch search) {
  /** A depot without a limit. */
  public static final int UNBOUNDED = Integer.MAX_VALUE;

  /** The depot worker keeps as many magazines as the domain has CPUs. */
  public static final int ONLINE_CPUS = -1;

  /** The constants of Linux 6.12: 127 ranges a magazine, orders 0 to 5, no limit on the depot. */
  public static final IovaParameters LINUX = new IovaParameters(127, 5, UNBOUNDED, ONLINE_CPUS);

  private static final int MAX_MAGAZINE_SIZE = 1 << 16;

  /** With the linear search of Linux. */
  public IovaParameters(int magazineSize, int maxCachedOrder, int depotLimit, int depotKeep) {
    this(magazineSize, maxCachedOrder, depotLimit, depotKeep, IovaSearch.LINEAR);
  }

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException naming the parameter that is out of range
   */
  public IovaParameters {
    if (magazineSize < 1 || magazineSize > MAX_MAGAZINE_SIZE) {
      throw new IllegalArgumentException(
          "magazine size " + magazineSize + " is not in 1.." + MAX_MAGAZINE_SIZE);
    }
    if (maxCachedOrder < -1 || maxCachedOrder > Limits.CACHED_ORDER) {
      throw new IllegalArgumentException(
          "largest cached order " + maxCachedOrder + " is not in -1.." + Limits.CACHED_ORDER);
    }
    if (depotLimit < 0) {
      throw new IllegalArgumentException("depot limit " + depotLimit + " is negative");
    }
    if (depotKeep < ONLINE_CPUS) {
      throw new IllegalArgumentException("depot keep " + depotKeep + " is below -1 (online CPUs)");
    }
  }

  /** Number of cached orders, {@code IOVA_RANGE_CACHE_MAX_SIZE} in Linux. */
  public int orders() {
    return maxCachedOrder + 1;
  }
}
