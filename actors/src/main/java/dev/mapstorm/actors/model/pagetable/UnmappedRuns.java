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
  private int[] tablePages = new int[8];
  private int size;
  private long unmappedBytes;
  private long ptesCleared;
  private int tablePagesFreed;
  private boolean splitsLargePage;

  /** Forgets everything recorded so far. */
  public void clear() {
    size = 0;
    unmappedBytes = 0;
    ptesCleared = 0;
    tablePagesFreed = 0;
    splitsLargePage = false;
  }

  /** Number of runs. */
  public int size() {
    return size;
  }

  /** First address of run {@code run}. */
  public long iova(int run) {
    return iova[within(run)];
  }

  /** Length of run {@code run} in bytes: page size times page count. */
  public long bytes(int run) {
    return bytes[within(run)];
  }

  /** Table pages that run {@code run} took out of the page table. */
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
    return tablePagesFreed;
  }

  /** Whether the range covers only a part of some large page, which was then left mapped. */
  public boolean splitsLargePage() {
    return splitsLargePage;
  }

  void add(long runIova, long runBytes) {
    if (size == iova.length) {
      iova = Arrays.copyOf(iova, size * 2);
      bytes = Arrays.copyOf(bytes, size * 2);
      tablePages = Arrays.copyOf(tablePages, size * 2);
    }
    iova[size] = runIova;
    bytes[size] = runBytes;
    tablePages[size] = 0;
    size++;
  }

  void addLeaf(long leafBytes) {
    ptesCleared++;
    unmappedBytes += leafBytes;
  }

  void addTablePage() {
    tablePages[size - 1]++;
    tablePagesFreed++;
  }

  void refuseSplit() {
    splitsLargePage = true;
  }

  private int within(int run) {
    if (run < 0 || run >= size) {
      throw new IndexOutOfBoundsException("run " + run + " of " + size);
    }
    return run;
  }
}
