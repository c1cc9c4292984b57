package dev.mapstorm.actors.model.iova;

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
import net.jqwik.api.Tuple;
import net.jqwik.api.statistics.Statistics;
import net.jqwik.api.statistics.StatisticsReport;

/** Random operations on small domains, beside {@link NaiveIovaDomain}. */
class IovaDomainProperties {
  /** Makes 4 GiB begin at frame 1024, so that a few operations fill the space. */
  private static final int GRANULE_SHIFT = 22;

  private static final long[] LIMITS = {60, 255, 511, 700, 1023, 1024, 1100, 2047, 100_000};

  enum Kind {
    ALLOC,
    ALLOC_WITHOUT_FLUSH,
    FREE,
    DEPOT_WORK,
    FLUSH
  }

  record Operation(Kind kind, int cpu, int size, int limit, int pick) {}

  record Setup(int cpus, long start, IovaParameters parameters, boolean reserve) {}

  record Live(long pfn, long size) {}

  @Provide
  Arbitrary<Setup> setups() {
    Arbitrary<IovaParameters> parameters =
        Combinators.combine(
                Arbitraries.of(1, 1, 2, 3),
                Arbitraries.integers().between(-1, 4),
                Arbitraries.of(0, 1, 3, IovaParameters.UNBOUNDED),
                Arbitraries.of(IovaParameters.ONLINE_CPUS, 0, 1))
            .as(IovaParameters::new);
    return Combinators.combine(
            Arbitraries.integers().between(1, 3),
            Arbitraries.longs().between(1, 50),
            parameters,
            Arbitraries.of(true, false))
        .as(Setup::new);
  }

  @Provide
  Arbitrary<List<Operation>> operations() {
    Arbitrary<Kind> kinds =
        Arbitraries.frequency(
            Tuple.of(120, Kind.ALLOC),
            Tuple.of(20, Kind.ALLOC_WITHOUT_FLUSH),
            Tuple.of(110, Kind.FREE),
            Tuple.of(10, Kind.DEPOT_WORK),
            Tuple.of(1, Kind.FLUSH));
    return Combinators.combine(
            kinds,
            Arbitraries.integers().between(0, 1000),
            Arbitraries.frequencyOf(
                Tuple.of(4, Arbitraries.integers().between(1, 4)),
                Tuple.of(1, Arbitraries.integers().between(1, 60))),
            Arbitraries.integers().between(0, LIMITS.length - 1),
            Arbitraries.integers().between(0, 1_000_000))
        .as(Operation::new)
        .list()
        .ofMinSize(200)
        .ofMaxSize(800);
  }

  @Property(tries = 150)
  @StatisticsReport(StatisticsReport.StatisticsReportMode.OFF)
  void answersAsTheNaiveDomainAndKeepsRangesApart(
      @ForAll("setups") Setup setup, @ForAll("operations") List<Operation> operations) {
    Pair pair = new Pair(setup);
    operations.forEach(pair::run);

    TreeMap<Long, Long> ranges = new TreeMap<>();
    pair.model.forEachRange(ranges::put);
    assertThat(ranges).isEqualTo(pair.naive.ranges());
    assertThat(pair.model.treeRanges()).isEqualTo(ranges.size());
    assertThat(pair.model.cachedRanges() + pair.live.size() + pair.model.reservedRanges())
        .isEqualTo(ranges.size());
    long end = 0;
    for (var range : ranges.entrySet()) {
      assertThat(range.getKey()).isGreaterThan(end);
      end = range.getValue();
    }
    Statistics.coverage(
        coverage -> {
          for (IovaPath path : IovaPath.values()) {
            coverage.check(path.name()).count(count -> count > 0);
          }
        });
  }

  @Property(tries = 50)
  @StatisticsReport(StatisticsReport.StatisticsReportMode.OFF)
  void givesAllSpaceAgainOnceEverythingIsFreedAndFlushed(
      @ForAll("setups") Setup setup, @ForAll("operations") List<Operation> operations) {
    Pair pair = new Pair(setup);
    operations.forEach(pair::run);
    pair.live.forEach(range -> pair.model.freeFast(0, range.pfn(), range.size()));
    pair.model.flushCaches();

    assertThat(pair.model.treeRanges()).isEqualTo(pair.model.reservedRanges());
    assertThat(pair.model.cachedRanges()).isZero();
    IovaDomain fresh = new Pair(setup).model;
    for (long limit : LIMITS) {
      assertThat(pair.model.allocFast(0, 1, limit, false))
          .isEqualTo(fresh.allocFast(0, 1, limit, false));
    }
  }

  /** The model and the naive domain, side by side. */
  private static final class Pair {
    private final IovaDomain model;
    private final NaiveIovaDomain naive;
    private final List<Live> live = new ArrayList<>();
    private final Setup setup;

    Pair(Setup setup) {
      this.setup = setup;
      model = new IovaDomain(setup.cpus, GRANULE_SHIFT, setup.start, setup.parameters);
      naive = new NaiveIovaDomain(setup.cpus, GRANULE_SHIFT, setup.start, setup.parameters);
      if (setup.reserve) {
        reserve(100, 130);
        reserve(690, 711);
        reserve(1020, 1029);
      }
    }

    private void reserve(long lo, long hi) {
      model.reserve(lo, hi);
      naive.reserve(lo, hi);
    }

    void run(Operation operation) {
      int cpu = operation.cpu % setup.cpus;
      int orders = setup.parameters.orders();
      switch (operation.kind) {
        case ALLOC, ALLOC_WITHOUT_FLUSH -> alloc(cpu, operation);
        case FREE -> free(cpu, operation.pick);
        case DEPOT_WORK -> {
          if (orders > 0) {
            int order = operation.pick % orders;
            assertThat(model.depotWork(order)).isEqualTo(naive.depotWork(order));
          }
        }
        case FLUSH -> assertThat(model.flushCaches()).isEqualTo(naive.flush());
      }
    }

    private void alloc(int cpu, Operation operation) {
      long size = operation.size;
      long limit = Math.max(LIMITS[operation.limit], 2 * size);
      boolean flush = operation.kind == Kind.ALLOC;
      long pfn = model.allocFast(cpu, size, limit, flush);
      assertThat(pfn).isEqualTo(naive.alloc(cpu, size, limit, flush));
      assertSame();
      if (pfn != 0) {
        long rounded = model.roundSize(size);
        assertThat(pfn).isBetween(setup.start, limit - rounded + 1);
        assertThat(pfn % NaiveIovaDomain.powerOfTwoAtLeast(size)).isZero();
        assertThat(model.rangeEnd(pfn)).isEqualTo(pfn + rounded - 1);
        assertThat(model.contains(pfn + rounded - 1)).isTrue();
        assertThat(live).noneMatch(other -> other.pfn() == pfn);
        live.add(new Live(pfn, size));
      }
    }

    private void free(int cpu, int pick) {
      if (!live.isEmpty()) {
        Live range = live.remove(pick % live.size());
        assertThat(model.freeFast(cpu, range.pfn(), range.size())).isTrue();
        naive.free(cpu, range.pfn(), range.size());
        assertSame();
      }
    }

    private void assertSame() {
      assertThat(model.lastPath().name()).isEqualTo(naive.path);
      assertThat(model.lastWalk()).isEqualTo(naive.walk);
      Statistics.collect(naive.path);
    }
  }
}
