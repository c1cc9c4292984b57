package dev.mapstorm.actors.model.pagetable;

/**
 * The choice of page sizes for a mapping, as {@code iommu_pgsize} of {@code drivers/iommu/iommu.c}
 * in Linux 6.12 makes it.
 *
 * <p>Bit {@code n} of the page-size bitmap set means that pages of {@code 2^n} bytes exist. All
 * addresses and sizes are in bytes and unsigned. Immutable, so it may be shared by any threads.
 */
public final class PageSizes {
  /** 4 KiB, 2 MiB and 1 GiB: VT-d second stage with both super-page sizes. */
  public static final long VTD_4K_2M_1G = 1L << 12 | 1L << 21 | 1L << 30;

  private final long bitmap;

  /**
   * @param bitmap page-size bitmap ({@code iommu_domain.pgsize_bitmap})
   * @throws IllegalArgumentException if no page size is given
   */
  public PageSizes(long bitmap) {
    if (bitmap == 0) {
      throw new IllegalArgumentException("the page-size bitmap names no page size");
    }
    this.bitmap = bitmap;
  }

  /** Base-two logarithm of the smallest page size. */
  public int minShift() {
    return Long.numberOfTrailingZeros(bitmap);
  }

  /**
   * Base-two logarithm of the biggest page that is no longer than {@code size} and to which both
   * addresses are aligned.
   *
   * @param size bytes that remain to be mapped, not 0
   * @throws IllegalArgumentException if no page size fits, where Linux stops with {@code BUG_ON}
   */
  public int pageShift(long iova, long phys, long size) {
    if (size == 0) {
      throw new IllegalArgumentException("no page size fits an empty range");
    }
    long fitting = bitmap & upToBit(63 - Long.numberOfLeadingZeros(size));
    long merged = iova | phys;
    if (merged != 0) {
      fitting &= upToBit(Long.numberOfTrailingZeros(merged));
    }
    if (fitting == 0) {
      throw new IllegalArgumentException(
          String.format(
              "no page size of bitmap 0x%x fits iova 0x%x, physical address 0x%x, size 0x%x",
              bitmap, iova, phys, size));
    }
    return 63 - Long.numberOfLeadingZeros(fitting);
  }

  /**
   * How many pages of the size chosen by {@link #pageShift} are mapped before the choice is made
   * again: up to the next boundary of the next larger page size if both addresses are equally far
   * from it and what remains behind it holds such a page, else all that remains.
   *
   * @param pageShift result of {@link #pageShift} for the same range
   */
  public long pageCount(long iova, long phys, long size, int pageShift) {
    long larger = bitmap & ~upToBit(pageShift);
    if (larger != 0) {
      long next = Long.lowestOneBit(larger);
      if (((iova ^ phys) & next - 1) == 0) {
        long toBoundary = next - ((iova | phys) & next - 1);
        long needed = toBoundary + next;
        boolean overflow = Long.compareUnsigned(needed, next) < 0;
        if (!overflow && Long.compareUnsigned(needed, size) <= 0) {
          return toBoundary >>> pageShift;
        }
      }
    }
    return size >>> pageShift;
  }

  /**
   * Appends to {@code runs} the runs of equal pages by which a physically contiguous range is
   * mapped, in the order in which {@code __iommu_map} hands them to the driver.
   *
   * @param size bytes, a multiple of the smallest page size; 0 appends nothing
   * @throws IllegalArgumentException if an address or the size is not aligned to the smallest page
   */
  public void split(long iova, long phys, long size, MappedRuns runs) {
    requireAligned(iova, phys, size);
    long left = size;
    long at = iova;
    long from = phys;
    while (left != 0) {
      int shift = pageShift(at, from, left);
      long count = pageCount(at, from, left, shift);
      runs.add(at, from, shift, count);
      long bytes = count << shift;
      left -= bytes;
      at += bytes;
      from += bytes;
    }
  }

  private void requireAligned(long iova, long phys, long size) {
    if (((iova | phys | size) & (1L << minShift()) - 1) != 0) {
      throw new IllegalArgumentException(
          String.format(
              "unaligned: iova 0x%x physical address 0x%x size 0x%x, smallest page 0x%x",
              iova, phys, size, 1L << minShift()));
    }
  }

  private static long upToBit(int bit) {
    return -1L >>> 63 - bit;
  }
}
