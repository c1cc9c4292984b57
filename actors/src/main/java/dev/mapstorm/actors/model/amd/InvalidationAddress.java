package dev.mapstorm.actors.model.amd;

/**
 * The address of an AMD-Vi invalidation with its size in it ({@code build_inv_address} of {@code
 * drivers/iommu/amd/iommu.c}): the block of a power of two that holds the first and the last byte.
 * With the S bit, the lowest clear bit of 12 and up says its size. Addresses in bytes, unsigned.
 */
public final class InvalidationAddress {
  /** {@code CMD_INV_IOMMU_ALL_PAGES_ADDRESS}: the length that stands for the whole space. */
  public static final long ALL = Long.MAX_VALUE;

  private static final long PAGE_MASK = -1L << 12;
  private static final int HIGHEST_BIT = 51;

  private InvalidationAddress() {}

  /** Whether a range takes more than one page, so that the S bit is set. */
  public static boolean several(long address, long bytes) {
    return (address & ~PAGE_MASK) + bytes + ~PAGE_MASK >>> 12 != 1;
  }

  /** The address with the size, bits 11:0 clear. */
  public static long encode(long address, long bytes) {
    if (!several(address, bytes)) {
      return address & PAGE_MASK;
    }
    int highest = 63 - Long.numberOfLeadingZeros(address ^ address + bytes - 1);
    long encoded = highest > HIGHEST_BIT ? ALL : address | (1L << highest) - 1;
    return encoded & PAGE_MASK;
  }

  /** Pages of 4 KiB that an encoded address covers; 0 for the whole space. */
  public static long pages(long encoded, boolean several) {
    if (!several) {
      return 1;
    }
    int clear = Long.numberOfTrailingZeros(~(encoded | ~PAGE_MASK));
    return clear > HIGHEST_BIT ? 0 : 1L << clear + 1 - 12;
  }

  /** First page frame that an encoded address covers. */
  public static long firstPfn(long encoded, boolean several) {
    long pages = pages(encoded, several);
    return pages == 0 ? 0 : encoded >>> 12 & -pages;
  }
}
