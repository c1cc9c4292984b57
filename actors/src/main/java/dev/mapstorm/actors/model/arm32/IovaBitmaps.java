package dev.mapstorm.actors.model.arm32;

import dev.mapstorm.actors.model.bitmap.Bitmap;

/**
 * The I/O virtual addresses of a domain, as {@code struct dma_iommu_mapping} holds them: bitmaps of
 * one page each, made one after the other as they are needed, and a search from the lowest address
 * on ({@code __alloc_iova}, {@code __free_iova}, {@code extend_iommu_mapping}).
 *
 * <p>All bitmaps are under one lock. No range crosses two of them, so nothing longer than {@link
 * #bitmapBytes} is ever found; an attempt makes a further bitmap all the same. Not thread-safe.
 */
public final class IovaBitmaps {
  /** Answer of {@link #allocate} when there is no room ({@code DMA_MAPPING_ERROR}). */
  public static final long FAILED = -1;

  /** Size of a page, {@code PAGE_SIZE}. */
  public static final long PAGE = 4096;

  /** Lowest {@code CONFIG_ARM_DMA_IOMMU_ALIGNMENT} that Kconfig takes. */
  public static final int MIN_ALIGN_ORDER = 4;

  /** Highest {@code CONFIG_ARM_DMA_IOMMU_ALIGNMENT} that Kconfig takes. */
  public static final int MAX_ALIGN_ORDER = 9;

  /** Longest window: 32 bits of address. */
  public static final long MAX_WINDOW = 1L << 32;

  static final int PAGE_SHIFT = 12;
  private static final long BITS_PER_LONG = 32;

  private final long base;
  private final int alignOrder;
  private final int pagesPerBitmap;
  private final Bitmap[] bitmaps;
  private int inUse;
  private long scanned;
  private int searched;

  /**
   * A window of which nothing is taken ({@code arm_iommu_create_mapping}).
   *
   * @param base first address, in whole pages
   * @param size bytes, {@link #PAGE} to {@link #MAX_WINDOW}. What does not fill a bitmap's word of
   *     32 pages counts as a whole one, up to a full bitmap; above that only whole bitmaps count
   * @param alignOrder {@code CONFIG_ARM_DMA_IOMMU_ALIGNMENT}: ranges are aligned to their size
   *     rounded up to a power of two, but to no more than {@code 2^alignOrder} pages
   * @throws IllegalArgumentException if a number is out of range
   */
  public IovaBitmaps(long base, long size, int alignOrder) {
    require(size >= PAGE, "the window must be at least a page long (-EINVAL), is %d", size);
    require(size <= MAX_WINDOW, "the window must be at most 4 GiB long (-ERANGE), is %d", size);
    require(base >= 0 && base % PAGE == 0, "the base must be a multiple of a page, is %d", base);
    require(base <= 1L << 40, "the base must be at most 2^40, is %d", base);
    require(
        alignOrder >= MIN_ALIGN_ORDER && alignOrder <= MAX_ALIGN_ORDER,
        "the alignment order must be 4 to 9, is %d",
        alignOrder);
    this.base = base;
    this.alignOrder = alignOrder;
    long longs = ((size >>> PAGE_SHIFT) + BITS_PER_LONG - 1) / BITS_PER_LONG;
    long bytes = longs * (BITS_PER_LONG / 8);
    bitmaps = new Bitmap[(int) Math.max(1, bytes / PAGE)];
    pagesPerBitmap = (int) (8 * Math.min(bytes, PAGE));
    extend();
  }

  private static void require(boolean holds, String message, long value) {
    if (!holds) {
      throw new IllegalArgumentException(message.formatted(value));
    }
  }

  /** Pages that a bitmap covers. */
  public int pagesPerBitmap() {
    return pagesPerBitmap;
  }

  /** Bytes of address space that a bitmap covers: no range is longer. */
  public long bitmapBytes() {
    return (long) pagesPerBitmap << PAGE_SHIFT;
  }

  /** Bitmaps that there may be ({@code extensions}). */
  public int maxBitmaps() {
    return bitmaps.length;
  }

