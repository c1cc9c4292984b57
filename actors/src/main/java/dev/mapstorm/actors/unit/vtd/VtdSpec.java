package dev.mapstorm.actors.unit.vtd;

import dev.mapstorm.actors.spec.IommuSpec;

/**
 * A VT-d unit.
 *
 * @param iotlbEntries entries of the IOTLB, a multiple of the ways
 * @param iotlbWays ways of a set
 * @param queueEntries descriptors in the invalidation queue ({@code QI_LENGTH}, 256), at least 3
 * @param maxAddressMask largest order of a page-selective invalidation (MAMV of the capability
 *     register)
 * @param costs what it takes to invalidate
 */
public record VtdSpec(
    int iotlbEntries, int iotlbWays, int queueEntries, int maxAddressMask, VtdCosts costs)
    implements IommuSpec {
  /** A submission takes two descriptors, and one slot stays empty. */
  private static final int LEAST_QUEUE_ENTRIES = 3;

  /**
   * Refuses a unit that cannot be.
   *
   * @throws IllegalArgumentException that names the figure as a platform profile does
   */
  public VtdSpec {
    if (iotlbWays < 1 || iotlbEntries % iotlbWays != 0) {
      throw new IllegalArgumentException(
          "iotlb-entries: %d is no multiple of unit.iotlb-ways, %d"
              .formatted(iotlbEntries, iotlbWays));
    }
    if (Integer.bitCount(iotlbEntries / iotlbWays) != 1) {
      throw new IllegalArgumentException(
          "iotlb-entries: %d entries in sets of %d do not make a power of two of sets"
              .formatted(iotlbEntries, iotlbWays));
    }
    if (queueEntries < LEAST_QUEUE_ENTRIES) {
      throw new IllegalArgumentException(
          "queue-entries: %d descriptors hold no submission, at least %d are needed"
              .formatted(queueEntries, LEAST_QUEUE_ENTRIES));
    }
    if (maxAddressMask < 0 || maxAddressMask > 63) {
      throw new IllegalArgumentException("max-address-mask: must be 0 to 63, is " + maxAddressMask);
    }
  }
}
