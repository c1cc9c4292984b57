package dev.mapstorm.persistence.replay;

import dev.mapstorm.persistence.primitive.LongIntMap;
import dev.mapstorm.persistence.primitive.SlotPool;
import java.util.Arrays;

/**
 * What each granule of a domain's address space is: the slot of the range that it belongs to and
 * its page-table entry. Blocks of 512 granules, as a leaf page table has, exist while one of their
 * granules is in use. Not thread-safe.
 */
final class GranuleTable {
  /** What {@link #owner} says of a granule that is free. */
  static final int NOBODY = -1;

  private static final int BLOCK_SHIFT = 9;
  private static final int BLOCK = 1 << BLOCK_SHIFT;
  private static final int BLOCK_MASK = BLOCK - 1;
  private static final int SHIFT_BITS = 8;
  private static final int SHIFT_MASK = (1 << SHIFT_BITS) - 1;

  private final LongIntMap blockOf = new LongIntMap();
  private final SlotPool blocks = new SlotPool();

  /** One more than the slot of each granule's owner. */
  private int[][] owners = new int[16][];

  /** Entries: physical granule and page shift; 0 when not present. */
  private long[][] entries = new long[16][];

  /** Owners and entries that are set in a block. */
  private int[] used = new int[16];

  private long present;
  private long lastBlock = -1;
  private int lastIndex;

  /** Granules with a present entry. */
  long present() {
    return present;
  }

  /** The block of a granule, or {@link LongIntMap#ABSENT}; remembers the last one. */
  private int find(long pfn) {
    long number = pfn >>> BLOCK_SHIFT;
    if (number != lastBlock) {
      int index = blockOf.get(number);
      if (index == LongIntMap.ABSENT) {
        return index;
      }
      lastBlock = number;
      lastIndex = index;
    }
    return lastIndex;
  }

  private int make(long pfn) {
    int index = find(pfn);
    if (index != LongIntMap.ABSENT) {
      return index;
    }
    index = blocks.acquire();
    if (index >= owners.length) {
      owners = Arrays.copyOf(owners, index * 2);
      entries = Arrays.copyOf(entries, index * 2);
      used = Arrays.copyOf(used, index * 2);
    }
    if (owners[index] == null) {
      owners[index] = new int[BLOCK];
      entries[index] = new long[BLOCK];
    }
    blockOf.put(pfn >>> BLOCK_SHIFT, index);
    lastBlock = pfn >>> BLOCK_SHIFT;
    lastIndex = index;
    return index;
  }

  private void left(long pfn, int index, int n) {
    used[index] -= n;
    if (used[index] == 0) {
      blockOf.remove(pfn >>> BLOCK_SHIFT);
      blocks.release(index);
      lastBlock = -1;
    }
  }

  /** Granules from {@code pfn} on that lie in its block, at most {@code pages}. */
  private static int inBlock(long pfn, long pages) {
    return (int) Math.min(pages, BLOCK - (pfn & BLOCK_MASK));
  }

  /** The slot that owns a granule, or {@link #NOBODY}. */
  int owner(long pfn) {
    int index = find(pfn);
    return index == LongIntMap.ABSENT ? NOBODY : owners[index][(int) pfn & BLOCK_MASK] - 1;
  }

  /** Gives granules to a slot; returns how many of them were somebody's already. */
  long own(long pfn, long pages, int slot) {
    long taken = 0;
    for (long p = pfn, end = pfn + pages; p < end; ) {
      int n = inBlock(p, end - p);
      int index = make(p);
      int[] block = owners[index];
      int fresh = 0;
      for (int i = (int) p & BLOCK_MASK, last = i + n; i < last; i++) {
        if (block[i] == 0) {
          fresh++;
        }
        block[i] = slot + 1;
      }
      used[index] += fresh;
      taken += n - fresh;
      p += n;
    }
    return taken;
  }

  /** Takes from a slot those of the granules that are its own. */
  void disown(long pfn, long pages, int slot) {
    for (long p = pfn, end = pfn + pages; p < end; ) {
      int n = inBlock(p, end - p);
      int index = find(p);
      if (index != LongIntMap.ABSENT) {
        int[] block = owners[index];
        int gone = 0;
        for (int i = (int) p & BLOCK_MASK, last = i + n; i < last; i++) {
          if (block[i] == slot + 1) {
            block[i] = 0;
            gone++;
          }
        }
        left(p, index, gone);
      }
      p += n;
    }
  }

  /** Writes entries; returns how many were present already. */
  long map(long pfn, long physPfn, long pages, int pageShift) {
    long replaced = 0;
    long entry = physPfn << SHIFT_BITS | pageShift;
    for (long p = pfn, end = pfn + pages; p < end; ) {
      int n = inBlock(p, end - p);
      int index = make(p);
      long[] block = entries[index];
      int fresh = 0;
      for (int i = (int) p & BLOCK_MASK, last = i + n; i < last; i++) {
        if (block[i] == 0) {
          fresh++;
        }
        block[i] = entry;
        entry += 1L << SHIFT_BITS;
      }
      used[index] += fresh;
      present += fresh;
      replaced += n - fresh;
      p += n;
    }
    return replaced;
  }

  /** Clears entries; returns how many were present. */
  long clear(long pfn, long pages) {
    long cleared = 0;
    for (long p = pfn, end = pfn + pages; p < end; ) {
      int n = inBlock(p, end - p);
      int index = find(p);
      if (index != LongIntMap.ABSENT) {
        long[] block = entries[index];
        int gone = 0;
        for (int i = (int) p & BLOCK_MASK, last = i + n; i < last; i++) {
          if (block[i] != 0) {
            block[i] = 0;
            gone++;
          }
        }
        left(p, index, gone);
        cleared += gone;
      }
      p += n;
    }
    present -= cleared;
    return cleared;
  }

  /** Where a granule leads, or -1 if its entry is not present. */
  long physPfn(long pfn) {
    int index = find(pfn);
    long entry = index == LongIntMap.ABSENT ? 0 : entries[index][(int) pfn & BLOCK_MASK];
    return entry == 0 ? -1 : entry >>> SHIFT_BITS;
  }

  /** Receives runs of entries. */
  interface RunVisitor {
    void run(long pfn, long physPfn, long pages, int pageShift);
  }

  /** Shows all present entries as runs, in ascending order. */
  void forEachRun(RunVisitor visitor) {
    long first = 0;
    long firstEntry = 0;
    long pages = 0;
    for (long number : blockOf.sortedKeys()) {
      long[] block = entries[blockOf.get(number)];
      for (int i = 0; i < BLOCK; i++) {
        long pfn = (number << BLOCK_SHIFT) + i;
        boolean goesOn =
            pages > 0 && pfn == first + pages && block[i] == firstEntry + (pages << SHIFT_BITS);
        if (goesOn) {
          pages++;
        } else {
          show(visitor, first, firstEntry, pages);
          pages = block[i] == 0 ? 0 : 1;
          first = pfn;
          firstEntry = block[i];
        }
      }
    }
    show(visitor, first, firstEntry, pages);
  }

  private static void show(RunVisitor visitor, long pfn, long entry, long pages) {
    if (pages > 0) {
      visitor.run(pfn, entry >>> SHIFT_BITS, pages, (int) entry & SHIFT_MASK);
    }
  }
}
