package dev.mapstorm.actors.model.blk;

/**
 * What of {@code struct queue_limits} decides the segments of a request.
 *
 * @param virtBoundary {@code virt_boundary_mask}: a segment may only end inside such a block if it
 *     is the last; 0 for none
 * @param maxSegmentSize {@code max_segment_size} in bytes, 1 to 2^32-1
 * @param segBoundary {@code seg_boundary_mask}: no segment crosses a multiple of it plus one
 */
public record QueueLimits(long virtBoundary, long maxSegmentSize, long segBoundary) {
  /** Refuses limits that no queue has. */
  public QueueLimits {
    if (maxSegmentSize < 1 || maxSegmentSize >>> 32 != 0) {
      throw new IllegalArgumentException(
          "max_segment_size must be 1 to 2^32-1, is " + maxSegmentSize);
    }
    if (segBoundary < 1) {
      throw new IllegalArgumentException(
          "seg_boundary_mask must be 1 to 2^63-1, is " + segBoundary);
    }
  }

  /** {@code get_max_segment_size}: bytes that a segment from {@code phys} may have. */
  long maxFrom(long phys) {
    return Math.min(segBoundary - (segBoundary & phys), maxSegmentSize - 1) + 1;
  }

  /** {@code biovec_phys_mergeable}: whether two vectors can be one. */
  boolean mergeable(long phys1, long length1, long phys2, long length2) {
    return phys1 + length1 == phys2 && (phys1 | segBoundary) == (phys2 + length2 - 1 | segBoundary);
  }
}
