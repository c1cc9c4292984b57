package dev.mapstorm.actors.model.tce;

import dev.mapstorm.actors.model.bitmap.Bitmap;

/**
 * The entries of a window and who has them: {@code struct iommu_table} with its pools ({@code
 * iommu_init_table}, {@code iommu_range_alloc}, {@code get_pool}, {@code iommu_area_alloc}).
 *
 * <p>A window of 1 GiB and more has four small pools of three sixteenths each, a smaller one has
 * one of three quarters; the last quarter is the pool for ranges of more than 15 entries. A pool
 * has a lock and a hint: where its next search begins. A CPU prefers one small pool ({@link
 * #poolOf}). When its pool has no room, the search goes on in the others, small and large, whatever
 * the range's size, and sets the hint of every pool it turns to back to the pool's start.
 *
 * <p>Entries are counted from the window's start here. Not thread-safe; no operation allocates
 * memory.
 */
public final class IommuTable {
  /** Answer of {@link #allocate} when there is no room ({@code DMA_MAPPING_ERROR}). */
  public static final long FAILED = -1;

  /** Small pools of a window of 1 GiB and more ({@code IOMMU_NR_POOLS}). */
  public static final int POOLS = 4;

  /** Its own pool, all small ones, the large one; for each once more pool 0 for a short mask. */
  private static final int MAX_TURNS = 2 * (POOLS + 3);

  private static final long LARGE = 15;
  private static final long GIB = 1L << 30;
  private static final int GOLDEN_RATIO_32 = 0x61C88647;

  private final int pageShift;
  private final int tceShift;
  private final long offset;
  private final long size;
  private final long blockSize;
  private final boolean noVmerge;
  private final Bitmap map;
  private final int pools;
  private final long poolSize;

  /** Of each small pool, and of the large one last: where the next search begins. */
  private final long[] hint;

  private final int[] turnPool = new int[MAX_TURNS];
  private final long[] turnScanned = new long[MAX_TURNS];
  private int turns;
  private int searches;

  /** A table of which only what is reserved is taken ({@code iommu_init_table}). */
  public IommuTable(TceWindow window) {
    pageShift = window.pageShift();
    tceShift = window.tceShift();
    offset = window.offset();
    size = window.size();
    blockSize = window.blockSize();
    noVmerge = window.noVmerge();
    map = new Bitmap(size);
    pools = size << tceShift >= GIB ? POOLS : 1;
    poolSize = size * 3 / 4 / pools;
    hint = new long[pools + 1];
    allPoolsSearched();
    reserve(window.reservedFirst(), window.reservedEnd());
  }

  /** {@code iommu_table_reserve_pages}. */
  private void reserve(long from, long to) {
    if (offset == 0) {
      map.set(0, 1);
    }
    long first = Math.max(from, offset);
    long end = Math.min(to, offset + size);
    if (first < end) {
      map.set(first - offset, end - first);
    }
  }

  /**
   * The small pool that a CPU prefers in a table with four of them: {@code hash_32(cpu,
   * ilog2(IOMMU_NR_POOLS))} of {@code setup_iommu_pool_hash}.
   */
  public static int poolHash(int cpu) {
    return cpu * GOLDEN_RATIO_32 >>> 30;
  }

  /** The small pool of this table that a CPU with this hash prefers. */
  public int poolOf(int poolHash) {
    return poolHash & pools - 1;
  }

  /** log2 of the system's page. */
  public int pageShift() {
    return pageShift;
  }

  /** log2 of the bytes that an entry maps. */
  public int tceShift() {
    return tceShift;
  }

  /** The window's first entry, counted from DMA address 0. */
  public long offset() {
    return offset;
  }

  /** Entries of the window. */
  public long size() {
    return size;
  }

  /** Whether vectors of a list are never merged. */
  public boolean noVmerge() {
    return noVmerge;
  }

  /** Small pools: 1 or {@link #POOLS}. The large pool has this number. */
  public int pools() {
    return pools;
  }

  /** Entries of a small pool. */
  public long poolSize() {
    return poolSize;
  }

  /** First entry of the large pool; it ends with the table. */
  public long largeStart() {
    return start(pools);
  }

  /** Where the next search in a pool begins. */
  public long hint(int pool) {
    return hint[pool];
  }

  /** All hints, to be put back with {@link #setHints}. */
  public long[] hints() {
    return hint.clone();
  }

  /** Puts the hints back to what {@link #hints} gave. */
  public void setHints(long[] hints) {
    System.arraycopy(hints, 0, hint, 0, hint.length);
  }

  /** Leaves the hints as an allocation does that found room in no pool. */
  public void allPoolsSearched() {
    for (int i = 0; i <= pools; i++) {
      hint[i] = start(i);
    }
  }

  /**
   * Takes a range that somebody is known to have been given, free or not, and leaves the hint of
   * its pool as an allocation does.
   */
  public void adopt(long entry, long count) {
    map.set(entry, count);
    hint[pool(entry)] = count > LARGE ? entry + count : blockAfter(entry + count);
  }

  /** Entries that are taken, with those that are reserved. */
  public long taken() {
    return map.taken();
  }

