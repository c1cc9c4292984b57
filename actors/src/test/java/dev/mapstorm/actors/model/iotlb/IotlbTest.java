package dev.mapstorm.actors.model.iotlb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class IotlbTest {
  private final Iotlb iotlb = new Iotlb(4, 2);

  @Test
  void filledPageIsFoundWithItsTranslation() {
    assertThat(iotlb.lookup(5, 0x1234)).isFalse();
    iotlb.fill(5, 0x1234, 12, 0x9000, 3);

    assertThat(iotlb.lookup(5, 0x1fff)).isTrue();
    assertThat(iotlb.hitPhys()).isEqualTo(0x9000);
    assertThat(iotlb.hitShift()).isEqualTo(12);
    assertThat(iotlb.hitProt()).isEqualTo(3);
    assertThat(iotlb.lookup(6, 0x1000)).isFalse();
    assertThat(iotlb.hits()).isEqualTo(1);
    assertThat(iotlb.misses()).isEqualTo(2);
    assertThatThrownBy(iotlb::hitPhys).hasMessageContaining("was not a hit");
  }

  @Test
  void leastRecentlyUsedPageOfTheSetIsEvicted() {
    iotlb.fill(1, 0x0000, 12, 0, 3);
    iotlb.fill(1, 0x2000, 12, 0, 3);
    iotlb.fill(1, 0x1000, 12, 0, 3);
    iotlb.lookup(1, 0x0000);

    assertThat(iotlb.fill(1, 0x4000, 12, 0, 3)).isTrue();

    assertThat(iotlb.lookup(1, 0x2000)).isFalse();
    assertThat(iotlb.lookup(1, 0x0000)).isTrue();
    assertThat(iotlb.lookup(1, 0x1000)).isTrue();
    assertThat(iotlb.evictions()).isEqualTo(1);
  }

  @Test
  void refilledPageTakesTheNewTranslationWithoutASecondEntry() {
    iotlb.fill(1, 0x1000, 12, 0x5000, 1);
    assertThat(iotlb.fill(1, 0x1000, 12, 0x6000, 3)).isFalse();

    assertThat(iotlb.live()).isEqualTo(1);
    iotlb.lookup(1, 0x1000);
    assertThat(iotlb.hitPhys()).isEqualTo(0x6000);
  }

  @Test
  void staleTranslationIsFoundUntilItIsInvalidated() {
    iotlb.fill(1, 0x1000, 12, 0x5000, 3);
    assertThat(iotlb.lookup(1, 0x1000)).isTrue();
    assertThat(iotlb.invalidatePages(1, 1, 1)).isEqualTo(1);
    assertThat(iotlb.lookup(1, 0x1000)).isFalse();
  }

  @Test
  void invalidationOfOnePageDropsTheLargePageAroundIt() {
    iotlb.fill(1, 0x20_0000, 21, 0, 3);

    assertThat(iotlb.invalidatePages(1, 0x3ff, 1)).isEqualTo(1);
    assertThat(iotlb.live()).isZero();
  }

  @Test
  void domainInvalidationLeavesOtherDomains() {
    iotlb.fill(1, 0x1000, 12, 0, 3);
    iotlb.fill(2, 0x1000, 12, 0, 3);

    assertThat(iotlb.invalidateDomain(1)).isEqualTo(1);

    assertThat(iotlb.lookup(2, 0x1000)).isTrue();
    assertThat(iotlb.invalidated()).isEqualTo(1);
  }

  @Test
  void organisationThatDoesNotDivideIsRefused() {
    assertThatThrownBy(() -> new Iotlb(64, 7)).hasMessageContaining("64 entries and 7 ways");
    assertThatThrownBy(() -> new Iotlb(24, 8)).hasMessageContaining("power of two of sets");
    assertThatThrownBy(() -> iotlb.fill(-1, 0, 12, 0, 3)).hasMessageContaining("-1");
    assertThatThrownBy(() -> iotlb.fill(1, 0, 11, 0, 3)).hasMessageContaining("2^11");
  }

  /** What to do with a page or a range. */
  record Access(int what, int domain, long pfn, int shift, long pages) {}

  @Property
  void agreesWithListsOfPagesInOrderOfUse(
      @ForAll("organisations") int[] organisation, @ForAll("accesses") List<Access> accesses) {
    Iotlb real = new Iotlb(organisation[0], organisation[1]);
    Naive naive = new Naive(organisation[0] / organisation[1], organisation[1]);
    for (Access access : accesses) {
      long iova = access.pfn << 12;
      switch (access.what) {
        case 0 ->
            assertThat(real.lookup(access.domain, iova))
                .isEqualTo(naive.lookup(access.domain, access.pfn));
        case 1 -> {
          real.fill(access.domain, iova, access.shift, access.pfn, 3);
          naive.fill(access.domain, access.pfn, access.shift);
        }
        case 2 ->
            assertThat(real.invalidatePages(access.domain, access.pfn, access.pages))
                .isEqualTo(naive.invalidate(access.domain, access.pfn, access.pages));
        default ->
            assertThat(real.invalidateDomain(access.domain))
                .isEqualTo(naive.invalidate(access.domain, 0, 1L << 40));
      }
      assertThat(real.live()).isEqualTo(naive.live());
    }
    assertThat(real.evictions()).isEqualTo(naive.evictions);
  }

  @Provide
  Arbitrary<int[]> organisations() {
    return Arbitraries.of(new int[] {1, 1}, new int[] {4, 4}, new int[] {16, 2}, new int[] {24, 3});
  }

  @Provide
  Arbitrary<List<Access>> accesses() {
    return Combinators.combine(
            Arbitraries.of(0, 0, 0, 1, 1, 1, 2, 3),
            Arbitraries.integers().between(1, 2),
            Arbitraries.longs().between(0, 40),
            Arbitraries.of(12, 12, 12, 14),
            Arbitraries.of(1L, 2L, 8L, 64L, 1L << 36))
        .as(Access::new)
        .list()
        .ofMaxSize(200);
  }

  /** A page as cached: everything that tells it from another. */
  record Cached(int domain, long number, int shift) {
    boolean overlaps(int domainId, long pfn, long pages) {
      long start = number << shift - 12;
      return domain == domainId && start < pfn + pages && start + (1L << shift - 12) > pfn;
    }
  }

  /** Lists of pages, one a set, most recently used last. */
  private static final class Naive {
    private final List<List<Cached>> sets = new ArrayList<>();
    private final int ways;
    private long evictions;

    Naive(int setCount, int ways) {
      this.ways = ways;
      for (int i = 0; i < setCount; i++) {
        sets.add(new ArrayList<>());
      }
    }

    boolean lookup(int domain, long pfn) {
      for (int shift = 12; shift < 22; shift++) {
        Cached page = new Cached(domain, pfn >> shift - 12, shift);
        List<Cached> set = set(page);
        if (set.remove(page)) {
          set.add(page);
          return true;
        }
      }
      return false;
    }

    void fill(int domain, long pfn, int shift) {
      Cached page = new Cached(domain, pfn >> shift - 12, shift);
      List<Cached> set = set(page);
      if (!set.remove(page) && set.size() == ways) {
        set.remove(0);
        evictions++;
      }
      set.add(page);
    }

    int invalidate(int domain, long pfn, long pages) {
      int before = live();
      sets.forEach(set -> set.removeIf(page -> page.overlaps(domain, pfn, pages)));
      return before - live();
    }

    int live() {
      return sets.stream().mapToInt(List::size).sum();
    }

    private List<Cached> set(Cached page) {
      return sets.get((int) (page.number % sets.size()));
    }
  }
}
