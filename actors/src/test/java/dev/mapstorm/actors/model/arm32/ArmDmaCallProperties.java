package dev.mapstorm.actors.model.arm32;

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

/** Lists and pages over a page table that is a map, one page at a time. */
class ArmDmaCallProperties {
  private static final long BASE = 0x4000_0000L;

  private final ArmDmaCall call = new ArmDmaCall();
  private IovaBitmaps bitmaps = new IovaBitmaps(BASE, 1 << 28, 8);
  private final TreeMap<Long, Long> pages = new TreeMap<>();
  private int maps;
  private int unmaps;

  record Segment(long page, int offset, int length) {}

  @Provide
  Arbitrary<List<Segment>> lists() {
    Arbitrary<Segment> whole =
        Arbitraries.longs().between(1, 1000).map(p -> new Segment(p << 20, 0, 4096));
    Arbitrary<Segment> any =
        Combinators.combine(
                Arbitraries.longs().between(1, 1000),
                Arbitraries.of(0, 0, 1, 100, 4095),
                Arbitraries.of(1, 512, 4096, 8192, 10_000, 65_536))
            .as((page, offset, length) -> new Segment(page << 20, offset, length));
    return Arbitraries.oneOf(whole, whole, any).list().ofMinSize(1).ofMaxSize(40);
  }

  @Property(tries = 300)
  void theDeviceReachesEveryByteAndAllIsTakenBack(
      @ForAll("lists") List<Segment> list,
      @ForAll @IntRange(min = 4096, max = 200_000) int maxSegSize) {
    map(list, maxSegSize, 0);

    assertThat(call.error()).isZero();
    assertThat(maps).isEqualTo(list.size());
    assertThat(reached(call.vectors())).isEqualTo(asked(list));
    long[] vectors = call.vectors();
    for (int i = 0; i < vectors.length; i += 2) {
      boolean oneSegment = list.stream().anyMatch(lengthIs(vectors[i + 1]));
      assertThat(vectors[i + 1] <= maxSegSize || oneSegment).isTrue();
    }

    call.unmapSg(vectors);
    go(0);
    assertThat(pages).isEmpty();
    assertThat(bitmaps.taken()).isZero();
    assertThat(unmaps).isEqualTo(vectors.length / 2);
  }

  private static java.util.function.Predicate<Segment> lengthIs(long bytes) {
    return segment -> segment.length() == bytes;
  }

  @Property(tries = 300)
  void aMapThatTheIommuRefusesLeavesNothing(
      @ForAll("lists") List<Segment> list, @ForAll @IntRange(min = 1, max = 40) int failAt) {
    map(list, 65_536, failAt);

    if (failAt <= list.size()) {
      assertThat(call.error()).isEqualTo(ArmDmaCall.EINVAL);
      assertThat(pages).isEmpty();
      assertThat(bitmaps.taken()).isZero();
    } else {
      assertThat(call.error()).isZero();
    }
  }

  @Example
  void aChunkEndsWhereASegmentIsNoWholePageOrTheNextWouldBeTooMuch() {
    map(
        List.of(
            new Segment(0x10_0000, 0x200, 0xe00),
            new Segment(0x20_0000, 0, 4096),
            new Segment(0x30_0000, 0, 100),
            new Segment(0x40_0000, 0, 4096),
            new Segment(0x50_0000, 8, 4096)),
        65_536,
        0);

    // The third has no whole page, so the fourth is a chunk; the fifth begins inside its page.
    assertThat(call.vectors())
        .containsExactly(
            BASE + 0x200, 0xe00 + 4096 + 100, BASE + 0x3000, 4096, BASE + 0x4008, 4096);
  }

  @Example
  void addressZeroIsMappedAndNeverUnmapped() {
    IovaBitmaps fromZero = new IovaBitmaps(0, 1 << 20, 8);
    call.mapPage(0x7000, 0, 4096);
    call.allocated(fromZero.allocate(call.bytes()));
    call.mapped(0);
    assertThat(call.vectors()).containsExactly(0, 4096);

    call.unmapPage(0, 4096);

    assertThat(call.step()).isEqualTo(ArmDmaCall.Step.DONE);
    assertThat(fromZero.taken()).isEqualTo(1);
    call.unmapSg(new long[] {0, 4096});
    assertThat(call.step()).isEqualTo(ArmDmaCall.Step.UNMAP);
  }

  @Example
  void pagesBeforeAnOffsetOfAPageStayMapped() {
    call.mapPage(0x10_0000, 4096 + 16, 100);
    go(0);
    assertThat(call.vectors()).containsExactly(BASE + 4096 + 16, 100);
    assertThat(pages).hasSize(2);

    call.unmapPage(BASE + 4096 + 16, 100);
    go(0);

    assertThat(pages).containsOnlyKeys(BASE);
    assertThat(bitmaps.taken()).isEqualTo(1);
  }

  /** Into an empty window: a property has one instance for all its tries. */
  private void map(List<Segment> list, long maxSegSize, int failAt) {
    bitmaps = new IovaBitmaps(BASE, 1 << 28, 8);
    pages.clear();
    call.beginList(maxSegSize);
    list.forEach(s -> call.add(s.page(), s.offset(), s.length()));
    call.mapSg();
    go(failAt);
  }

  private void go(int failAt) {
    maps = 0;
    unmaps = 0;
    while (call.step() != ArmDmaCall.Step.DONE) {
      switch (call.step()) {
        case ALLOCATE -> call.allocated(bitmaps.allocate(call.bytes()));
        case MAP -> {
          maps++;
          if (maps == failAt) {
            call.mapped(-5);
          } else {
            for (long i = 0; i < call.bytes(); i += 4096) {
              assertThat(pages.put(call.iova() + i, call.phys() + i)).isNull();
            }
            call.mapped(0);
          }
        }
        case UNMAP -> {
          unmaps++;
          for (long i = 0; i < call.bytes(); i += 4096) {
            assertThat(pages.remove(call.iova() + i)).isNotNull();
          }
          call.unmapped();
        }
        case RELEASE -> {
          bitmaps.free(call.iova(), call.bytes());
          call.released();
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
          bytes.add(segment.page() + segment.offset() + i);
        }
      }
    }
    return bytes;
  }

  private List<Long> reached(long[] vectors) {
    List<Long> bytes = new ArrayList<>();
    long at = 0;
    for (int v = 0; v < vectors.length; v += 2) {
      for (long i = 0; i < vectors[v + 1]; i++, at++) {
        if (at % 64 == 0) {
          long address = vectors[v] + i;
          bytes.add(pages.get(address & -4096) + (address & 4095));
        }
      }
    }
    return bytes;
  }
}
