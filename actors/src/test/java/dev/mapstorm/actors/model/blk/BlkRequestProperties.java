package dev.mapstorm.actors.model.blk;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Segments and gaps of requests, against a walk over the vectors one by one. */
class BlkRequestProperties {
  /** A vector as it is to be read: an address, its offset in its page, and bytes. */
  private record Vector(int bio, long phys, long offset, long length) {}

  @Property(tries = 1000, edgeCases = EdgeCasesMode.NONE)
  void segmentsAndGapsAreThoseOfTheRules(
      @ForAll("limits") QueueLimits limits, @ForAll("bios") List<Bio> bios) {
    BlkRequest request = new BlkRequest(limits, bios);
    List<Vector> vectors = vectors(bios);

    assertThat(request.bytes()).isEqualTo(vectors.stream().mapToLong(Vector::length).sum());
    assertThat(request.gapBit()).isEqualTo(gapBit(limits, vectors));
    List<long[]> segments = new ArrayList<>();
    for (int i = 0; i < request.segments(); i++) {
      segments.add(new long[] {request.phys(i), request.length(i)});
    }
    assertThat(segments).containsExactlyElementsOf(segments(limits, vectors));
  }

  @Provide
  Arbitrary<QueueLimits> limits() {
    return Combinators.combine(
            Arbitraries.of(0L, 511L, 4095L, 65535L),
            Arbitraries.of(4096L, 41472L, 65536L, 66048L, 0xffffffffL),
            Arbitraries.of(4095L, 65535L, 0xffffffffL, Long.MAX_VALUE))
        .as(QueueLimits::new);
  }

  @Provide
  Arbitrary<List<Bio>> bios() {
    Arbitrary<long[]> vector =
        Combinators.combine(
                Arbitraries.longs().between(1, 6),
                Arbitraries.of(0L, 0L, 0L, 512L, 1536L, 4096L),
                Arbitraries.of(512L, 2560L, 3584L, 4096L, 8192L, 140_000L))
            .as((page, offset, length) -> new long[] {page * 4096, offset, length});
    Arbitrary<List<long[]>> one = vector.list().ofMinSize(1).ofMaxSize(5);
    return Combinators.combine(one, Arbitraries.of(0L, 512L), Arbitraries.of(0L, 0L, 100L))
        .as(BlkRequestProperties::bio)
        .list()
        .ofMinSize(1)
        .ofMaxSize(4);
  }

  /** A bio whose vectors often follow each other in memory. */
  private static Bio bio(List<long[]> vectors, long done, long missing) {
    int n = vectors.size();
    long[] pages = new long[n];
    long[] offsets = new long[n];
    long[] lengths = new long[n];
    long all = 0;
    for (int i = 0; i < n; i++) {
      long[] vector = vectors.get(i);
      boolean follows = i > 0 && vector[0] > 8192;
      pages[i] = follows ? pages[i - 1] : vector[0];
      offsets[i] = follows ? offsets[i - 1] + lengths[i - 1] : vector[1];
      lengths[i] = vector[2];
      all += lengths[i];
    }
    long skipped = done < lengths[0] ? done : 0;
    return new Bio(skipped, all - skipped - missing, pages, offsets, lengths);
  }

  private static List<Vector> vectors(List<Bio> bios) {
    List<Vector> vectors = new ArrayList<>();
    for (int b = 0; b < bios.size(); b++) {
      Bio bio = bios.get(b);
      long skip = bio.done();
      long left = bio.bytes();
      for (int i = 0; i < bio.pages().length && left > 0; i++) {
        long length = Math.min(bio.lengths()[i] - skip, left);
        long offset = bio.offsets()[i] + skip;
        vectors.add(new Vector(b, bio.pages()[i] + offset, offset, length));
        left -= length;
        skip = 0;
      }
    }
    return vectors;
  }

  private static boolean follows(QueueLimits limits, long start, long end, Vector next) {
    long block = limits.segBoundary() == Long.MAX_VALUE ? 0 : limits.segBoundary() + 1;
    return end == next.phys
        && (block == 0 || start / block == (next.phys + next.length - 1) / block);
  }

  private static List<long[]> segments(QueueLimits limits, List<Vector> vectors) {
    List<long[]> segments = new ArrayList<>();
    long rest = 0;
    for (int i = 0; i < vectors.size(); ) {
      Vector vector = vectors.get(i);
      long start = vector.phys + rest;
      long block = limits.segBoundary() == Long.MAX_VALUE ? 0 : limits.segBoundary() + 1;
      long room =
          Math.min(limits.maxSegmentSize(), block == 0 ? Long.MAX_VALUE : block - start % block);
      long length = Math.min(vector.length - rest, room);
      rest += length;
      if (rest == vector.length) {
        rest = 0;
        i++;
        while (i < vectors.size()
            && length + vectors.get(i).length <= room
            && follows(limits, start, start + length, vectors.get(i))) {
          length += vectors.get(i).length;
          i++;
        }
      }
      segments.add(new long[] {start, length});
    }
    return segments;
  }

  private static int gapBit(QueueLimits limits, List<Vector> vectors) {
    int lowest = 0;
    for (int i = 1; i < vectors.size(); i++) {
      Vector before = vectors.get(i - 1);
      Vector next = vectors.get(i);
      boolean merged =
          before.bio != next.bio && follows(limits, before.phys, before.phys + before.length, next);
      for (int bit = 0; !merged && bit < 62; bit++) {
        boolean gap =
            (next.offset >> bit & 1) != 0 || (before.offset + before.length >> bit & 1) != 0;
        if (gap && (lowest == 0 || bit + 1 < lowest)) {
          lowest = bit + 1;
        }
      }
    }
    return lowest;
  }
}
