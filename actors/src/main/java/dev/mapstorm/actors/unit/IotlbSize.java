package dev.mapstorm.actors.unit;

/** The sizes that an IOTLB can have. */
public final class IotlbSize {
  /** More than any unit is said to have, and little memory. */
  public static final int MAX_ENTRIES = 1 << 20;

  private IotlbSize() {}

  /**
   * Refuses an IOTLB that cannot be.
   *
   * @param entries in all, 1 to 1048576
   * @param ways of a set; the sets are a power of two
   * @throws IllegalArgumentException that names the figure as a platform profile does
   */
  public static void require(int entries, int ways) {
    if (entries < 1 || entries > MAX_ENTRIES) {
      throw new IllegalArgumentException(
          "iotlb-entries: must be 1 to %d, is %d".formatted(MAX_ENTRIES, entries));
    }
    if (ways < 1 || entries % ways != 0) {
      throw new IllegalArgumentException(
          "iotlb-entries: %d is no multiple of unit.iotlb-ways, %d".formatted(entries, ways));
    }
    if (Integer.bitCount(entries / ways) != 1) {
      throw new IllegalArgumentException(
          "iotlb-entries: %d entries in sets of %d do not make a power of two of sets"
              .formatted(entries, ways));
    }
  }
}
