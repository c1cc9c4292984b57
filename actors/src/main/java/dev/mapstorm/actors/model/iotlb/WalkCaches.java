package dev.mapstorm.actors.model.iotlb;

import dev.mapstorm.actors.model.pagetable.PageWalk;
import dev.mapstorm.actors.model.pagetable.Translation;

/**
 * The paging-structure caches of a unit: one for each level of tables above the lowest, which holds
 * entries that point to a table of the level below. A walk begins below the lowest entry that is
 * cached. "Fast and Safe IO Memory Protection" (SOSP 2024) calls them PTcache-L1 to L3, from the
 * top; that they are fully associative with LRU is an assumption.
 *
 * <p>Not thread safe.
 */
public final class WalkCaches {
  /** Tables have at most so many levels. */
  private static final int MAX_LEVELS = 6;

  private static final int SHIFT_4K = 12;

  /** More pieces of a range than these are not looked at one by one. */
  private static final long MOST_PIECES = 4096;

  private final boolean kept;

  /** By level of the entries, from 2. */
  private final Iotlb[] levels = new Iotlb[MAX_LEVELS + 1];

  private final PageWalk walk = new PageWalk();

  /**
   * Empty caches.
   *
   * @param entries of each
   * @param kept whether an invalidation of pages drops only what points to a table that is gone
   */
  public WalkCaches(int entries, boolean kept) {
    this.kept = kept;
    for (int level = 2; level <= MAX_LEVELS; level++) {
      levels[level] = new Iotlb(entries, entries);
    }
  }

  /**
   * Counts the reads that a walk takes with what is cached, and caches what it read.
   *
   * @param domain hardware's id of the domain
   * @param iova what was walked
   * @param table of the domain, in which nothing has changed since the walk
   * @param read table entries that the walk reads without caches, at least 1
   * @return at least 1, at most {@code read}
   */
  public int reads(int domain, long iova, Translation table, int read) {
    int top = table.levels();
    int end = top - read + 1;
    int from = top;
    for (int level = end + 1; level <= top && from == top; level++) {
      if (levels[level].lookup(domain, iova)) {
        from = level - 1;
      }
    }
    for (int level = end + 1; level <= from; level++) {
      levels[level].fill(domain, iova, table.entryShift(level), 0, 0);
    }
    return from - end + 1;
  }

  /** Drops all of a domain. */
  public void invalidateDomain(int domain) {
    for (int level = 2; level <= MAX_LEVELS; level++) {
      levels[level].invalidateDomain(domain);
    }
  }

  /**
   * Drops what an invalidation of pages drops.
   *
   * @param pfn first 4 KiB page frame
   * @param pages 4 KiB pages, positive
   * @param table of the domain as it is now
   */
  public void invalidatePages(int domain, long pfn, long pages, Translation table) {
    for (int level = 2; level <= MAX_LEVELS; level++) {
      if (levels[level].live() > 0) {
        int pageShift = level <= table.levels() ? table.entryShift(level) - SHIFT_4K : 0;
        boolean one = kept && level <= table.levels() && pages >> pageShift < MOST_PIECES;
        if (one) {
          dropWithoutTable(domain, pfn, pages, level, pageShift, table);
        } else {
          levels[level].invalidatePages(domain, pfn, pages);
        }
      }
    }
  }

  private void dropWithoutTable(
      int domain, long pfn, long pages, int level, int pageShift, Translation table) {
    long last = pfn + pages - 1 >>> pageShift;
    for (long piece = pfn >>> pageShift; piece <= last; piece++) {
      long first = Math.max(piece << pageShift, pfn);
      table.walk(first << SHIFT_4K, walk);
      boolean hasTable = walk.levelsRead() > table.levels() - level + 1;
      if (!hasTable) {
        levels[level].invalidatePages(domain, first, 1);
      }
    }
  }

  /** Entries in use at a level. */
  public int live(int level) {
    return levels[level].live();
  }
}
