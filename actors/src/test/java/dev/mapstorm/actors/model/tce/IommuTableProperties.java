package dev.mapstorm.actors.model.tce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.statistics.Statistics;
import net.jqwik.api.statistics.StatisticsReport;

/** Random allocations and frees of several CPUs and devices, beside {@link NaiveTable}. */
class IommuTableProperties {
  private static final DeviceReach WIDE =
      new DeviceReach(-1, DeviceReach.NO_BOUNDARY, 0xffff_ffffL);

  /** {@code count} 0 frees the range {@code pick}; {@code follow} continues the one before. */
  record Operation(int cpu, int count, int align, boolean follow, int reach, int pick) {}

  @Provide
  Arbitrary<TceWindow> windows() {
    // 22 bits an entry: 256 of them are a table of 1 GiB, with four pools of 48.
    return Combinators.combine(
            Arbitraries.of(16, 22),
            Arbitraries.of(0L, 0L, 5L, 256L, 512L),
            Arbitraries.of(200L, 256L, 300L),
            Arbitraries.longs().between(0, 300),
            Arbitraries.longs().between(0, 330),
            Arbitraries.of(1L, 4L, 16L))
        .as(
            (shift, offset, size, first, end, block) ->
                new TceWindow(16, shift, offset, size, offset + first, offset + end, block, false));
  }

  @Provide
  Arbitrary<List<Operation>> operations() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 7),
            Arbitraries.of(0, 0, 0, 1, 1, 1, 2, 5, 15, 16, 20, 40, 70),
            Arbitraries.of(0, 0, 0, 1, 4),
            Arbitraries.of(true, false),
            Arbitraries.of(0, 0, 1, 2),
            Arbitraries.integers().between(0, 1000))
        .as(Operation::new)
        .list()
        .ofMinSize(30)
        .ofMaxSize(150);
  }

  @Property(tries = 400)
  @StatisticsReport(StatisticsReport.StatisticsReportMode.OFF)
  void answersAsThePlainRulesDo(
      @ForAll("windows") TceWindow window, @ForAll("operations") List<Operation> operations) {
    IommuTable table = new IommuTable(window);
    NaiveTable naive = new NaiveTable(window);
    List<long[]> held = new ArrayList<>();
    long handle = 0;
    for (Operation op : operations) {
      if (op.count() > 0) {
        long before = op.follow() ? handle : 0;
        DeviceReach reach = reach(window, op.reach());
        int own = table.poolOf(IommuTable.poolHash(op.cpu()));
        long found = allocate(table, op.count(), before, own, reach, op.align());
        assertThat(found).isEqualTo(naive.allocate(op.count(), before, own, reach, op.align()));
        assertThat(table.searches()).isEqualTo(naive.searches);
        assertThat(table.turns()).isEqualTo(naive.locks);
        Statistics.label("answer").collect(found < 0 ? "none" : "turn " + naive.searches);
        if (found >= 0) {
          held.add(new long[] {found, op.count()});
          handle = found + op.count();
        }
      } else if (!held.isEmpty()) {
        long[] range = held.remove(op.pick() % held.size());
        table.free(range[0], range[1]);
        naive.free(range[0], (int) range[1]);
      }
      for (int pool = 0; pool <= table.pools(); pool++) {
        assertThat(table.hint(pool)).isEqualTo(naive.hints.get(pool));
      }
      assertThat(table.taken()).isEqualTo(naive.taken());
    }
    for (String turn : List.of("turn 1", "turn 2", "turn 3", "turn 7", "none")) {
      Statistics.label("answer").coverage(c -> c.check(turn).count(n -> n > 0));
    }
  }

  private static long allocate(
      IommuTable table, long count, long handle, int own, DeviceReach reach, int align) {
    return table.allocate(count, handle, own, reach.mask(), reach.segBoundaryMask(), align);
  }

  /** Devices that reach all, half of the window, and not across boundaries of 128 entries. */
  private static DeviceReach reach(TceWindow window, int which) {
    long half = window.offset() + window.size() / 2;
    return switch (which) {
      case 0 -> WIDE;
      case 1 -> new DeviceReach((half << window.tceShift()) - 1, DeviceReach.NO_BOUNDARY, 65536);
      default -> new DeviceReach(-1, (128L << window.tceShift()) - 1, 65536);
    };
  }

  @Example
  void cpusPreferThePoolsThatLinuxGivesThem() {
    int[] pools = new int[8];
    for (int cpu = 0; cpu < pools.length; cpu++) {
      pools[cpu] = IommuTable.poolHash(cpu);
    }
    assertThat(pools).containsExactly(0, 1, 3, 0, 2, 3, 1, 2);
  }

  @Example
  void aRangeLongerThanTheBoundaryIsRefusedWhereLinuxWouldSearchForEver() {
    IommuTable table = new IommuTable(new TceWindow(12, 12, 0, 1024, 0, 0, 16, false));
    DeviceReach reach = new DeviceReach(-1, 0xffff, 65536);

    assertThat(allocate(table, 16, 0, 0, reach, 0)).isNotNegative();
    assertThatThrownBy(() -> allocate(table, 17, 0, 0, reach, 0))
        .hasMessage("17 entries do not fit a segment boundary of 16: Linux searches for ever");
  }

  @Example
  void whatCannotBeIsRefusedByName() {
    assertThatThrownBy(() -> new TceWindow(12, 12, 0, 0, 0, 0, 16, false))
        .hasMessage("size must be 1 to 1073741824, is 0");
    assertThatThrownBy(() -> new TceWindow(12, 12, 0, 100, 0, 0, 12, false))
        .hasMessage("blockSize must be a power of two, is 12");
    assertThatThrownBy(() -> new DeviceReach(-1, 0xfffe, 1)).hasMessageContaining("boundary mask");
    IommuTable far = new IommuTable(new TceWindow(12, 12, 1L << 47, 1024, 0, 0, 16, false));
    assertThatThrownBy(() -> far.allocate(1, 0, 0, 0xffff_ffffL, -1, 0))
        .hasMessageContaining("a device with mask 4294967295 does not reach the window");
  }
}
