package dev.mapstorm.actors.model.iova;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The searches find the same ranges and look at as much as their trees are high. */
class IovaSearchTest {
  private static final long LIMIT = (1L << 36) - 1;

  private static IovaDomain domain(IovaSearch search, int maxCachedOrder) {
    return new IovaDomain(
        1, 12, 1, new IovaParameters(127, maxCachedOrder, IovaParameters.UNBOUNDED, 0, search));
  }

  @Test
  void allSearchesFindTheSameRanges() {
    SplittableRandom random = new SplittableRandom(7);
    IovaDomain linear = domain(IovaSearch.LINEAR, 5);
    IovaDomain augmented = domain(IovaSearch.AUGMENTED, 5);
    IovaDomain maple = domain(IovaSearch.MAPLE, 5);
    long[] pfn = new long[400];
    long[] size = new long[400];
    for (int i = 0; i < 20_000; i++) {
      int slot = random.nextInt(pfn.length);
      if (pfn[slot] != 0) {
        long first = pfn[slot];
        long pages = size[slot];
        assertThat(linear.freeFast(0, first, pages)).isEqualTo(augmented.freeFast(0, first, pages));
        maple.freeFast(0, first, pages);
        pfn[slot] = 0;
      } else {
        size[slot] = 1 + random.nextInt(100);
        pfn[slot] = linear.allocFast(0, size[slot], LIMIT, true);
        assertThat(augmented.allocFast(0, size[slot], LIMIT, true)).isEqualTo(pfn[slot]);
        assertThat(maple.allocFast(0, size[slot], LIMIT, true)).isEqualTo(pfn[slot]);
      }
    }
  }

  /** 4096 neighbours without a gap below the limit: Linux steps over all of them. */
  @Test
  void aFullTreeIsWalkedByOneAndDescendedByTheOthers() {
    assertThat(walkOverFull(IovaSearch.LINEAR)).isEqualTo(4096);
    assertThat(walkOverFull(IovaSearch.AUGMENTED)).isEqualTo(13);
    assertThat(walkOverFull(IovaSearch.MAPLE)).isEqualTo(5);
  }

  private static int walkOverFull(IovaSearch search) {
    IovaDomain domain = domain(search, -1);
    long last = 4096;
    for (int i = 0; i < 4095; i++) {
      assertThat(domain.allocTree(1, last)).isEqualTo(last - i);
    }
    // The cached node moves up to the top, from where a search has all of them before it.
    domain.freeTree(last);
    domain.allocTree(1, last);
    domain.reserve(last + 1, last + 1);
    domain.freeTree(last + 1);
    assertThat(domain.allocTree(1, last)).isEqualTo(1);
    return domain.lastWalk();
  }

  /** Single free frames cannot hold two aligned ones: each costs a descent where gaps are known. */
  @Test
  void aGapThatTheAlignmentRulesOutCostsADescent() {
    IovaDomain domain = domain(IovaSearch.AUGMENTED, -1);
    for (long pfn = 1; pfn <= 64; pfn++) {
      domain.reserve(pfn, pfn);
    }
    // Two free frames at an odd place, twice, and two at an even one below.
    for (long pfn : new long[] {61, 62, 57, 58, 32, 33}) {
      domain.freeTree(pfn);
    }
    assertThat(domain.allocTree(2, 64)).isEqualTo(32);
    assertThat(domain.lastWalk()).isEqualTo(3 * 6);
  }
}
