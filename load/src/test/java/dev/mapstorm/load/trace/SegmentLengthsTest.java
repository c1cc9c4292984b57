package dev.mapstorm.load.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.load.trace.TraceEvent.DmaMapSg;
import dev.mapstorm.load.trace.TraceEvent.IommuMap;
import dev.mapstorm.protocol.Direction;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * Against {@code iommu_dma_map_sg}, {@code iommu_map_sg} and {@code __finalise_sg}, written
 * plainly.
 */
class SegmentLengthsTest {
  private static final long PAGE = 4096;
  private static final long MOST_IN_OUTPUT = 65536;

  @Property(tries = 2000)
  void findsTheLengthsThatWereMapped(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 40) int segments) {
    Random random = new Random(seed);
    List<long[]> list = segments(random, segments);
    List<IommuMap> pieces = pieces(list, 0x7f000000L);

    assertThat(SegmentLengths.translated(mapped(list, 0x7f000000L), pieces))
        .hasValueSatisfying(
            lengths ->
                assertThat(lengths)
                    .containsExactly(list.stream().mapToLong(segment -> segment[1]).toArray()));
  }

  @Property(tries = 500)
  void answersNothingWhenAPieceIsMissing(
      @ForAll long seed, @ForAll @IntRange(min = 2, max = 40) int segments) {
    Random random = new Random(seed);
    List<long[]> list = segments(random, segments);
    List<IommuMap> pieces = pieces(list, 0);
    if (pieces.size() > 1) {
      assertThat(SegmentLengths.translated(mapped(list, 0), pieces.subList(0, pieces.size() - 1)))
          .isEmpty();
    }
  }

  /** Segments at distinct places of memory, neighbours often contiguous, in list order. */
  private static List<long[]> segments(Random random, int count) {
    List<Long> slots = new ArrayList<>();
    for (long slot = 0; slot < 2L * count; slot++) {
      slots.add(slot);
    }
    Collections.shuffle(slots, random);
    List<long[]> list = new ArrayList<>();
    long[] previous = {0, 0};
    for (int i = 0; i < count; i++) {
      long start = (1 + slots.get(i)) << 24;
      if (i > 0 && random.nextInt(2) == 0) {
        start = previous[0] + previous[1];
      } else if (random.nextInt(4) == 0) {
        start += random.nextInt(4096);
      }
      long length =
          random.nextInt(3) == 0 ? 1 + random.nextInt(20000) : (1 + random.nextInt(5)) * PAGE;
      previous = new long[] {start, length};
      list.add(previous);
    }
    return list;
  }

  private static long padded(long[] segment) {
    return (segment[0] % PAGE + segment[1] + PAGE - 1) / PAGE * PAGE;
  }

  private static List<IommuMap> pieces(List<long[]> list, long iova) {
    List<IommuMap> pieces = new ArrayList<>();
    long at = iova;
    for (long[] segment : list) {
      long start = segment[0] / PAGE * PAGE;
      IommuMap last = pieces.isEmpty() ? null : pieces.get(pieces.size() - 1);
      if (last != null && last.paddr() + last.size() == start) {
        pieces.set(
            pieces.size() - 1,
            new IommuMap("", last.iova(), last.paddr(), last.size() + padded(segment)));
      } else {
        pieces.add(new IommuMap("", at, start, padded(segment)));
      }
      at += padded(segment);
    }
    return pieces;
  }

  private static DmaMapSg mapped(List<long[]> list, long iova) {
    List<Long> addresses = new ArrayList<>();
    List<Long> sizes = new ArrayList<>();
    long at = iova;
    long current = 0;
    for (long[] segment : list) {
      long offset = segment[0] % PAGE;
      int last = sizes.size() - 1;
      if (current > 0 && offset == 0 && MOST_IN_OUTPUT - current >= segment[1]) {
        current += segment[1];
        sizes.set(last, current);
      } else {
        current = segment[1];
        addresses.add(at + offset);
        sizes.add(current);
      }
      at += padded(segment);
      if (segment[1] + offset < padded(segment)) {
        current = 0;
      }
    }
    return new DmaMapSg(
        "d",
        Direction.TO_DEVICE,
        addresses.stream().mapToLong(a -> a).toArray(),
        sizes.stream().mapToLong(s -> s).toArray(),
        list.stream().mapToLong(segment -> segment[0]).toArray(),
        list.size(),
        sizes.size());
  }
}
