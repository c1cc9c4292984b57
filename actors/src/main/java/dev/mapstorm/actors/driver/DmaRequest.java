package dev.mapstorm.actors.driver;

import dev.mapstorm.actors.core.RequestInProgress;
import dev.mapstorm.actors.model.blk.BlkRequest;
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

  /** With the IOMMU API: the address that it is to be mapped at. */
  long iova;

  long startedAt;
  boolean failed;
  boolean faulted;

  private int[] mapping = new int[4];
  private long[] mappedBy = new long[4];
  private long[] mappedBytes = new long[4];
  private int mappings;
  private long[] vectors = new long[8];
  private int vectorWords;

  /** Of a request in kept buffers, which holds no mapping: the mapping of each of its vectors. */
  private int[] reused = {};

  private long[] reusedOf = {};
  private long[] reusedOffset = {};

  /** Memory regions that its vectors became, and whether they are being invalidated, or are. */
  int regions;

  boolean invalidated;

  /** Of a request in kept buffers: which part of them it has. */
  int part;

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
    regions = 0;
    invalidated = false;
    mappings = 0;
    vectorWords = 0;
  }

  /** Puts segments in the place of its ranges. */
  void segments(BlkRequest segments) {
    phys = new long[segments.segments()];
    length = new int[phys.length];
    for (int i = 0; i < phys.length; i++) {
      phys[i] = segments.phys(i);
      length[i] = (int) segments.length(i);
    }
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

  /**
   * Adds a part of a mapping that another request, one for a kept buffer, holds.
   *
   * @param number of the mapping
   * @param call that made it
   * @param address of the DMA vector that it is part of
   * @param offset from there
   */
  void reuses(int number, long call, long address, long offset, long bytesOfIt) {
    int index = vectorWords / 2;
    if (index == reused.length) {
      int room = Math.max(1, index * 2);
      reused = Arrays.copyOf(reused, room);
      reusedOf = Arrays.copyOf(reusedOf, room);
      reusedOffset = Arrays.copyOf(reusedOffset, room);
    }
    reused[index] = number;
    reusedOf[index] = call;
    reusedOffset[index] = offset;
    if (vectorWords == vectors.length) {
      vectors = Arrays.copyOf(vectors, vectorWords * 2);
    }
    vectors[vectorWords++] = address + offset;
    vectors[vectorWords++] = bytesOfIt;
  }

  /** How many DMA vectors it has. */
  int vectorCount() {
    return vectorWords / 2;
  }

  /** DMA address of a vector. */
  long vectorAddress(int index) {
    return vectors[2 * index];
  }

  /** Bytes of a vector. */
  long vectorBytes(int index) {
    return vectors[2 * index + 1];
  }

  /** The mapping that a vector of a request in kept buffers is part of. */
  int reused(int index) {
    return reused[index];
  }

  /** How far a vector of such a request is into the vector of its mapping. */
  long reusedOffset(int index) {
    return reusedOffset[index];
  }

  /** The call that made that mapping. */
  long reusedOf(int index) {
    return reusedOf[index];
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
