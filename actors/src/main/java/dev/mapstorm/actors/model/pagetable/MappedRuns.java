package dev.mapstorm.actors.model.pagetable;

import java.util.Arrays;

/**
 * What one mapping wrote: runs of equal pages in order, the table pages it allocated, and the
 * invalidations it needs because a large page took the place of an empty table.
 *
 * <p>Made once and used again for every mapping; it grows to the longest mapping seen and then
 * allocates no more. Addresses and sizes in bytes. Not thread safe.
 */
public final class MappedRuns {
  private long[] iova = new long[16];
  private long[] phys = new long[16];
  private long[] count = new long[16];
  private long[] asked = new long[16];
  private int[] shift = new int[16];
  private int size;
  private long ptesWritten;
  private final TableList made = new TableList();
  private final TableList freed = new TableList();
  private long[] replacedStart = new long[2];
  private long[] replacedEnd = new long[2];
  private int replaced;
  private int topsAdded;
  private long conflict;

  /** Forgets everything recorded so far. */
  public void clear() {
    clearRuns();
    made.clear();
    freed.clear();
    replaced = 0;
    topsAdded = 0;
    conflict = 0;
  }

  /** Number of runs. */
  public int size() {
    return size;
  }

  /** First I/O virtual address of run {@code run}. */
  public long iova(int run) {
    return iova[within(run)];
  }

  /** First physical address of run {@code run}. */
  public long phys(int run) {
    return phys[within(run)];
  }

  /** Bytes of each page of run {@code run}. */
  public long pageSize(int run) {
    return 1L << shift[within(run)];
  }

  /** Base-two logarithm of {@link #pageSize}. */
  public int pageShift(int run) {
    return shift[within(run)];
  }

  /** Pages in run {@code run}. */
  public long count(int run) {
    return count[within(run)];
  }

  /**
   * Pages that the driver was asked for in run {@code run}: more than {@link #count} where its call
   * ended with a table, and another run follows.
   */
  public long asked(int run) {
    return asked[within(run)];
  }

  /**
   * Page-table entries written. More than the pages mapped when a page is held as replicated
   * entries; 0 if only {@link PageSizes#split} filled this.
   */
  public long ptesWritten() {
    return ptesWritten;
  }

  /** Table pages allocated on the way to the leaves. */
  public int tablePagesAllocated() {
    return made.size();
  }

  /** The tables allocated, new tops included. */
  public TableList tablesMade() {
    return made;
  }

  /** Table pages that large pages replaced ({@code switch_to_super_page}). */
  public int tablePagesReplaced() {
    return freed.size();
  }

  /** The tables that large pages replaced. */
  public TableList tablesFreed() {
    return freed;
  }

  /**
   * Levels by which the table grew ({@code increase_address_space} of AMD): each has the device
   * table entries written anew.
   */
  public int topsAdded() {
    return topsAdded;
  }

  /**
   * Number of range invalidations that the replacement of tables makes necessary, in order. VT-d of
   * Linux 6.12 makes one for each entry that led to a table, from it to the end of its run; AMD one
   * for the run that has such an entry; io-pgtable-arm one walk flush for each entry; generic_pt
   * gathers one, from the first such entry to the end of the last.
   */
  public int invalidations() {
    return replaced;
  }

  /** First address of invalidation {@code i}. */
  public long invalidationStart(int i) {
    return replacedStart[i];
  }

  /**
   * Inclusive end of invalidation {@code i}. As VT-d hands it to {@code cache_tag_flush_range} it
   * is the first byte of the last 4 KiB page.
   */
  public long invalidationEnd(int i) {
    return replacedEnd[i];
  }

  /** The address that was already mapped, if the mapping was refused for that; else 0. */
  public long conflictIova() {
    return conflict;
  }

  void add(long runIova, long runPhys, int pageShift, long pages) {
    if (size == iova.length) {
      int capacity = size * 2;
      iova = Arrays.copyOf(iova, capacity);
      phys = Arrays.copyOf(phys, capacity);
      count = Arrays.copyOf(count, capacity);
      asked = Arrays.copyOf(asked, capacity);
      shift = Arrays.copyOf(shift, capacity);
    }
    iova[size] = runIova;
    phys[size] = runPhys;
    count[size] = pages;
    asked[size] = pages;
    shift[size] = pageShift;
    size++;
  }

  void addPtesWritten(long ptes) {
    ptesWritten += ptes;
  }

  void addTableMade(int level, long first) {
    made.add(level, first);
  }

  void addTableFreed(int level, long first) {
    freed.add(level, first);
  }

  void addTopAdded() {
    topsAdded++;
  }

  void addInvalidation(long start, long end) {
    if (replaced == replacedStart.length) {
      replacedStart = Arrays.copyOf(replacedStart, replaced * 2);
      replacedEnd = Arrays.copyOf(replacedEnd, replaced * 2);
    }
    replacedStart[replaced] = start;
    replacedEnd[replaced] = end;
    replaced++;
  }

  /** Adds an invalidation, or widens the one that there is. */
  void widenInvalidation(long start, long end) {
    if (replaced == 0) {
      addInvalidation(start, end);
      return;
    }
    replacedStart[replaced - 1] = Math.min(replacedStart[replaced - 1], start);
    replacedEnd[replaced - 1] = Math.max(replacedEnd[replaced - 1], end);
  }

  /** A run is shorter than was thought when it was added. */
  void shortenLast(long pages) {
    count[size - 1] = pages;
  }

  void refuse(long conflictIova) {
    clearRuns();
    conflict = conflictIova;
  }

  private void clearRuns() {
    size = 0;
    ptesWritten = 0;
  }

  private int within(int run) {
    if (run < 0 || run >= size) {
      throw new IndexOutOfBoundsException("run " + run + " of " + size);
    }
    return run;
  }
}
