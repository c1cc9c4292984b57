package dev.mapstorm.actors.driver;

import dev.mapstorm.actors.core.RequestInProgress;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.MapApi;
import java.util.Arrays;

/**
 * A client's request and what became of it so far: the physical ranges it is for and the mappings
 * that it holds. Not thread-safe.
 */
final class DmaRequest {
  long op;
  MapApi api = MapApi.PAGE;
  Direction direction = Direction.FROM_DEVICE;
  long[] phys = {};
  int[] length = {};
  long bytes;
  long startedAt;
  boolean failed;
  boolean faulted;

  private int[] mapping = new int[4];
  private long[] mappedBy = new long[4];
  private long[] mappedBytes = new long[4];
  private int mappings;
  private long[] vectors = new long[8];
  private int vectorWords;

  /** Makes it a new request that holds nothing. */
  void begin(long number, MapApi how, Direction way, long[] ranges, int[] lengths, long now) {
    op = number;
    api = how;
    direction = way;
    phys = ranges;
    length = lengths;
    bytes = 0;
    for (int each : lengths) {
      bytes += each;
    }
    startedAt = now;
    failed = false;
    faulted = false;
    mappings = 0;
    vectorWords = 0;
  }

  /** Remembers a mapping, the call that made it and the DMA vectors that it gave. */
  void mapped(int number, long call, long[] pairs) {
    if (mappings == mapping.length) {
      mapping = Arrays.copyOf(mapping, mappings * 2);
      mappedBy = Arrays.copyOf(mappedBy, mappings * 2);
      mappedBytes = Arrays.copyOf(mappedBytes, mappings * 2);
    }
    if (vectorWords + pairs.length > vectors.length) {
      vectors = Arrays.copyOf(vectors, Math.max(vectors.length * 2, vectorWords + pairs.length));
    }
    System.arraycopy(pairs, 0, vectors, vectorWords, pairs.length);
    vectorWords += pairs.length;
    mapping[mappings] = number;
    mappedBy[mappings] = call;
    mappedBytes[mappings++] = total(pairs);
  }

  static long total(long[] pairs) {
    long sum = 0;
    for (int i = 1; i < pairs.length; i += 2) {
      sum += pairs[i];
    }
    return sum;
  }

  int mappings() {
    return mappings;
  }

  int mapping(int index) {
    return mapping[index];
  }

  /** The call that made a mapping. */
  long mappedBy(int index) {
    return mappedBy[index];
  }

  long mappedBytes(int index) {
    return mappedBytes[index];
  }

  /** The request as it is between two steps, with {@code unmapped} of its mappings gone. */
  RequestInProgress show(RequestInProgress.Phase phase, int unmapped) {
    return new RequestInProgress(
        op,
        direction,
        bytes,
        startedAt,
        failed,
        phase,
        unmapped,
        Arrays.copyOf(mappedBy, mappings),
        Arrays.copyOf(mappedBytes, mappings),
        vectors());
  }

  /** The DMA vectors of all mappings, as pairs, for a message. */
  long[] vectors() {
    return Arrays.copyOf(vectors, vectorWords);
  }
}
