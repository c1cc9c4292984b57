package dev.mapstorm.protocol;

/**
 * The IOMMU granule: 4 KiB, the smallest unit that an IOVA, a page-table entry or an invalidation
 * can have.
 */
public final class Granule {
  /** log2 of {@link #BYTES}. */
  public static final int SHIFT = 12;

  /** Bytes of a granule. */
  public static final long BYTES = 1L << SHIFT;

  private Granule() {}

  /** The granule that holds {@code address}. */
  public static long pfn(long address) {
    return address >>> SHIFT;
  }

  /** The offset of {@code address} within its granule. */
  public static int offset(long address) {
    return (int) (address & (BYTES - 1));
  }

  /** Granules touched by {@code length} bytes from {@code address}; 0 for length 0. */
  public static long spanned(long address, long length) {
    return length == 0 ? 0 : (offset(address) + length + BYTES - 1) >>> SHIFT;
  }

  /** {@code bytes} rounded up to whole granules, in granules. */
  public static long pages(long bytes) {
    return (bytes + BYTES - 1) >>> SHIFT;
  }
}
