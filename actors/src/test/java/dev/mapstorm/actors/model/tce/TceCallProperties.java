package dev.mapstorm.actors.model.tce;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Lists and pages over a table that is a map from entry to memory. */
class TceCallProperties {
  private static final DeviceReach PCI = new DeviceReach(0xffff_ffffL, 0xffff_ffffL, 65_536);

  private final TceCall call = new TceCall();
  private IommuTable table;
  private final TreeMap<Long, Long> entries = new TreeMap<>();
  private int writes;
  private int flushes;

  record Segment(long phys, int length) {}

  @Provide
  Arbitrary<List<Segment>> lists() {
    return Combinators.combine(
            Arbitraries.longs().between(1, 1000),
            Arbitraries.of(0, 0, 0, 1, 512, 4096, 5000),
            Arbitraries.of(1, 512, 4096, 4096, 4096, 10_000, 65_536, 131_072))
        .as((page, offset, length) -> new Segment((page << 20) + offset, length))
        .list()
        .ofMinSize(1)
        .ofMaxSize(30);
  }

  @Property(tries = 300)
  void theDeviceReachesEveryByteAndAllIsTakenBack(
      @ForAll("lists") List<Segment> list, @ForAll @IntRange(min = 0, max = 1) int coarse) {
    table = new IommuTable(new TceWindow(16, coarse == 1 ? 16 : 12, 0, 16384, 0, 0, 16, false));
    map(list, 0);

    assertThat(call.failed()).isFalse();
    assertThat(flushes).isEqualTo(1);
    long[] vectors = call.vectors();
    assertThat(reached(vectors)).isEqualTo(asked(list));
    assertThat(vectors.length / 2).isLessThanOrEqualTo(list.size());

    call.unmapSg(table, vectors);
    go(0);
    assertThat(entries).isEmpty();
    assertThat(table.taken()).isEqualTo(1);
    assertThat(flushes).isEqualTo(1);
  }

  @Property(tries = 200)
  void aListThatIsRefusedLosesOnlyTheEntriesOfTheSegmentInHand(
      @ForAll("lists") List<Segment> list, @ForAll @IntRange(min = 1, max = 30) int failAt) {
    table = new IommuTable(new TceWindow(12, 12, 0, 16384, 0, 0, 16, false));
    map(list, failAt);

    assertThat(call.failed()).isEqualTo(failAt <= list.size());
    if (call.failed()) {
      Segment refused = list.get(failAt - 1);
      long lost = (refused.phys() % 4096 + refused.length() + 4095) / 4096;
      assertThat(entries).isEmpty();
      assertThat(table.taken()).isEqualTo(1 + lost);
      assertThat(flushes).isZero();
    }
  }

  @Example
  void wholePagesOfAListMergeInAnEmptyPool() {
    table = new IommuTable(new TceWindow(12, 12, 0, 262144, 0, 0, 16, false));
    map(pages(4), 0);
    assertThat(call.vectors()).containsExactly(0x1000, 4 * 4096);

    table = new IommuTable(new TceWindow(12, 12, 0, 262144, 0, 0, 16, true));
    map(pages(4), 0);
    assertThat(call.vectors()).hasSize(8);
  }

  @Example
  void aListThatBeginsWithNothingIsNeverTakenBack() {
    table = new IommuTable(new TceWindow(12, 12, 0, 16384, 0, 0, 16, false));
    map(List.of(new Segment(0x5000, 0), new Segment(0x10_0000, 4096)), 0);
    assertThat(call.vectors()).containsExactly(0, 0, 0x1000, 4096);

    call.unmapSg(table, call.vectors());
    go(0);

    assertThat(entries).hasSize(1);
    assertThat(table.taken()).isEqualTo(2);
  }

  @Example
  void wholeSystemPagesBeginAtOnesInATableOfSmallerEntries() {
    table = new IommuTable(new TceWindow(16, 12, 0, 262144, 0, 0, 16, false));
    call.mapPage(table, PCI, 0x10_0000, 65_536);
    go(0);
    // 16 entries are a large range, wherever they belong.
    assertThat(call.address() >>> 12).isEqualTo(table.largeStart());
    call.mapPage(table, PCI, 0x10_0000, 4096);
    go(0);
    assertThat(call.address()).isEqualTo(0x1000);
    call.mapPage(table, PCI, 0x10_0000, 65_536);
    go(0);
    assertThat(call.address() >>> 12).isEqualTo(table.largeStart() + 16);
  }

  @Example
  void coherentMemoryIsAlignedToItselfAndHasALimit() {
    table = new IommuTable(new TceWindow(12, 12, 0, 262144, 0, 0, 16, false));
    call.allocCoherent(table, PCI, 0x10_0000, 3 * 4096);
    go(0);
    assertThat(call.address()).isEqualTo(0x4000);
    call.allocCoherent(table, PCI, 0x10_0000, (1L << 24) + 1);
    assertThat(call.step()).isEqualTo(TceCall.Step.DONE);
    assertThat(call.address()).isEqualTo(TceCall.FAILED);

    call.freeCoherent(table, 0x4000, 3 * 4096);
    go(0);
    assertThat(table.taken()).isEqualTo(1);
  }

  private static List<Segment> pages(int n) {
    List<Segment> list = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      list.add(new Segment((long) (i + 1) << 20, 4096));
    }
    return list;
  }

  private void map(List<Segment> list, int failAt) {
    entries.clear();
    call.beginList(table, PCI);
    list.forEach(s -> call.add(s.phys(), s.length()));
    call.mapSg();
    go(failAt);
  }

  private void go(int failAt) {
    writes = 0;
    flushes = 0;
    long bytes = 1L << table.tceShift();
    while (call.step() != TceCall.Step.DONE) {
      switch (call.step()) {
        case ALLOCATE -> call.allocate(0);
        case SET -> {
          writes++;
          for (long i = 0; i < call.count() && writes != failAt; i++) {
            assertThat(entries.put(call.entry() + i, call.phys() + i * bytes)).isNull();
          }
          call.set(writes == failAt);
        }
        case CLEAR -> {
          for (long i = 0; i < call.count(); i++) {
            assertThat(entries.remove(call.entry() + i)).isNotNull();
          }
          call.cleared();
        }
        case RELEASE -> call.release();
        case FLUSH -> {
          flushes++;
          call.flushed();
        }
        case DONE -> throw new AssertionError();
      }
    }
  }

  /** Physical address of every 64th byte in the order of the list. */
  private static List<Long> asked(List<Segment> list) {
    List<Long> bytes = new ArrayList<>();
    long at = 0;
    for (Segment segment : list) {
      for (long i = 0; i < segment.length(); i++, at++) {
        if (at % 64 == 0) {
          bytes.add(segment.phys() + i);
        }
      }
    }
    return bytes;
  }

  private List<Long> reached(long[] vectors) {
    int shift = table.tceShift();
    List<Long> bytes = new ArrayList<>();
    long at = 0;
    for (int v = 0; v < vectors.length; v += 2) {
      for (long i = 0; i < vectors[v + 1]; i++, at++) {
        if (at % 64 == 0) {
          long address = vectors[v] + i;
          bytes.add(entries.get(address >>> shift) + (address & (1L << shift) - 1));
        }
      }
    }
    return bytes;
  }
}