  /** Bitmaps that there are ({@code nr_bitmaps}); they are never given back. */
  public int bitmaps() {
    return inUse;
  }

  /** Pages that are taken. */
  public long taken() {
    long pages = 0;
    for (int i = 0; i < inUse; i++) {
      pages += bitmaps[i].taken();
    }
    return pages;
  }

  /**
   * Takes the lowest range that fits, in the bitmaps in their order; if none has room, in a new
   * bitmap.
   *
   * @param bytes its length, rounded up to whole pages
   * @return its address, or {@link #FAILED}
   */
  public long allocate(long bytes) {
    long count = pages(bytes);
    long alignMask = (1L << Math.min(order(count), alignOrder)) - 1;
    scanned = 0;
    searched = 0;
    for (int i = 0; i < inUse; i++) {
      long start = search(i, count, alignMask);
      if (start <= pagesPerBitmap) {
        return take(i, start, count);
      }
    }
    if (!extend()) {
      return FAILED;
    }
    long start = search(inUse - 1, count, alignMask);
    return start > pagesPerBitmap ? FAILED : take(inUse - 1, start, count);
  }

  /**
   * Gives a range back.
   *
   * @throws IllegalArgumentException if it is not wholly inside one bitmap that there may be, where
   *     Linux stops with {@code BUG}
   */
  public void free(long address, long bytes) {
    if (bytes == 0) {
      return;
    }
    if (!holds(address, bytes)) {
      throw new IllegalArgumentException(
          "%d bytes at 0x%x are not inside one bitmap of the window".formatted(bytes, address));
    }
    bitmaps[bitmapOf(address)].clear(startOf(address) >>> PAGE_SHIFT, bytes >>> PAGE_SHIFT);
  }

  /** Whether a range is wholly inside one bitmap that there is. */
  public boolean holds(long address, long bytes) {
    return address >= base
        && (address - base) / bitmapBytes() < inUse
        && startOf(address) + bytes <= bitmapBytes();
  }

  /**
   * Takes a range that somebody is known to have been given, free or not; makes the bitmaps for it.
   *
   * @return whether it is inside one bitmap that there may be, and was taken
   */
  public boolean adopt(long address, long bytes) {
    while (address >= base && !holds(address, bytes) && extend()) {
      // One more.
    }
    if (!holds(address, bytes)) {
      return false;
    }
    bitmaps[bitmapOf(address)].set(startOf(address) >>> PAGE_SHIFT, bytes >>> PAGE_SHIFT);
    return true;
  }

  private int bitmapOf(long address) {
    return (int) ((address - base) / bitmapBytes());
  }

  private long startOf(long address) {
    return (address - base) % bitmapBytes();
  }

  /** Bitmaps that the last allocation searched. */
  public int searched() {
    return searched;
  }

  /** Words of 64 bits that the last allocation looked at. */
  public long scanned() {
    return scanned;
  }

  /** {@code bytes} rounded up to whole pages, in pages. */
  static long pages(long bytes) {
    return bytes + PAGE - 1 >>> PAGE_SHIFT;
  }

  /** {@code get_order}: log2 of the pages, rounded up; 20 for none, as 32 bits have it. */
  private static int order(long pages) {
    return pages == 0 ? 32 - PAGE_SHIFT : 64 - Long.numberOfLeadingZeros(pages - 1);
  }

  private boolean extend() {
    if (inUse == bitmaps.length) {
      return false;
    }
    bitmaps[inUse++] = new Bitmap(pagesPerBitmap);
    return true;
  }

  private long search(int bitmap, long count, long alignMask) {
    long start = bitmaps[bitmap].findNextZeroArea(pagesPerBitmap, 0, count, alignMask);
    searched++;
    scanned += bitmaps[bitmap].scanned();
    return start;
  }

  private long take(int bitmap, long start, long count) {
    bitmaps[bitmap].set(start, count);
    return base + bitmap * bitmapBytes() + (start << PAGE_SHIFT);
  }
}
