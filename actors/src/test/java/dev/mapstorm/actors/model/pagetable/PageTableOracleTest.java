package dev.mapstorm.actors.model.pagetable;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * The page table against a list of live pages and a set of table pages, to which the rules of each
 * driver are applied in the plainest way. The space is small, so that ranges collide; it lies
 * across the end of a top table where the format grows or joins tops.
 */
class PageTableOracleTest {
  /** Granules of the space: four tables of the last level. */
  private static final long SPACE = 4 * 512;

  private static final int PROT = PageTable.READ;

  /** One operation: map or unmap so many granules at a granule, from a physical one. */
  record Op(boolean map, long page, long phys, long pages) {}

  /** A format, and where the space begins. */
  record Setting(PageTableFormat format, long base) {}

  @Property(tries = 600, edgeCases = EdgeCasesMode.NONE)
  void tableHoldsThePagesAndTablesThatTheRulesSay(
      @ForAll("settings") Setting setting, @ForAll("operations") List<Op> operations) {
    PageTable table = new PageTable(setting.format);
    Oracle oracle = new Oracle(setting.format);
    int shift = setting.format.granuleShift();
    for (Op op : operations) {
      long iova = setting.base + (op.page << shift);
      if (op.map) {
        map(table, oracle, iova, op.phys << shift, op.pages << shift);
      } else {
        unmap(table, oracle, iova, op.pages << shift);
      }
      assertThat(table.mappedPages()).isEqualTo(oracle.bytes() >>> shift);
      assertThat(table.mappedLeaves()).isEqualTo(oracle.pages.size());
      assertThat(table.levels()).isEqualTo(oracle.levels);
      assertThat(table.tablePages()).isEqualTo(oracle.tables.size() + setting.format.topPages());
    }
    compare(table, oracle, setting);
  }

  @Provide
  Arbitrary<Setting> settings() {
    long table = 1L << 21;
    return Arbitraries.of(
        new Setting(PageTableFormat.vtd(3, PageSizes.VTD_4K_2M_1G), 0),
        new Setting(PageTableFormat.vtd(4, 1L << 12 | 1L << 21), (1L << 39) - table),
        new Setting(PageTableFormat.amdV1(PageTableFormat.AMD_V1_SIZES), (1L << 39) - 2 * table),
        new Setting(PageTableFormat.amdV2(4), 0),
        new Setting(PageTableFormat.lpaeStage1(12, 39, 48), 0),
        new Setting(PageTableFormat.lpaeStage1(12, 48, 48).with(DriverRules.LPAE_NO_SPLIT), table),
        new Setting(PageTableFormat.lpaeStage2(12, 40, 48), (1L << 39) - 2 * table),
        new Setting(PageTableFormat.genericVtd(4, PageSizes.VTD_4K_2M_1G), (1L << 39) - table),
        new Setting(
            PageTableFormat.genericAmdV1(PageTableFormat.AMD_V1_SIZES), (1L << 39) - 2 * table),
        new Setting(PageTableFormat.riscv(3, true), 0));
  }

  @Provide
  Arbitrary<List<Op>> operations() {
    Arbitrary<Long> fine = Arbitraries.longs().between(0, SPACE - 1);
    Arbitrary<Long> page = Arbitraries.oneOf(fine, fine.map(p -> p & -64), fine.map(p -> p & -512));
    Arbitrary<Long> length =
        Arbitraries.oneOf(
            Arbitraries.longs().between(1, 4),
            Arbitraries.of(8L, 64L, 512L, 1024L),
            Arbitraries.longs().between(1, 1200));
    return Combinators.combine(Arbitraries.of(true, true, false), page, page, length)
        .as((map, at, phys, pages) -> new Op(map, at, phys, Math.min(pages, SPACE - at)))
        .list()
        .ofMaxSize(60);
  }

