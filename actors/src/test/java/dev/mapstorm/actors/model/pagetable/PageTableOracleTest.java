package dev.mapstorm.actors.model.pagetable;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * The page table against a map of single 4 KiB pages, over a small space so that ranges collide.
 */
class PageTableOracleTest {
  /** Pages of the space: four tables of the last level. */
  private static final long SPACE = 4 * 512;

  private static final int PROT = PageTable.READ;

  private final MappedRuns mapped = new MappedRuns();
  private final UnmappedRuns unmapped = new UnmappedRuns();
  private final PageWalk walk = new PageWalk();

  /** One operation: map or unmap so many pages at a page, from a physical page. */
  record Op(boolean map, long page, long phys, long pages) {}

  /** A live page: its physical page, and where the leaf that holds it starts and ends. */
  record Page(long phys, long leafStart, long leafEnd) {}

  @Property(tries = 300)
  void tableTranslatesExactlyTheLivePages(
      @ForAll("bitmaps") long bitmap, @ForAll("operations") List<Op> operations) {
    PageTable table = new PageTable(new PageTableFormat(12, 3, bitmap));
    TreeMap<Long, Page> live = new TreeMap<>();
    for (Op op : operations) {
      if (op.map) {
        map(table, live, op);
      } else {
        unmap(table, live, op);
      }
      assertThat(table.mappedPages()).isEqualTo(live.size());
    }
    compare(table, live);
    table.unmap(0, 1L << 39, unmapped);
    assertThat(table.tablePages()).isEqualTo(1);
    assertThat(table.mappedLeaves()).isZero();
  }

  @Provide
  Arbitrary<Long> bitmaps() {
    return Arbitraries.of(PageSizes.VTD_4K_2M_1G, 549755809792L, 1L << 12);
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

  private void map(PageTable table, TreeMap<Long, Page> live, Op op) {
    boolean free = live.subMap(op.page, op.page + op.pages).isEmpty();
    MapResult result = table.map(op.page << 12, op.phys << 12, op.pages << 12, PROT, mapped);
    assertThat(result).isEqualTo(free ? MapResult.MAPPED : MapResult.ALREADY_MAPPED);
    for (int run = 0; run < mapped.size(); run++) {
      long pagesOfLeaf = mapped.pageSize(run) >>> 12;
      for (long i = 0; i < mapped.count(run) * pagesOfLeaf; i++) {
        long leaf = (mapped.iova(run) >>> 12) + i / pagesOfLeaf * pagesOfLeaf;
        live.put(
            (mapped.iova(run) >>> 12) + i,
            new Page((mapped.phys(run) >>> 12) + i, leaf, leaf + pagesOfLeaf));
      }
    }
  }

  private void unmap(PageTable table, TreeMap<Long, Page> live, Op op) {
    UnmapResult result = table.unmap(op.page << 12, op.pages << 12, unmapped);
    boolean holes = live.subMap(op.page, op.page + op.pages).size() < op.pages;
    boolean splits = false;
    List<Long> gone = new ArrayList<>();
    for (int run = 0; run < unmapped.size(); run++) {
      long from = unmapped.iova(run) >>> 12;
      long to = from + (unmapped.bytes(run) >>> 12);
      for (var entry : live.subMap(from, to).entrySet()) {
        Page page = entry.getValue();
        if (page.leafStart < from || page.leafEnd > to) {
          splits = true;
        } else {
          gone.add(entry.getKey());
        }
      }
    }
    live.keySet().removeAll(gone);
    assertThat(unmapped.unmappedBytes() >>> 12).isEqualTo(gone.size());
    assertThat(result)
        .isEqualTo(
            splits
                ? UnmapResult.SPLITS_LARGE_PAGE
                : holes ? UnmapResult.NOT_MAPPED : UnmapResult.UNMAPPED);
  }

  private void compare(PageTable table, TreeMap<Long, Page> live) {
    for (long page = 0; page < SPACE; page++) {
      Page expected = live.get(page);
      assertThat(table.walk(page << 12 | 0x7, walk)).isEqualTo(expected != null);
      if (expected != null) {
        assertThat(walk.phys()).isEqualTo(expected.phys << 12 | 0x7);
        assertThat(1L << walk.pageShift()).isEqualTo(expected.leafEnd - expected.leafStart << 12);
      }
    }
    List<Long> visited = new ArrayList<>();
    table.forEachMapping((iova, phys, shift, prot) -> visited.add(iova >>> 12));
    assertThat(visited)
        .containsExactlyElementsOf(live.values().stream().map(Page::leafStart).distinct().toList());
    assertThat(table.mappedLeaves()).isEqualTo(visited.size());
  }
}
