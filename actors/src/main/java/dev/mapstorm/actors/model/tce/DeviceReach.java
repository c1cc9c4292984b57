package dev.mapstorm.actors.model.tce;

/**
 * What a device can do, as far as the allocator of entries asks.
 *
 * @param mask highest address that it can drive, unsigned ({@code dma_mask})
 * @param segBoundaryMask a power of two less one that no range may cross, unsigned; all ones for
 *     none ({@code dma_get_seg_boundary})
 * @param maxSegSize longest vector of a list that segments are merged to, unsigned 32 bits ({@code
 *     dma_get_max_seg_size})
 */
public record DeviceReach(long mask, long segBoundaryMask, long maxSegSize) {
  /** {@code dma_get_seg_boundary} of a device that never set one. */
  public static final long NO_BOUNDARY = -1;

  private static final long U32 = 0xffff_ffffL;

  /**
   * Refuses what cannot be.
   *
   * @throws IllegalArgumentException if the boundary mask is not a power of two less one, or the
   *     size does not fit 32 bits
   */
  public DeviceReach {
    if ((segBoundaryMask & segBoundaryMask + 1) != 0) {
      throw new IllegalArgumentException(
          "the segment boundary mask must be a power of two less one, is "
              + Long.toUnsignedString(segBoundaryMask));
    }
    if (maxSegSize < 0 || maxSegSize > U32) {
      throw new IllegalArgumentException(
          "the longest segment must be 0 to 4294967295 bytes, is " + maxSegSize);
    }
  }
}
