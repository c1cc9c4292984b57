package dev.mapstorm.persistence.analysis.exposure;

import java.util.Arrays;

/**
 * The ranges of one domain that were queued and whose flush has not ended, oldest first, in a ring
 * that grows; and the domain's counts of flushes ({@code fq_flush_start_cnt}, {@code
 * fq_flush_finish_cnt}). Linux keeps a ring for each CPU; for the end of the exposure one is
 * enough, since ranges become reclaimable in the order in which they were queued.
 */
final class WaitingRanges {
  private static final int FIELDS = 5;
  private static final int CLEARED = 0;
  private static final int COUNTER = 1;
  private static final int PFN = 2;
  private static final int PAGES = 3;
  private static final int CLIENT = 4;

  private long[] ring = new long[64 * FIELDS];
  private long head;
  private long tail;
  private long startCount;
  private long finishCount;
  private long pages;
  private long most;
  private long mostPages;

  private int at(long index) {
    return (int) (index & capacity() - 1) * FIELDS;
  }

  void add(long clearedAt, long pfn, long pages, int client) {
    if (size() == capacity()) {
      grow();
    }
    int at = at(tail++);
    ring[at + CLEARED] = clearedAt;
    ring[at + COUNTER] = startCount;
    ring[at + PFN] = pfn;
    ring[at + PAGES] = pages;
    ring[at + CLIENT] = client;
    this.pages += pages;
    most = Math.max(most, size());
    mostPages = Math.max(mostPages, this.pages);
  }

  /** A flush of the domain began. */
  void started() {
    startCount++;
  }

  /** A flush of the domain ended. */
  void finished() {
    finishCount++;
  }

  /** Whether the oldest range may be reclaimed. */
  boolean reclaimable() {
    return head != tail && ring[at(head) + COUNTER] < finishCount;
  }

  /**
   * When the first of all entries were cleared: not always those of the range that was queued
   * first.
   */
  long firstClearedAt() {
    long earliest = Long.MAX_VALUE;
    for (long i = head; i < tail; i++) {
      earliest = Math.min(earliest, ring[at(i) + CLEARED]);
    }
    return earliest;
  }

  /**
   * Makes the oldest range that lies within some granules the first of all; those before it keep
   * their order.
   *
   * @return whether there is one
   */
  boolean bringForward(long pfn, long count) {
    for (long i = head; i < tail; i++) {
      int at = at(i);
      if (ring[at + PFN] >= pfn && ring[at + PFN] + ring[at + PAGES] <= pfn + count) {
        long[] found = Arrays.copyOfRange(ring, at, at + FIELDS);
        for (long j = i; j > head; j--) {
          System.arraycopy(ring, at(j - 1), ring, at(j), FIELDS);
        }
        System.arraycopy(found, 0, ring, at(head), FIELDS);
        return true;
      }
    }
    return false;
  }

  /** When the entries of the oldest range were cleared. */
  long clearedAt() {
    return ring[at(head) + CLEARED];
  }

  /** The oldest range as a row. */
  ExposureAnalysis.Exposed exposed(long ns, int host, int domain) {
    int at = at(head);
    return new ExposureAnalysis.Exposed(
        ns, host, domain, ring[at + PFN], ring[at + PAGES], (int) ring[at + CLIENT], clearedAt());
  }

  /** Forgets the oldest range. */
  void remove() {
    pages -= ring[at(head++) + PAGES];
  }

  /** Ranges that wait. */
  long size() {
    return tail - head;
  }

  /** Most ranges that waited at once. */
  long most() {
    return most;
  }

  /** Most granules that waited at once. */
  long mostPages() {
    return mostPages;
  }

  private int capacity() {
    return ring.length / FIELDS;
  }

  private void grow() {
    long[] old = ring;
    int oldMask = capacity() - 1;
    ring = new long[old.length * 2];
    for (long i = head; i < tail; i++) {
      System.arraycopy(old, (int) (i & oldMask) * FIELDS, ring, at(i), FIELDS);
    }
  }
}
