package dev.mapstorm.actors.model.pagetable;

/**
 * The range that one unmapping has to invalidate, gathered run by run as {@code
 * iommu_iotlb_gather_add_page} of {@code include/linux/iommu.h} in Linux 6.12 does for VT-d.
 *
 * <p>A run that neither touches nor overlaps the range gathered so far, or that is of another
 * length ({@code gather->pgsize}, for which VT-d passes the length of the whole run), first has the
 * gathered range invalidated and starts a new one. Table pages freed by a run are on the list
 * before that comparison, so an early invalidation already frees them and carries them in its hint.
 *
 * <p>Use: {@link #start}, {@link #add} for every run, invalidating whenever it answers true, then
 * {@link #finish}. In lazy mode nothing is gathered, only table pages are counted. Reusable; not
 * thread safe.
 */
public final class IotlbGather {
  private boolean queued;
  private boolean empty = true;
  private long start;
  private long end;
  private long pageSize;
  private int tablePages;
  private long syncStart;
  private long syncEnd;
  private long syncPageSize;
  private int syncTablePages;

  /**
   * Begins an unmapping.
   *
   * @param lazy whether the flush queue will invalidate ({@code gather.queued})
   */
  public void start(boolean lazy) {
    queued = lazy;
    tablePages = 0;
    restart();
  }

  /**
   * Gathers one run.
   *
   * @param iova first address
   * @param bytes its length
   * @param tablePagesFreed table pages it freed
   * @return whether the range of {@link #syncStart} to {@link #syncEnd} must be invalidated now
   */
  public boolean add(long iova, long bytes, int tablePagesFreed) {
    return add(iova, bytes, bytes, tablePagesFreed);
  }

  /**
   * Gathers one run of pages ({@code iommu_iotlb_gather_add_page} for each of them): a page size
   * other than that of the range so far has that invalidated first.
   *
   * @param iova first address
   * @param bytes its length
   * @param runPageSize bytes of each page, or what the driver says they are
   * @param tablePagesFreed table pages it freed
   * @return whether the range of {@link #syncStart} to {@link #syncEnd} must be invalidated now
   */
  public boolean add(long iova, long bytes, long runPageSize, int tablePagesFreed) {
    tablePages += tablePagesFreed;
    if (queued) {
      return false;
    }
    boolean sync = !empty && (pageSize != runPageSize || disjoint(iova, iova + bytes - 1));
    if (sync) {
      takeSync();
    }
    pageSize = runPageSize;
    widen(iova, bytes);
    return sync;
  }

  /**
   * Gathers one range whatever its pages ({@code iommu_iotlb_gather_add_range}, as AMD and
   * generic_pt do): one invalidation covers all, with the gaps between them.
   *
   * @param iova first address
   * @param bytes its length
   * @param tablePagesFreed table pages it freed; an earlier range that is invalidated first does
   *     not carry them
   * @param noGaps whether a range that does not touch what is gathered has that invalidated first
   *     ({@code FLUSH_RANGE_NO_GAPS})
   * @return whether the range of {@link #syncStart} to {@link #syncEnd} must be invalidated now
   */
  public boolean addRange(long iova, long bytes, int tablePagesFreed, boolean noGaps) {
    if (queued) {
      tablePages += tablePagesFreed;
      return false;
    }
    boolean sync = noGaps && !empty && disjoint(iova, iova + bytes - 1);
    if (sync) {
      takeSync();
    }
    tablePages += tablePagesFreed;
    widen(iova, bytes);
    return sync;
  }

  private void widen(long iova, long bytes) {
    long last = iova + bytes - 1;
    start = empty ? iova : Math.min(start, iova);
    end = empty ? last : Math.max(end, last);
    empty = false;
  }

  /**
   * Ends the unmapping.
   *
   * @return whether a last range is to be invalidated; false in lazy mode or if there was no run
   */
  public boolean finish() {
    if (queued || empty) {
      return false;
    }
    takeSync();
    return true;
  }

  /** First address of the range to invalidate. */
  public long syncStart() {
    return syncStart;
  }

  /** Last address of the range to invalidate, inclusive. */
  public long syncEnd() {
    return syncEnd;
  }

  /**
   * The invalidation hint (IH): true if no table page was freed, so that the hardware may keep what
   * it caches of the upper levels.
   */
  public boolean syncLeafOnly() {
    return syncTablePages == 0;
  }

  /** Bytes of each page of the range to invalidate; 0 if it was gathered as a range. */
  public long syncPageSize() {
    return syncPageSize;
  }

  /** Table pages that the invalidation frees. */
  public int syncTablePages() {
    return syncTablePages;
  }

  /** Table pages freed since the last invalidation; in lazy mode they go with the queue entry. */
  public int pendingTablePages() {
    return tablePages;
  }

  private boolean disjoint(long first, long last) {
    return end != 0 && (last + 1 < start || first > end + 1);
  }

  private void takeSync() {
    syncStart = start;
    syncEnd = end;
    syncPageSize = pageSize;
    syncTablePages = tablePages;
    tablePages = 0;
    restart();
  }

  private void restart() {
    empty = true;
    start = 0;
    end = 0;
    pageSize = 0;
  }
}