  private static void map(PageTable table, Oracle oracle, long iova, long phys, long size) {
    if (!oracle.free(iova, size)) {
      // What is refused may have made tables, of which the oracle does not know.
      PageTable copy = oracle.copy();
      assertThat(copy.map(iova, phys, size, PROT, new MappedRuns()))
          .isEqualTo(MapResult.ALREADY_MAPPED);
      assertThat(copy.mappedLeaves()).isEqualTo(oracle.pages.size());
      assertThat(copy.mappedPages() << copy.format().granuleShift()).isEqualTo(oracle.bytes());
      return;
    }
    MappedRuns runs = new MappedRuns();
    assertThat(table.map(iova, phys, size, PROT, runs)).isEqualTo(MapResult.MAPPED);
    oracle.map(iova, phys, size);
    assertThat(tables(runs.tablesMade())).isEqualTo(oracle.made);
    assertThat(tables(runs.tablesFreed())).isEqualTo(oracle.freed);
  }

  private static void unmap(PageTable table, Oracle oracle, long iova, long size) {
    long before = oracle.bytes();
    UnmappedRuns runs = new UnmappedRuns();
    assertThat(table.unmap(iova, size, runs)).isEqualTo(oracle.unmap(iova, size));
    assertThat(runs.unmappedBytes()).isEqualTo(before - oracle.bytes());
    assertThat(tables(runs.tablesMade())).isEqualTo(oracle.made);
    assertThat(tables(runs.tablesFreed())).isEqualTo(oracle.freed);
  }

  private static TreeSet<String> tables(TableList list) {
    TreeSet<String> names = new TreeSet<>();
    for (int i = 0; i < list.size(); i++) {
      names.add(Oracle.name(list.level(i), list.iova(i)));
    }
    assertThat(names).hasSize(list.size());
    return names;
  }

  private static void compare(PageTable table, Oracle oracle, Setting setting) {
    PageWalk walk = new PageWalk();
    int shift = setting.format.granuleShift();
    for (long page = 0; page < SPACE; page++) {
      long iova = setting.base + (page << shift) + 7;
      Map.Entry<Long, long[]> expected = oracle.at(iova);
      assertThat(table.walk(iova, walk)).isEqualTo(expected != null);
      if (expected != null) {
        assertThat(walk.phys()).isEqualTo(expected.getValue()[1] + iova - expected.getKey());
        assertThat(1L << walk.pageShift()).isEqualTo(expected.getValue()[0]);
      }
    }
    List<Long> visited = new ArrayList<>();
    table.forEachMapping((iova, phys, pageShift, prot) -> visited.add(iova));
    assertThat(visited).containsExactlyElementsOf(oracle.pages.keySet());
  }

  /** The rules, applied to a map of pages (address to bytes and physical address). */
  private static final class Oracle {
    final PageTableFormat format;
    final TreeMap<Long, long[]> pages = new TreeMap<>();

    /** All tables but the top. */
    final TreeSet<String> tables = new TreeSet<>();

    final TreeSet<String> made = new TreeSet<>();
    final TreeSet<String> freed = new TreeSet<>();
    int levels;

    Oracle(PageTableFormat format) {
      this.format = format;
      levels = format.levels();
    }

    static String name(int level, long base) {
      return level + "@" + Long.toHexString(base);
    }

    long bytes() {
      return pages.values().stream().mapToLong(page -> page[0]).sum();
    }

    /** Bytes that a table of a level covers. */
    long cover(int level) {
      return 1L << format.granuleShift() + level * format.indexBits();
    }

    Map.Entry<Long, long[]> at(long iova) {
      Map.Entry<Long, long[]> page = pages.floorEntry(iova);
      return page != null && iova < page.getKey() + page.getValue()[0] ? page : null;
    }

    boolean free(long iova, long size) {
      return at(iova) == null && pages.subMap(iova, iova + size).isEmpty();
    }

    PageTable copy() {
      PageTable copy = new PageTable(format);
      pages.forEach((iova, page) -> copy.map(iova, page[1], page[0], PROT, new MappedRuns()));
      return copy;
    }

    /** The largest page that fits, as often as it takes. */
    private long largest(long iova, long phys, long size) {
      long best = 0;
      for (long page = 1L << format.granuleShift(); page <= size; page <<= 1) {
        if ((format.pageSizes() & page) != 0 && (iova | phys) % page == 0) {
          best = page;
        }
      }
      return best;
    }

