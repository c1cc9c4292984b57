package dev.mapstorm.actors.model.rdma;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Memory regions out of DMA vectors, by hand and against an oracle that goes byte by byte. */
class PageListTest {
  private static void assertRegions(int regions, long entries, int maxPages, long... vectors) {
    PageList list = new PageList(maxPages, 4096);
    list.build(vectors);
    assertThat(list.regions()).isEqualTo(regions);
    assertThat(list.entries()).isEqualTo(entries);
  }

  @Test
  void onlyTheFirstBeginsAndTheLastEndsInsideAPage() {
    assertRegions(1, 3, 256, 0x10200, 0xe00, 0x20000, 0x1000, 0x30000, 0x100);
    assertRegions(2, 2, 256, 0x10000, 0x100, 0x20000, 0x1000);
    assertRegions(2, 2, 256, 0x10000, 0x1000, 0x20200, 0x100);
  }

  @Test
  void aVectorThatContinuesTheOneBeforeSharesItsPage() {
    assertRegions(1, 1, 256, 0x10000, 0x100, 0x10100, 0x100);
    assertRegions(1, 2, 256, 0x10000, 0x800, 0x10800, 0x1800);
  }

  @Test
  void aFullListContinuesInTheNextRegion() {
    assertRegions(1, 64, 64, 0x100000, 0x40000);
    assertRegions(2, 65, 64, 0x100000, 0x40001);
    assertRegions(3, 5, 2, 0x10800, 0x4000);
    assertRegions(2, 4, 2, 0x10000, 0x1000, 0x20000, 0x2000, 0x30000, 0x1000);
  }

  @Test
  void nothingIsNoRegion() {
    assertRegions(0, 0, 4);
  }

  @Property(tries = 500)
  void bytesGoToRegionsAsTheRulesSay(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int max = 1 + random.nextInt(6);
    long[] vectors = new long[2 * (1 + random.nextInt(6))];
    long at = 0x10000;
    for (int i = 0; i < vectors.length; i += 2) {
      boolean continues = i > 0 && random.nextBoolean();
      at = continues ? vectors[i - 2] + vectors[i - 1] : at + 0x40 * random.nextInt(8) + 0x5000;
      at = continues || random.nextBoolean() ? at : at & -0x100;
      vectors[i] = at;
      vectors[i + 1] = 1 + random.nextInt(3) * 0x40 + random.nextInt(2) * 0xff;
      at = vectors[i] + vectors[i + 1];
    }
    PageList list = new PageList(max, 0x100);
    list.build(vectors);
    long[] expected = byBytes(vectors, max, 0x100);
    assertThat(list.regions()).isEqualTo((int) expected[0]);
    assertThat(list.entries()).isEqualTo(expected[1]);
  }

  /**
   * Every byte in turn: whether it is in the region in hand, needs a page of it, or a new region.
   */
  private static long[] byBytes(long[] vectors, int maxPages, long pageSize) {
    long regions = 0;
    long entries = 0;
    TreeSet<Long> pages = new TreeSet<>();
    long last = -1;
    for (int i = 0; i < vectors.length; i += 2) {
      for (long at = vectors[i]; at < vectors[i] + vectors[i + 1]; at++) {
        boolean follows = last >= 0 && at == last + 1;
        boolean onBoundaries =
            last >= 0 && at % pageSize == 0 && (last + 1) % pageSize == 0 && at == vectors[i];
        boolean needsPage = last < 0 || !follows || at % pageSize == 0;
        boolean gap = last >= 0 && !follows && !onBoundaries;
        if (last < 0 || gap || needsPage && pages.size() == maxPages) {
          regions++;
          pages.clear();
          needsPage = true;
        }
        if (needsPage) {
          entries++;
          pages.add(entries);
        }
        last = at;
      }
    }
    return new long[] {regions, entries};
  }
}
