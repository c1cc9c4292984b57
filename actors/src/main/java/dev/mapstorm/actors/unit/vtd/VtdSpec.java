package dev.mapstorm.actors.unit.vtd;

import dev.mapstorm.actors.spec.IommuSpec;

/**
 * A VT-d unit.
 *
 * @param iotlbEntries entries of the IOTLB, 1 to 1048576, a multiple of the ways
 * @param iotlbWays ways of a set
 * @param queueEntries descriptors in the invalidation queue ({@code QI_LENGTH}, 256), 3 to 32768
 * @param maxAddressMask largest order of a page-selective invalidation (MAMV of the capability
 *     register), 0 to 63
 * @param costs what it takes to invalidate
 */
public record VtdSpec(
    int iotlbEntries, int iotlbWays, int queueEntries, int maxAddressMask, VtdCosts costs)
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
  }
}
