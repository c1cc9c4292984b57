package dev.mapstorm.actors.model.iova;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class IovaDomainTest {
  private static final long LIMIT_32 = (1L << 20) - 1;
  private static final long LIMIT_48 = (1L << 36) - 1;
  private static final IovaParameters SMALL =
      new IovaParameters(2, 1, IovaParameters.UNBOUNDED, IovaParameters.ONLINE_CPUS);

  private final IovaDomain domain = new IovaDomain(2);

  @Test
  void allocatesTopDownAndAlignedFromTheTree() {
    List<Long> addresses = new ArrayList<>();
    for (long size : new long[] {1, 3, 8, 1, 33, 1}) {
      addresses.add(domain.allocTree(domain.roundSize(size), LIMIT_32) << 12);
    }
    assertThat(addresses)
        .containsExactly(
            0xfffff000L, 0xffff8000L, 0xffff0000L, 0xfffef000L, 0xfffc0000L, 0xfffbf000L);
  }

  @Test
  void roundsOnlyBelowTheLargestCachedSize() {
    assertThat(domain.roundSize(1)).isEqualTo(1);
    assertThat(domain.roundSize(3)).isEqualTo(4);
    assertThat(domain.roundSize(31)).isEqualTo(32);
    assertThat(domain.roundSize(32)).isEqualTo(32);
    assertThat(domain.roundSize(33)).isEqualTo(33);
    IovaDomain uncached =
        new IovaDomain(1, 12, 1, new IovaParameters(127, -1, IovaParameters.UNBOUNDED, 0));
    assertThat(uncached.roundSize(3)).isEqualTo(3);
  }

  @Test
  void skipsReservedWindows() {
    domain.reserve(0xfee00, 0xfeeff);
    domain.reserve(0xfffff, 0xfffff);
    assertThat(domain.allocTree(1, LIMIT_32)).isEqualTo(0xffffe);
    assertThat(domain.allocTree(1, 0xfeeff)).isEqualTo(0xfedff);
    assertThat(domain.reservedRanges()).isEqualTo(2);
  }

  @Test
  void mergesOverlappingReservationsAsReserveIovaDoes() {
    domain.reserve(10, 20);
    domain.reserve(30, 40);
    domain.reserve(5, 35);
    domain.reserve(12, 15);
    domain.reserve(38, 50);
    List<String> ranges = new ArrayList<>();
    domain.forEachRange((lo, hi) -> ranges.add(lo + "-" + hi));
    assertThat(ranges).containsExactly("5-20", "21-40", "41-50");
    assertThat(domain.rangeEnd(21)).isEqualTo(40);
    assertThat(domain.rangeEnd(30)).isEqualTo(-1);
    assertThat(domain.reservedRanges()).isEqualTo(3);
  }

  @Test
  void triesThirtyTwoBitSpaceFirstUntilItFailsOnceForEachDevice() {
    Pci32Workaround workaround = Pci32Workaround.of(2, true);
    long all = 1L << 19;
    assertThat(domain.allocForDevice(0, all, LIMIT_48, 0, workaround)).isEqualTo(1L << 19);
    assertThat(domain.lastLeft32Bit()).isFalse();

    long high = domain.allocForDevice(0, all, LIMIT_48, 0, workaround);
    assertThat(high).isEqualTo((1L << 36) - all);
    assertThat(domain.lastLeft32Bit()).isTrue();
    assertThat(workaround.isActive(0)).isFalse();
    assertThat(workaround.isActive(1)).isTrue();

    assertThat(domain.allocForDevice(0, 64, LIMIT_48, 0, workaround)).isGreaterThan(LIMIT_32);
    assertThat(domain.lastLeft32Bit()).isFalse();
    assertThat(domain.allocForDevice(0, 64, LIMIT_48, 1, workaround)).isLessThan(LIMIT_32);
  }

  @Test
  void failsAtOnceForSizesThatFailedBelowFourGigabytesUntilSomethingIsFreedThere() {
    long half = domain.allocTree(1 << 19, LIMIT_32);
    assertThat(domain.allocTree(1 << 19, LIMIT_32)).isZero();
    assertThat(domain.lastWalk()).isPositive();
    assertThat(domain.max32AllocSize()).isEqualTo(1 << 19);

    assertThat(domain.allocTree(1 << 19, LIMIT_32)).isZero();
    assertThat(domain.lastWalk()).isZero();

    assertThat(domain.freeTree(half)).isTrue();
    assertThat(domain.allocTree(1 << 19, LIMIT_32)).isEqualTo(half);
  }

  @Test
  void countsBothWalksOfASearchThatRetriesFromTheLimit() {
    for (int i = 0; i < 7; i++) {
      domain.allocTree(1, 7);
    }
    assertThat(domain.allocTree(1, 7)).isZero();
    // One node down to the bottom, then the anchor and six more: the last would reach the first.
    assertThat(domain.lastWalk()).isEqualTo(8);
  }

  @Test
  void flushesTheCachesOfAllCpusRatherThanFail() {
    long limit = 7;
    for (int i = 0; i < 7; i++) {
      domain.allocFast(0, 1, limit, true);
    }
    for (long pfn = 1; pfn <= 7; pfn++) {
      domain.freeFast((int) (pfn % 2), pfn, 1);
    }
    assertThat(domain.allocFast(0, 4, limit, false)).isZero();
    assertThat(domain.lastPath()).isEqualTo(IovaPath.NONE);
    assertThat(domain.cachedRanges()).isEqualTo(7);

    assertThat(domain.allocFast(0, 4, limit, true)).isEqualTo(4);
    assertThat(domain.lastPath()).isEqualTo(IovaPath.FLUSHED_TREE);
    assertThat(domain.lastFreedToTree()).isEqualTo(7);
    assertThat(domain.lastWalk()).isEqualTo(1);
    assertThat(domain.cachedRanges()).isZero();
  }

  @Test
  void reportsWhichMagazineServedAndWhenTheDepotLockWasTaken() {
    IovaDomain small = new IovaDomain(2, 12, 1, SMALL);
    long[] pfns = new long[5];
    for (int i = 0; i < pfns.length; i++) {
      pfns[i] = small.allocFast(0, 1, LIMIT_48, true);
      assertThat(small.lastPath()).isEqualTo(IovaPath.TREE);
      assertThat(small.lastTookDepotLock()).isTrue();
    }
    IovaPath[] puts = {
      IovaPath.LOADED, IovaPath.LOADED, IovaPath.PREV, IovaPath.LOADED, IovaPath.DEPOT
    };
    for (int i = 0; i < pfns.length; i++) {
      assertThat(small.rcachePut(0, pfns[i], 1)).isTrue();
      assertThat(small.lastPath()).isEqualTo(puts[i]);
      assertThat(small.lastTookDepotLock()).isEqualTo(puts[i] == IovaPath.DEPOT);
    }
    assertThat(small.cachedRanges(0, 0)).isEqualTo(3);
    assertThat(small.depotMagazines(0)).isEqualTo(1);
    List<String> cached = new ArrayList<>();
    small.forEachCached((cpu, order, pfn) -> cached.add(cpu + "/" + order + "/" + pfn));
    assertThat(cached)
        .containsExactly(
            "0/0/" + pfns[4],
            "0/0/" + pfns[0],
            "0/0/" + pfns[1],
            "-1/0/" + pfns[2],
            "-1/0/" + pfns[3]);

    assertThat(small.rcacheGet(0, 1, LIMIT_48)).isEqualTo(pfns[4]);
    assertThat(small.lastPath()).isEqualTo(IovaPath.LOADED);
    assertThat(small.rcacheGet(0, 1, LIMIT_48)).isEqualTo(pfns[1]);
    assertThat(small.lastPath()).isEqualTo(IovaPath.PREV);
    assertThat(small.rcacheGet(1, 1, LIMIT_48)).isEqualTo(pfns[3]);
    assertThat(small.lastPath()).isEqualTo(IovaPath.DEPOT);
    assertThat(small.rcacheGet(1, 2, LIMIT_48)).isZero();
    assertThat(small.lastPath()).isEqualTo(IovaPath.NONE);
  }

  @Test
  void takesTheTopmostCachedRangeBelowTheLimitAndFillsItsPlaceFromTheTop() {
    long high = domain.allocFast(0, 1, LIMIT_48, true);
    long higher = domain.allocFast(0, 1, LIMIT_32, true);
    long low = domain.allocFast(0, 1, 100, true);
    domain.freeFast(0, low, 1);
    domain.freeFast(0, high, 1);
    domain.freeFast(0, higher, 1);
    assertThat(domain.rcacheGet(0, 1, 50)).isZero();
    assertThat(domain.rcacheGet(0, 1, 100)).isEqualTo(low);
    assertThat(domain.rcacheGet(0, 1, LIMIT_48)).isEqualTo(high);
    assertThat(domain.rcacheGet(0, 1, LIMIT_48)).isEqualTo(higher);
  }

  @Test
  void depotWorkerReleasesOneMagazineAboveTheNumberOfCpus() {
    IovaDomain small = new IovaDomain(2, 12, 1, SMALL);
    List<Long> pfns = new ArrayList<>();
    for (int i = 0; i < 11; i++) {
      pfns.add(small.allocFast(0, 1, LIMIT_48, true));
    }
    pfns.forEach(pfn -> small.freeFast(0, pfn, 1));
    assertThat(small.depotMagazines(0)).isEqualTo(4);
    assertThat(small.depotWork(0)).isEqualTo(2);
    assertThat(small.depotWork(1)).isZero();
    assertThat(small.depotWork(0)).isEqualTo(2);
    assertThat(small.depotWork(0)).isZero();
    assertThat(small.depotMagazines(0)).isEqualTo(2);
    assertThat(small.flushCpu(0)).isEqualTo(3);
    assertThat(small.flushDepot(0)).isEqualTo(4);
    assertThat(small.treeRanges()).isZero();
  }

  @Test
  void overflowingDepotFreesTheMagazineToTheTree() {
    IovaDomain limited = new IovaDomain(1, 12, 1, new IovaParameters(2, 1, 1, 0));
    List<Long> pfns = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      pfns.add(limited.allocFast(0, 1, LIMIT_48, true));
    }
    pfns.forEach(pfn -> limited.freeFast(0, pfn, 1));
    assertThat(limited.lastPath()).isEqualTo(IovaPath.DEPOT);
    assertThat(limited.lastFreedToTree()).isEqualTo(2);
    assertThat(limited.depotMagazines(0)).isEqualTo(1);
    assertThat(limited.treeRanges()).isEqualTo(5);
  }

  @Test
  void ignoresAnUnknownFrameThatGoesToTheTreeAndSaysSo() {
    assertThat(domain.freeFast(0, 1234, 64)).isFalse();
    assertThat(domain.lastPath()).isEqualTo(IovaPath.NONE);
    assertThat(domain.freeTree(1234)).isFalse();
  }

  @Test
  void freesTheRangeThatHoldsTheFrameFromTheTree() {
    long pfn = domain.allocTree(64, LIMIT_32);
    assertThat(domain.contains(pfn + 7)).isTrue();
    assertThat(domain.freeTree(pfn + 7)).isTrue();
    assertThat(domain.contains(pfn)).isFalse();
    assertThat(domain.treeRanges()).isZero();
  }

  @Test
  void refusesToCacheAFrameThatWasNotAllocated() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> domain.freeFast(0, 1234, 1))
        .withMessage("free of pfn 1234 (1 granules) on CPU 0: no range begins there");
  }

  @Test
  void namesWhatIsWrongWithAnArgument() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> domain.allocFast(2, 1, LIMIT_32, true))
        .withMessage("CPU 2 is not in 0..1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> domain.allocFast(0, 0, LIMIT_32, true))
        .withMessage("size of 0 granules is below 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> domain.allocTree(1, -1))
        .withMessage("limit pfn -1 is no frame");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> domain.depotWork(6))
        .withMessage("order 6 is not in 0..5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> domain.reserve(9, 8))
        .withMessage("reserved window 9..8 is no window");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Pci32Workaround.of(1, true).isActive(1))
        .withMessage("device 1 is not in 0..0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new IovaDomain(0))
        .withMessage("number of CPUs 0 is not in 1..16384");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new IovaParameters(0, 5, 0, 0))
        .withMessage("magazine size 0 is not in 1..65536");
  }
}
