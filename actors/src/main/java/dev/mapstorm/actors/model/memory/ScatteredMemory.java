package dev.mapstorm.actors.model.memory;

import dev.mapstorm.protocol.Granule;

/**
 * Physical memory as a long-running machine hands it out: each piece of a buffer stands somewhere
 * else. A client draws from a region of its own of {@value #REGION_BYTES} bytes; within it, pieces
 * follow a multiplicative permutation, so no two pieces are the same until the region was used up,
 * and neighbours are never physically contiguous. Not thread-safe.
 */
public final class ScatteredMemory {
  private static final int REGION_SHIFT = 32;
  private static final long REGION_BYTES = 1L << REGION_SHIFT;
  private static final long ODD = 0x9E3779B1L;

  private final long base;
  private final int pieceShift;
  private final long mask;
  private long next;

  /**
   * The memory of a client.
   *
   * @param client its number; region {@code client + 1}
   * @param pieceBytes physically contiguous bytes, rounded up to a power of two of at least a
   *     granule
   * @param seed shifts where the permutation starts
   */
  public ScatteredMemory(int client, long pieceBytes, long seed) {
    base = (client + 1L) << REGION_SHIFT;
    long rounded = Math.max(Granule.BYTES, Long.highestOneBit(Math.max(pieceBytes, 1) * 2 - 1));
    pieceShift = Long.numberOfTrailingZeros(rounded);
    mask = (REGION_BYTES >>> pieceShift) - 1;
    next = seed & mask;
  }

  /** The physical address of the next piece. */
  public long nextPiece() {
    long index = (next++ * ODD) & mask;
    return base + (index << pieceShift);
  }
}
