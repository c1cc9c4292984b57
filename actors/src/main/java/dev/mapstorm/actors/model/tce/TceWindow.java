package dev.mapstorm.actors.model.tce;

/**
 * What an {@link IommuTable} is made from: the fields of {@code struct iommu_table} that the
 * platform sets. Entries are numbered from DMA address 0, so a window's first is {@code offset}.
 *
 * @param pageShift log2 of the system's page, 12 to 16
 * @param tceShift log2 of the bytes that an entry maps, 12 to 30 ({@code it_page_shift})
 * @param offset first entry of the window ({@code it_offset}), at most {@code 2^52}
 * @param size entries ({@code it_size}), 1 to {@code 2^30}
 * @param reservedFirst first entry that is not to be used
 * @param reservedEnd the entry after the last of those; what is outside the window counts for
 *     nothing, and a range that is empty reserves nothing
 * @param blockSize entries of a block, a power of two: the next search after a small range begins
 *     at the next block ({@code it_blocksize})
 * @param noVmerge whether vectors of a list are never merged ({@code iommu=novmerge})
 */
public record TceWindow(
    int pageShift,
    int tceShift,
    long offset,
    long size,
    long reservedFirst,
    long reservedEnd,
    long blockSize,
    boolean noVmerge) {
  /** Most entries of a window. */
  public static final long MAX_SIZE = 1L << 30;

  private static final long MAX_ENTRY = 1L << 52;

  /**
   * Refuses what cannot be.
   *
   * @throws IllegalArgumentException if a number is out of its range
   */
  public TceWindow {
    require("pageShift", pageShift, 12, 16);
    require("tceShift", tceShift, 12, 30);
    require("offset", offset, 0, MAX_ENTRY);
    require("size", size, 1, MAX_SIZE);
    require("reservedFirst", reservedFirst, 0, Long.MAX_VALUE);
    require("reservedEnd", reservedEnd, 0, Long.MAX_VALUE);
    require("blockSize", blockSize, 1, MAX_SIZE);
    if (Long.bitCount(blockSize) != 1) {
      throw new IllegalArgumentException("blockSize must be a power of two, is " + blockSize);
    }
  }

  private static void require(String name, long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "%s must be %d to %d, is %d".formatted(name, least, most, value));
    }
  }
}
