package dev.mapstorm.actors.spec;

/**
 * An IOMMU unit. Each kind of unit has a record of its own, a component for each figure of a
 * platform profile; its costs are a record inside.
 */
public interface IommuSpec {
  /** More than any unit is said to have, and little memory. */
  int MAX_IOTLB_ENTRIES = 1 << 20;

  /**
   * Refuses an IOTLB that cannot be.
   *
   * @param entries 1 to {@link #MAX_IOTLB_ENTRIES}, a power of two of sets
   * @param ways of a set
   * @throws IllegalArgumentException that names the figure as a platform profile does
   */
  static void requireIotlb(int entries, int ways) {
    require("iotlb-entries", entries, 1, MAX_IOTLB_ENTRIES);
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

  /**
   * Refuses a figure that is out of range.
   *
   * @param key as a platform profile has it
   * @throws IllegalArgumentException that names it
   */
  static void require(String key, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          "%s: must be %d to %d, is %d".formatted(key, min, max, value));
    }
  }
}