    void map(long iova, long phys, long size) {
      made.clear();
      freed.clear();
      for (long done = 0; done < size; ) {
        long page = largest(iova + done, phys + done, size - done);
        int level = format.leafLevel(Long.numberOfTrailingZeros(page));
        while (levels < format.maxLevels() && (iova + size > cover(levels) || level > levels)) {
          add(levels, 0);
          made.remove(name(levels, 0));
          levels++;
          made.add(name(levels, 0));
        }
        for (int l = level; l < levels; l++) {
          add(l, (iova + done) / cover(l) * cover(l));
        }
        freeTables(iova + done, iova + done + page);
        pages.put(iova + done, new long[] {page, phys + done});
        done += page;
      }
    }

    private void add(int level, long base) {
      if (tables.add(name(level, base))) {
        made.add(name(level, base));
      }
    }

    /** Frees the tables that lie in a range. */
    private void freeTables(long from, long to) {
      for (String table : List.copyOf(tables)) {
        int at = table.indexOf('@');
        long base = Long.parseLong(table.substring(at + 1), 16);
        if (base >= from && base + cover(Integer.parseInt(table.substring(0, at))) <= to) {
          tables.remove(table);
          freed.add(table);
        }
      }
    }

    long unmap(long iova, long size) {
      made.clear();
      freed.clear();
      if (format.rules() == DriverRules.GENERIC_PT) {
        return unmapRange(iova, size);
      }
      long done = 0;
      while (done < size) {
        long at = iova + done;
        long page = largest(at, at, size - done);
        long bytes =
            switch (format.rules()) {
              case VTD -> vtd(at, chunk(at, page, size - done));
              case AMD -> amd(at, page);
              default -> lpae(at, page);
            };
        if (bytes == 0) {
          break;
        }
        done += bytes;
      }
      return done;
    }

    /** Bytes of pages of one size that the core asks for at once. */
    private long chunk(long iova, long page, long left) {
      long bytes = 0;
      while (bytes < left && largest(iova + bytes, iova + bytes, left - bytes) == page) {
        bytes += page;
      }
      return bytes;
    }

    private long vtd(long iova, long asked) {
      int level = levels;
      while (level > 1
          && tables.contains(name(level - 1, iova / cover(level - 1) * cover(level - 1)))) {
        level--;
      }
      long bytes = Math.max(asked, cover(level - 1));
      pages
          .entrySet()
          .removeIf(p -> p.getKey() >= iova && p.getKey() + p.getValue()[0] <= iova + bytes);
      freeTables(iova, iova + bytes);
      return bytes;
    }

    private long amd(long iova, long asked) {
      long at = iova;
      long done = 0;
      while (done < asked) {
        Map.Entry<Long, long[]> page = at(at);
        long bytes = 1L << format.granuleShift();
        if (page != null) {
          bytes = page.getValue()[0];
          pages.remove(page.getKey());
        } else if (at >= cover(levels) || !tables.contains(name(1, at / cover(1) * cover(1)))) {
          break;
        }
        at = at / bytes * bytes + bytes;
        done += bytes;
      }
      return done;
    }

    private long lpae(long iova, long asked) {
      Map.Entry<Long, long[]> page = at(iova);
      while (page != null && page.getValue()[0] > asked) {
        if (format.rules() == DriverRules.LPAE_NO_SPLIT) {
          return 0;
        }
        split(page);
        page = at(iova);
      }
      int below = format.leafLevel(Long.numberOfTrailingZeros(asked)) - 1;
      if (page != null && page.getValue()[0] == asked) {
        pages.remove(iova);
        return asked;
      }
      if (!tables.contains(name(below, iova))) {
        return 0;
      }
      pages.subMap(iova, iova + asked).clear();
      freeTables(iova, iova + asked);
      return asked;
    }

    private void split(Map.Entry<Long, long[]> block) {
      long small = block.getValue()[0] >>> format.indexBits();
      for (long offset = 0; offset < block.getValue()[0]; offset += small) {
        pages.put(block.getKey() + offset, new long[] {small, block.getValue()[1] + offset});
      }
      add(format.leafLevel(Long.numberOfTrailingZeros(small)), block.getKey());
    }

    private long unmapRange(long iova, long size) {
      long at = iova;
      while (at < iova + size && pages.containsKey(at)) {
        at += pages.remove(at)[0];
      }
      freeTables(iova, Math.min(at, iova + size));
      return at - iova;
    }
  }
}
