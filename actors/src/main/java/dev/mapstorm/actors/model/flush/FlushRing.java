package dev.mapstorm.actors.model.flush;

/**
 * One ring of a flush queue ({@code struct iova_fq}): what waits, oldest first. It holds one entry
 * less than its size; its memory grows with what it held at most. Not thread-safe.
 */
final class FlushRing {
  private static final int FIRST_ENTRIES = 4;

  private final int size;
  private long[] pfn;
  private long[] pages;
  private int[] tablePages;
  private long[] counter;
  private int first;
  private int held;

  /**
   * An empty ring.
   *
   * @param size its entries, a power of two from 2
   */
  FlushRing(int size) {
    this.size = size;
    int capacity = Math.min(size, FIRST_ENTRIES);
    pfn = new long[capacity];
    pages = new long[capacity];
    tablePages = new int[capacity];
    counter = new long[capacity];
  }

  /** Entries held. */
  int held() {
    return held;
  }

  /** {@code fq_full}. */
  boolean isFull() {
    return held == size - 1;
  }

  /** Where entry {@code i} lies, counted from the oldest. */
  private int at(int i) {
    return first + i & pfn.length - 1;
  }

  /**
   * {@code fq_ring_add}: a ring that is full looks empty behind it, and so forgets all that it
   * holds and this entry.
   *
   * @return entries forgotten
   */
  int add(long rangePfn, long rangePages, int freedTablePages, long flushesStarted) {
    if (isFull()) {
      int lost = held + 1;
      held = 0;
      return lost;
    }
    if (held == pfn.length) {
      grow();
    }
    int entry = at(held++);
    pfn[entry] = rangePfn;
    pages[entry] = rangePages;
    tablePages[entry] = freedTablePages;
    counter[entry] = flushesStarted;
    return 0;
  }

  /** The count of flushes started when the oldest entry was added; there must be one. */
  long oldestCounter() {
    return counter[first];
  }

  /** Removes the oldest entry and hands it to {@code reclaimer}. */
  void reclaimOldest(int cpu, IovaReclaimer reclaimer) {
    int entry = first;
    first = at(1);
    held--;
    reclaimer.reclaim(cpu, pfn[entry], pages[entry], tablePages[entry]);
  }

  void forEach(FlushQueue.EntryVisitor visitor) {
    for (int i = 0; i < held; i++) {
      visitor.entry(pfn[at(i)], pages[at(i)]);
    }
  }

  private void grow() {
    int capacity = pfn.length * 2;
    pfn = unrolled(pfn, capacity);
    pages = unrolled(pages, capacity);
    counter = unrolled(counter, capacity);
    int[] tables = new int[capacity];
    for (int i = 0; i < held; i++) {
      tables[i] = tablePages[first + i & tablePages.length - 1];
    }
    tablePages = tables;
    first = 0;
  }

  private long[] unrolled(long[] from, int capacity) {
    long[] to = new long[capacity];
    for (int i = 0; i < held; i++) {
      to[i] = from[first + i & from.length - 1];
    }
    return to;
  }
}
