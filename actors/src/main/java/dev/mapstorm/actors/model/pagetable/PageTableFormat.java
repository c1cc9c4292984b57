package dev.mapstorm.actors.model.pagetable;

/**
 * The geometry of a page table: {@code struct io_pgtable_cfg} of Linux, or the template parameters
 * of generic_pt.
 *
 * @param granuleShift base-two logarithm of the bytes of a smallest page and of a table: 12, 14 or
 *     16
 * @param levels of tables, 3 to 5
 * @param pageSizes bitmap of the page sizes that entries can have, in bytes; it holds the granule
 */
public record PageTableFormat(int granuleShift, int levels, long pageSizes) {
  /** 4 KiB, 2 MiB and 1 GiB pages in 4 levels: second stage of VT-d. */
  public static final PageTableFormat VTD_4_LEVELS =
      new PageTableFormat(12, 4, PageSizes.VTD_4K_2M_1G);

  private static final int ENTRY_SHIFT = 3;

  /** Refuses what no table can hold. */
  public PageTableFormat {
    if (granuleShift < 12 || granuleShift > 16) {
      throw new IllegalArgumentException("a granule has 2^12 to 2^16 bytes, not 2^" + granuleShift);
    }
    if (levels < 2 || levels > 5) {
      throw new IllegalArgumentException("a page table has 2 to 5 levels, not " + levels);
    }
    if (Long.numberOfTrailingZeros(pageSizes) != granuleShift) {
      throw new IllegalArgumentException(
          "the smallest page of a page table is its granule of 2^%d bytes, not 2^%d"
              .formatted(granuleShift, Long.numberOfTrailingZeros(pageSizes)));
    }
    int bits = addressBits(granuleShift, levels);
    int largest = 63 - Long.numberOfLeadingZeros(pageSizes);
    if (largest >= bits) {
      throw new IllegalArgumentException(
          "pages of 2^%d bytes do not fit a table that translates %d bits"
              .formatted(largest, bits));
    }
  }

  /** Bits of an address that one level translates: an entry has 8 bytes. */
  public int indexBits() {
    return granuleShift - ENTRY_SHIFT;
  }

  /** Bits of an address that the levels translate together, with the granule's own. */
  public int addressBits() {
    return addressBits(granuleShift, levels);
  }

  private static int addressBits(int granuleShift, int levels) {
    return Math.min(63, granuleShift + levels * (granuleShift - ENTRY_SHIFT));
  }

  /** Base-two logarithm of the bytes that one entry of {@code level} maps; leaves are level 1. */
  int entryShift(int level) {
    return granuleShift + (level - 1) * indexBits();
  }
}
