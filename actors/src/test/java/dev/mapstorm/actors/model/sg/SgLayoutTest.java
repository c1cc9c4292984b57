package dev.mapstorm.actors.model.sg;

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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SgLayoutTest {
  private static final long IOVA = 0xfff0_0000L;

  private final SgLayout layout = new SgLayout(4096);

  /** Segments and vectors as {@code offset+length}, in hexadecimal, relative to the range. */
  @ParameterizedTest
  @CsvSource({
    "0+1000 0+1000 0+1000 0+1000, 10000, ffffffff, 4000, 0+4000",
    "200+e00 0+1000 0+1000, 10000, ffffffff, 3000, 200+2e00",
    "0+1000 0+1000 0+64, 10000, ffffffff, 3000, 0+2064",
    "0+1000 0+200 0+1000, 10000, ffffffff, 3000, 0+1200 2000+1000",
    "0+1000 100+f00 0+1000, 10000, ffffffff, 3000, 0+1000 1100+1f00",
    "0+1000 0+1000 0+1000 0+1000, 2000, ffffffff, 4000, 0+2000 2000+2000",
    "0+8000 0+8000 0+8000, 10000, ffffffff, 18000, 0+10000 10000+8000",
    "0+6000 0+6000 0+6000, 10000, ffff, 16000, 0+c000 10000+6000"
  })
  void laysOutAsLinuxDoes(
      String segments, String maxSize, String mask, String iovaLength, String vectors) {
    String[] each = segments.split(" ");
    long[] phys = new long[each.length];
    int[] length = new int[each.length];
    for (int i = 0; i < each.length; i++) {
      phys[i] = 0x1_0000_0000L * (each.length - i) + hex(each[i].split("\\+")[0]);
      length[i] = (int) hex(each[i].split("\\+")[1]);
    }

    assertThat(layout.measure(phys, length, each.length, hex(mask), hex(maxSize)))
        .isEqualTo(hex(iovaLength));
    layout.place(IOVA);

    assertThat(vectors()).isEqualTo(vectors);
  }

  @Test
  void vectorEndsAtASegmentBoundary() {
    long[] phys = new long[20];
    int[] length = new int[20];
    for (int i = 0; i < 20; i++) {
      phys[i] = i * 0x10_0000L;
      length[i] = 4096;
    }

    assertThat(layout.measure(phys, length, 20, 0xffff, 1 << 20)).isEqualTo(81920);
    layout.place(IOVA);

    assertThat(vectors()).isEqualTo("0+10000 10000+4000");
  }

  @Test
  void physicallyContiguousSegmentsAreOneChunk() {
    long[] phys = {0x10200, 0x11000, 0x20000, 0x21000, 0x13000};
    int[] length = {0xe00, 0x800, 0x1000, 0x1000, 0x1000};

    layout.measure(phys, length, 5, 0xffff_ffffL, 0x10000);
    layout.place(IOVA);

    assertThat(chunks())
        .containsExactly(
            chunk(0, 0x10000, 0x2000),
            chunk(0x2000, 0x20000, 0x2000),
            chunk(0x4000, 0x13000, 0x1000));
  }

  @Test
  void paddingToABoundaryIsMappedBehindTheSegmentBefore() {
    long[] phys = {0x10000, 0x20000, 0x30000};
    int[] length = {0x6000, 0x6000, 0x6000};

    layout.measure(phys, length, 3, 0xffff, 0x10000);
    layout.place(IOVA);

    assertThat(chunks())
        .containsExactly(
            chunk(0, 0x10000, 0x6000),
            chunk(0x6000, 0x20000, 0xa000),
            chunk(0x10000, 0x30000, 0x6000));
  }

  @Test
  void segmentLongerThanTheLargestVectorTakesFurtherSegmentsByWrapping() {
    // In __finalise_sg the room left, max_len - cur_len, is unsigned and wraps.
    long[] phys = {0x10000, 0x30000};
    int[] length = {0x3000, 0x1000};

    layout.measure(phys, length, 2, 0xffff_ffffL, 0x2000);
    layout.place(IOVA);

    assertThat(vectors()).isEqualTo("0+4000");
  }

  @Test
  void emptyListNeedsNothing() {
    assertThat(layout.measure(new long[0], new int[0], 0, 0xffff, 0x10000)).isZero();
    layout.place(0);
    assertThat(layout.vectors()).isZero();
    assertThat(layout.chunks()).isZero();
  }

  @Test
  void layoutCanBeUsedForALongerListAfterAShorter() {
    for (int count : new int[] {3, 200, 1}) {
      long[] phys = new long[count];
      int[] length = new int[count];
      for (int i = 0; i < count; i++) {
        phys[i] = i * 0x2000L;
        length[i] = 4096;
      }
      assertThat(layout.measure(phys, length, count, 0xffff_ffffL, 0xffff_ffffL))
          .isEqualTo(count * 4096L);
      layout.place(IOVA & -0x100_0000L);
      assertThat(layout.chunks()).isEqualTo(count);
      assertThat(layout.vectors()).isEqualTo(1);
    }
  }

  @Test
  void wrongLimitsAndLengthsAreRefused() {
    long[] phys = {0};
    assertThatThrownBy(() -> new SgLayout(3000)).hasMessageContaining("3000");
    assertThatThrownBy(() -> layout.measure(phys, new int[] {1}, 1, 0xfff0, 1))
        .hasMessageContaining("power of two less one, not 0xfff0");
    assertThatThrownBy(() -> layout.measure(phys, new int[] {1}, 1, 0xffff, 0))
        .hasMessageContaining("not 0");
    assertThatThrownBy(() -> layout.measure(phys, new int[] {-1}, 1, 0xffff, 1))
        .hasMessageContaining("more than 32 bits hold");
  }

  /** A list with the limits it is laid out under. */
  record SgList(long[] phys, int[] length, long mask, long maxSize) {}

  @Property
  void everyByteIsReachedInOrderWithinBoundariesAndLimits(@ForAll("lists") SgList list) {
    int count = list.phys.length;
    long iovaLength = layout.measure(list.phys, list.length, count, list.mask, list.maxSize);
    long iova = Long.highestOneBit(iovaLength * 2 - 1) * 4;
    layout.place(iova);

    int segment = 0;
    long done = 0;
    for (int v = 0; v < layout.vectors(); v++) {
      long at = layout.vectorAddress(v);
      long end = at + layout.vectorLength(v);
      assertThat(at ^ end - 1).isLessThanOrEqualTo(list.mask);
      assertThat(end - at).isLessThanOrEqualTo(list.maxSize);
      while (at < end) {
        assertThat(physOf(at)).isEqualTo(list.phys[segment] + done);
        long step = Math.min(4096 - (at & 4095), list.length[segment] - done);
        at += step;
        done += step;
        if (done == list.length[segment]) {
          segment++;
          done = 0;
        }
      }
      assertThat(at).isEqualTo(end);
    }
    assertThat(segment).isEqualTo(count);
  }

  @Provide
  Arbitrary<SgList> lists() {
    Arbitrary<long[]> one =
        Combinators.combine(
                Arbitraries.longs().between(0, 64),
                Arbitraries.of(0L, 0L, 0x200L, 0xe01L),
                Arbitraries.of(1L, 512L, 4096L, 8192L, 12288L, 5000L))
            .as((page, offset, length) -> new long[] {page * 4096 + offset, length});
    return Combinators.combine(
            one.list().ofMinSize(1).ofMaxSize(40),
            Arbitraries.of(0xffffL, 0xffffffL, 0xffff_ffffL),
            Arbitraries.of(0x4000L, 0x10000L, 0xffff_ffffL))
        .as(
            (segments, mask, maxSize) ->
                new SgList(
                    segments.stream().mapToLong(s -> s[0]).toArray(),
                    segments.stream().mapToInt(s -> (int) s[1]).toArray(),
                    mask,
                    maxSize));
  }

  private long physOf(long iova) {
    for (int c = 0; c < layout.chunks(); c++) {
      long into = iova - layout.chunkIova(c);
      if (into >= 0 && into < layout.chunkLength(c)) {
        return layout.chunkPhys(c) + into;
      }
    }
    throw new AssertionError(String.format("0x%x is in no chunk", iova));
  }

  private String vectors() {
    List<String> list = new ArrayList<>();
    for (int v = 0; v < layout.vectors(); v++) {
      list.add(String.format("%x+%x", layout.vectorAddress(v) - IOVA, layout.vectorLength(v)));
    }
    return String.join(" ", list);
  }

  private List<List<Long>> chunks() {
    List<List<Long>> list = new ArrayList<>();
    for (int c = 0; c < layout.chunks(); c++) {
      list.add(List.of(layout.chunkIova(c), layout.chunkPhys(c), layout.chunkLength(c)));
    }
    return list;
  }

  private static List<Long> chunk(long offset, long phys, long length) {
    return List.of(IOVA + offset, phys, length);
  }

  private static long hex(String digits) {
    return Long.parseLong(digits, 16);
  }
}
