package dev.mapstorm.actors.model.rdma;

/**
 * Makes memory regions of DMA vectors, as {@code ib_map_mr_sg} does for fast registration ({@code
 * ib_sg_to_pages}, drivers/infiniband/core/verbs.c of Linux 6.12). A region is a list of device
 * pages: its first vector may begin inside a page and its last one end inside a page; each other
 * one begins where a page does, or at the very byte after the one before. What does not fit goes to
 * the next region, which begins at the first byte that has no page yet.
 *
 * <p>Linux, after a list that is full in the middle of a vector, names the start of the last page
 * instead; its users let no vector be cut. Addresses and sizes in bytes. Not thread-safe.
 */
public final class PageList {
  private final int maxPages;
  private final long pageSize;
  private int regions;
  private long entries;

  /**
   * For regions of a device.
   *
   * @param maxPages pages that the list of a region holds, at least 1
   * @param pageSize of the device, a power of two
   * @throws IllegalArgumentException if they are not
   */
  public PageList(int maxPages, long pageSize) {
    if (maxPages < 1 || Long.bitCount(pageSize) != 1) {
      throw new IllegalArgumentException(
          "a region needs a page and a page size that is a power of two, not %d of %d bytes"
              .formatted(maxPages, pageSize));
    }
    this.maxPages = maxPages;
    this.pageSize = pageSize;
  }

  /**
   * Makes regions of all vectors; {@link #regions} and {@link #entries} say what came of it.
   *
   * @param vectors pairs of DMA address and length, none of them empty
   */
  public void build(long[] vectors) {
    regions = 0;
    entries = 0;
    long from = 0;
    for (int i = 0; i < vectors.length; ) {
      regions++;
      long end = 0;
      int pages = 0;
      for (; i < vectors.length; i += 2, from = 0) {
        long start = vectors[i] + from;
        boolean first = pages == 0;
        boolean continues = start == end;
        boolean onPages = offset(start) == 0 && offset(end) == 0;
        if (!first && !onPages && !continues) {
          break;
        }
        long page = start - offset(start);
        if (!first && !onPages) {
          // The page that the vector before ended in is in the list.
          page += pageSize;
        }
        end = vectors[i] + vectors[i + 1];
        while (page < end && pages < maxPages) {
          pages++;
          page += pageSize;
        }
        if (page < end) {
          from = page - vectors[i];
          break;
        }
      }
      entries += pages;
    }
  }

  private long offset(long address) {
    return address & pageSize - 1;
  }

  /** Regions that the vectors became. */
  public int regions() {
    return regions;
  }

  /** Pages in the lists of all of them. */
  public long entries() {
    return entries;
  }
}
