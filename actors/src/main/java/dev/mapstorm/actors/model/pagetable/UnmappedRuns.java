package dev.mapstorm.actors.model.pagetable;

import java.util.Arrays;

/**
 * What one unmapping cleared, a run for each call that {@code __iommu_unmap} makes into the driver
 * ({@code unmap_pages}). The runs are what an {@link IotlbGather} gathers, one after the other.
 *
 * <p>Made once and used again for every unmapping; it grows to the longest one seen and then
 * allocates no more. Addresses and sizes in bytes. Not thread safe.
 */
public final class UnmappedRuns {
  private long[] iova = new long[8];
  private long[] bytes = new long[8];
  private long[] count = new long[8];
  private int[] shift = new int[8];
  private int[] tablePages = new int[8];
  private int size;
  private long unmappedBytes;
  private long ptesCleared;
  private long ptesWritten;
  private final TableList made = new TableList();
  private final TableList freed = new TableList();

  /** Forgets everything recorded so far. */
  public void clear() {
    size = 0;
    unmappedBytes = 0;
    ptesCleared = 0;
    ptesWritten = 0;
    made.clear();
    freed.clear();
  }

  /** Number of runs. */
  public int size() {
    return size;
  }

  /** First address of run {@code run}. */
  public long iova(int run) {
    return iova[within(run)];
  }

  /** Base-two logarithm of the page size of run {@code run}. */
  public int pageShift(int run) {
    return shift[within(run)];
  }

  /** Pages in run {@code run}, as asked of the driver; with generic_pt, as found. */
  public long count(int run) {
    return count[within(run)];
  }

  /**
   * Bytes that the driver says run {@code run} unmapped: page size times page count, unless a part
   * of a larger page was unmapped, there was a hole, or the call ended with a table.
   */
  public long bytes(int run) {
    return bytes[within(run)];
  }

  /**
   * Table pages that run {@code run} took out of the page table; with generic_pt all are with the
   * last. They follow each other in {@link #tablesFreed}.
   */
  public int tablePagesFreed(int run) {
    return tablePages[within(run)];
  }

  /** Bytes that were mapped and no longer are. */
  public long unmappedBytes() {
    return unmappedBytes;
  }

  /** Leaf page-table entries cleared, those inside freed table pages included. */
  public long ptesCleared() {
    return ptesCleared;
  }

  /** Table pages that all runs took out of the page table. */
  public int tablePagesFreed() {
    return freed.size();
  }

  /** The tables that all runs took out of the page table. */
  public TableList tablesFreed() {
    return freed;
  }

  /** The tables that were made to hold the rest of blocks that were split. */
  public TableList tablesMade() {
    return made;
  }

  /** Begins a run. */
  void add(long runIova, int pageShift, long pages) {
    if (size == iova.length) {
      iova = Arrays.copyOf(iova, size * 2);
      bytes = Arrays.copyOf(bytes, size * 2);
      count = Arrays.copyOf(count, size * 2);
      shift = Arrays.copyOf(shift, size * 2);
      tablePages = Arrays.copyOf(tablePages, size * 2);
    }
    iova[size] = runIova;
    bytes[size] = 0;
    count[size] = pages;
    shift[size] = pageShift;
    tablePages[size] = 0;
    size++;
  }

  /** Ends the run begun last. */
  void unmapped(long runBytes) {
    bytes[size - 1] = runBytes;
  }

  /** A page of a call without runs of its own: with those before it, or a new run. */
  void addPage(long page, int pageShift) {
    int last = size - 1;
    if (last < 0 || shift[last] != pageShift || iova[last] + bytes[last] != page) {
      add(page, pageShift, 0);
      last++;
    }
    count[last]++;
    bytes[last] += 1L << pageShift;
  }

  /** Leaf entries that are no more. */
  void addEntries(long entries, int entryShift) {
    ptesCleared += entries;
    unmappedBytes += entries << entryShift;
  }

  /** Entries that were written to hold the rest of a block. */
  void addSplit(long entries) {
    ptesWritten += entries;
  }

  void addTableFreed(int level, long first) {
    if (size > 0) {
      tablePages[size - 1]++;
    }
    freed.add(level, first);
  }

  void addTableMade(int level, long first) {
    made.add(level, first);
  }

  private int within(int run) {
    if (run < 0 || run >= size) {
      throw new IndexOutOfBoundsException("run " + run + " of " + size);
    }
    return run;
  }
}
