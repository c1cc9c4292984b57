package dev.mapstorm.actors.unit.vtd;

import dev.mapstorm.actors.spec.DefaultFigure;
import dev.mapstorm.actors.spec.IommuSpec;

/**
 * A VT-d unit.
 *
 * @param iotlbEntries entries of the IOTLB, 1 to 1048576, a multiple of the ways
 * @param iotlbWays ways of a set
 * @param queueEntries descriptors in the invalidation queue ({@code QI_LENGTH}, 256), 3 to 32768
 * @param maxAddressMask largest order of a page-selective invalidation (MAMV of the capability
 *     register), 0 to 63
 * @param cachingMode 1 if it caches entries that are not present ({@code CAP.CM}), as units that a
 *     hypervisor emulates do: they are told of new mappings too
 * @param cacheLock 1 if {@code cache_lock} of a domain is held until its units have answered, as in
 *     Linux since 6.10; 0 if the list of cache tags is read under RCU and nobody waits for others
 * @param costs what it takes to invalidate
 */
public record VtdSpec(
    int iotlbEntries,
    int iotlbWays,
    int queueEntries,
    int maxAddressMask,
    @DefaultFigure(0) int cachingMode,
    @DefaultFigure(1) int cacheLock,
    VtdCosts costs)
    implements IommuSpec {
  /** A submission takes two descriptors, and one slot stays empty. */
  private static final int MIN_QUEUE_ENTRIES = 3;

  /** {@code 2^(QS + 8)} with the largest QS of the queue's address register, 7. */
  private static final int MAX_QUEUE_ENTRIES = 1 << 15;

  /** An address mask of 52 already covers all addresses. */
  private static final int MAX_ADDRESS_MASK = 63;

  /**
   * Refuses a unit that cannot be.
   *
   * @throws IllegalArgumentException that names the figure as a platform profile does
   */
  public VtdSpec {
    IommuSpec.requireIotlb(iotlbEntries, iotlbWays);
    IommuSpec.require("queue-entries", queueEntries, MIN_QUEUE_ENTRIES, MAX_QUEUE_ENTRIES);
    IommuSpec.require("max-address-mask", maxAddressMask, 0, MAX_ADDRESS_MASK);
    IommuSpec.require("caching-mode", cachingMode, 0, 1);
    IommuSpec.require("cache-lock", cacheLock, 0, 1);
  }

  /** Real hardware, with the driver of Linux. */
  public VtdSpec(
      int iotlbEntries, int iotlbWays, int queueEntries, int maxAddressMask, VtdCosts costs) {
    this(iotlbEntries, iotlbWays, queueEntries, maxAddressMask, 0, 1, costs);
  }
}