  /** The pool that an entry is in ({@code get_pool}): whose lock freeing it takes. */
  public int pool(long entry) {
    return Long.compareUnsigned(entry, largeStart()) >= 0 ? pools : (int) (entry / poolSize);
  }

  /** Pools that the last allocation locked, one after the other; one may come again. */
  public int turns() {
    return turns;
  }

  /** The pool of a turn of the last allocation. */
  public int turnPool(int turn) {
    return turnPool[turn];
  }

  /** Words of 64 bits that the last allocation looked at in a turn. */
  public long turnScanned(int turn) {
    return turnScanned[turn];
  }

  /** Searches that the last allocation made: 1 if it found room at once. */
  public int searches() {
    return searches;
  }

  private long start(int pool) {
    return poolSize * pool;
  }

  private long end(int pool) {
    return pool == pools ? size : start(pool + 1);
  }

  /**
   * Takes a range ({@code iommu_range_alloc}).
   *
   * @param count its entries; for 0 nothing is done and the answer is {@link #FAILED}
   * @param handle where the range before of a list ended, so that this one may follow it; 0 for
   *     none
   * @param preferred the small pool that the CPU prefers
   * @param deviceMask highest address that the device drives, unsigned ({@link DeviceReach#mask})
   * @param segBoundaryMask see {@link DeviceReach#segBoundaryMask}
   * @param alignOrder the range begins at a multiple of {@code 2^alignOrder} entries from the
   *     table's start
   * @return its first entry, or {@link #FAILED}
   * @throws IllegalArgumentException if the device cannot reach the window's first entry, which
   *     Linux does not let a driver ask for; or if a range is free but no boundary leaves room for
   *     {@code count} entries, where Linux never returns
   */
  public long allocate(
      long count,
      long handle,
      int preferred,
      long deviceMask,
      long segBoundaryMask,
      int alignOrder) {
    // dma_get_seg_boundary_nr_pages
    long boundary = (segBoundaryMask >>> tceShift) + 1;
    turns = 0;
    searches = 0;
    if (count == 0) {
      return FAILED;
    }
    long mask = deviceMask >>> tceShift;
    if (mask < offset) {
      throw new IllegalArgumentException(
          "a device with mask %s does not reach the window at entry %d"
              .formatted(Long.toUnsignedString(deviceMask), offset));
    }
    boolean large = count > LARGE;
    int small = preferred;
    int pool = large ? pools : small;
    lock(pool);
    for (int pass = 0; ; pass++) {
      boolean follow = pass == 0 && handle != 0 && handle >= start(pool) && handle < end(pool);
      long start = follow ? handle : hint[pool];
      long limit = end(pool);
      // A small range after a large one, or the last range ended where the pool does.
      if (start >= limit) {
        start = start(pool);
      }
      if (limit + offset > mask) {
        limit = mask - offset + 1;
        if ((start & mask) >= limit || pass > 0) {
          pool = 0;
          lock(pool);
          start = start(pool);
        } else {
          start &= mask;
        }
      }
      long found = area(limit, start, count, boundary, (1L << alignOrder) - 1);
      if (found >= 0) {
        hint[pool] = large ? found + count : blockAfter(found + count);
        return found;
      }
      if (pass == 0) {
        hint[pool] = start(pool);
      } else if (pass <= pools) {
        small = small + 1 & pools - 1;
        pool = turnTo(small);
      } else if (pass == pools + 1) {
        pool = turnTo(pools);
      } else {
        return FAILED;
      }
    }
  }

  private void lock(int pool) {
    turnPool[turns] = pool;
    turnScanned[turns] = 0;
    turns++;
  }

  private int turnTo(int pool) {
    lock(pool);
    hint[pool] = start(pool);
    return pool;
  }

  private long blockAfter(long entry) {
    return entry + blockSize - 1 & -blockSize;
  }

  /** {@code iommu_area_alloc}; -1 if there is no room. The last entry before the limit is left. */
  private long area(long limit, long start, long count, long boundary, long alignMask) {
    searches++;
    long end = limit - 1;
    long from = start;
    while (true) {
      long index = map.findNextZeroArea(end, from, count, alignMask);
      turnScanned[turns - 1] += map.scanned();
      if (index >= end) {
        return -1;
      }
      long inBoundary = offset + index & boundary - 1;
      if (inBoundary + count <= boundary) {
        map.set(index, count);
        return index;
      }
      long next = (offset + index + boundary - 1 & -boundary) - offset;
      if (next == index) {
        throw new IllegalArgumentException(
            "%d entries do not fit a segment boundary of %d: Linux searches for ever"
                .formatted(count, boundary));
      }
      from = next;
    }
  }

  /**
   * Whether a range is inside the table ({@code iommu_free_check}); one that is not, Linux reports
   * and does not free.
   */
  public boolean holds(long entry, long count) {
    return entry >= 0 && entry + count <= size;
  }

  /** Gives a range back, under the lock of its {@link #pool}. No hint moves. */
  public void free(long entry, long count) {
    map.clear(entry, count);
  }
}
