package dev.mapstorm.actors.model.iotlb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.model.pagetable.PageWalk;
import dev.mapstorm.actors.model.pagetable.Translation;
import java.util.LinkedHashSet;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Paging-structure caches against a naive oracle, and what F&S says of them. */
class WalkCachesTest {
  private static final int LEVELS = 4;
  private static final int DOMAIN = 1;

  /** A table of 4 KiB pages of which somebody else says which tables there are. */
  private static final class Tables implements Translation {
    /** Numbers of the 2 MiB regions that have a table, and of the 1 GiB and 512 GiB regions. */
    private final Set<Long> regions = new TreeSet<>();

    void add(long iova) {
      for (int level = 2; level <= LEVELS; level++) {
        regions.add(key(level, iova));
      }
    }

    void remove(int level, long iova) {
      regions.remove(key(level, iova));
    }

    private long key(int level, long iova) {
      return (iova >>> entryShift(level)) * 8 + level;
    }

    int reads(long iova) {
      for (int level = LEVELS; level >= 2; level--) {
        if (!regions.contains(key(level, iova))) {
          return LEVELS - level + 1;
        }
      }
      return LEVELS;
    }

    @Override
    public boolean walk(long iova, PageWalk walk) {
      return walk.absent(reads(iova));
    }

    @Override
    public int levels() {
      return LEVELS;
    }

    @Override
    public int entryShift(int level) {
      return 12 + 9 * (level - 1);
    }
  }

  /** LRU of the numbers of regions, a level each. */
  private static final class Naive {
    private final int entries;
    private final Tables tables;
    private final LinkedHashSet<Long>[] levels;

    @SuppressWarnings({"unchecked", "rawtypes"})
    Naive(int entries, Tables tables) {
      this.entries = entries;
      this.tables = tables;
      levels = new LinkedHashSet[LEVELS + 1];
      for (int level = 2; level <= LEVELS; level++) {
        levels[level] = new LinkedHashSet<>();
      }
    }

    int reads(long iova) {
      int full = tables.reads(iova);
      int end = LEVELS - full + 1;
      int lowest = LEVELS + 1;
      for (int level = LEVELS; level > end; level--) {
        if (levels[level].contains(iova >>> tables.entryShift(level))) {
          lowest = level;
        }
      }
      if (lowest <= LEVELS) {
        touch(lowest, iova);
      }
      for (int level = end + 1; level < lowest; level++) {
        touch(level, iova);
      }
      return lowest - end;
    }

    private void touch(int level, long iova) {
      long number = iova >>> tables.entryShift(level);
      levels[level].remove(number);
      levels[level].add(number);
      if (levels[level].size() > entries) {
        levels[level].remove(levels[level].iterator().next());
      }
    }

    void invalidate(long pfn, long pages, boolean kept) {
      for (int level = 2; level <= LEVELS; level++) {
        int at = level;
        int shift = tables.entryShift(level);
        levels[level].removeIf(
            number ->
                number >= pfn << 12 >>> shift
                    && number <= (pfn + pages << 12) - 1 >>> shift
                    && !(kept
                        && tables.reads(Math.max(number << shift, pfn << 12)) > LEVELS - at + 1));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1, false", "3, false", "8, false", "3, true", "8, true"})
  void readsAreThoseOfANaiveCache(int entries, boolean kept) {
    Random random = new Random(entries * 2L + (kept ? 1 : 0));
    Tables tables = new Tables();
    WalkCaches caches = new WalkCaches(entries, kept);
    Naive naive = new Naive(entries, tables);
    for (int i = 0; i < 20_000; i++) {
      long iova =
          (random.nextInt(3) << 9 | random.nextInt(2)) * (1L << 30) + (random.nextInt(12) << 21);
      switch (random.nextInt(12)) {
        case 0, 1 -> tables.add(iova);
        case 2 -> tables.remove(2, iova);
        case 3 -> {
          long pages = 1 + random.nextInt(2000);
          caches.invalidatePages(DOMAIN, iova >>> 12, pages, tables);
          naive.invalidate(iova >>> 12, pages, kept);
        }
        case 4 -> {
          if (random.nextInt(50) == 0) {
            caches.invalidateDomain(DOMAIN);
            naive.invalidate(0, 1L << 40, false);
          }
        }
        default ->
            assertThat(caches.reads(DOMAIN, iova, tables, tables.reads(iova)))
                .as("step %d", i)
                .isEqualTo(naive.reads(iova));
      }
    }
  }

  @Test
  void theSecondWalkOfARegionReadsOneEntry() {
    Tables tables = new Tables();
    tables.add(0);
    WalkCaches caches = new WalkCaches(8, false);
    assertThat(caches.reads(DOMAIN, 0, tables, LEVELS)).isEqualTo(4);
    assertThat(caches.reads(DOMAIN, 4096, tables, LEVELS)).isEqualTo(1);
    assertThat(caches.reads(2, 4096, tables, LEVELS)).isEqualTo(4);
  }

  @Test
  void anInvalidationOfAPageDropsAllAboveItUnlessTheyAreKept() {
    Tables tables = new Tables();
    tables.add(0);
    WalkCaches linux = new WalkCaches(8, false);
    WalkCaches kept = new WalkCaches(8, true);
    linux.reads(DOMAIN, 0, tables, LEVELS);
    kept.reads(DOMAIN, 0, tables, LEVELS);
    linux.invalidatePages(DOMAIN, 5, 1, tables);
    kept.invalidatePages(DOMAIN, 5, 1, tables);
    assertThat(linux.reads(DOMAIN, 0, tables, LEVELS)).isEqualTo(4);
    assertThat(kept.reads(DOMAIN, 0, tables, LEVELS)).isEqualTo(1);
    tables.remove(2, 0);
    kept.invalidatePages(DOMAIN, 5, 1, tables);
    tables.add(0);
    // The table of the lowest level was gone: its entry went, those above stay.
    assertThat(kept.reads(DOMAIN, 0, tables, LEVELS)).isEqualTo(2);
  }
}
