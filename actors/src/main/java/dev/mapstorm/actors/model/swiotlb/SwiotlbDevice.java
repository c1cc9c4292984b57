package dev.mapstorm.actors.model.swiotlb;

/**
 * What swiotlb looks at of a {@code struct device}. Masks are unsigned.
 *
 * @param minAlignMask {@code dma_get_min_align_mask}: bits of an address that the DMA address must
 *     keep, one less than a power of two, below 2^31; 0 if there are none
 * @param segBoundaryMask {@code dma_get_seg_boundary}: one less than the power of two that no
 *     mapping crosses; {@link #NO_BOUNDARY} if it was never set
 * @param dmaMask {@code min_not_zero(*dev->dma_mask, dev->bus_dma_limit)}: highest address that the
 *     device reaches
 */
public record SwiotlbDevice(long minAlignMask, long segBoundaryMask, long dmaMask) {
  /** A boundary that was never set: {@code ULONG_MAX}. */
  public static final long NO_BOUNDARY = -1;

  /**
   * Checks the masks.
   *
   * @throws IllegalArgumentException if a mask is not one less than a power of two
   */
  public SwiotlbDevice {
    if (!isLowMask(minAlignMask) || minAlignMask > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "the minimum alignment mask must be one less than a power of two up to 2^31, is "
              + Long.toUnsignedString(minAlignMask));
    }
    if (!isLowMask(segBoundaryMask)) {
      throw new IllegalArgumentException(
          "the segment boundary mask must be one less than a power of two, is "
              + Long.toUnsignedString(segBoundaryMask));
    }
  }

  /** Whether {@code mask} is one less than a power of two. */
  static boolean isLowMask(long mask) {
    return (mask & mask + 1) == 0;
  }

  /** {@code dma_capable}: whether the device reaches all {@code bytes} at {@code address}. */
  public boolean reaches(long address, long bytes) {
    return Long.compareUnsigned(address + bytes - 1, dmaMask) <= 0;
  }

  /**
   * {@code swiotlb_align_offset}: the low bits of an address that a bounce keeps apart from its
   * slot's own alignment.
   */
  long alignOffset(long allocAlignMask, long address) {
    return address & minAlignMask & (allocAlignMask | IoTlbPool.SLOT_BYTES - 1);
  }

  /** {@code swiotlb_max_mapping_size}: the most bytes that one bounce of the device holds. */
  public long maxMappingBytes() {
    return IoTlbPool.GROUP_BYTES - IoTlbPool.slotsOf(minAlignMask) * IoTlbPool.SLOT_BYTES;
  }

  /**
   * Bytes that a batch of the device holds at most when it is linearised into one bounce: the
   * longest segment, the largest mapping, and the segment boundary, whichever is least. Not a rule
   * of Linux, which has no such batch; see {@link LinearBatch}.
   *
   * @param maxSegBytes {@code dma_get_max_seg_size}
   */
  public long batchLimit(long maxSegBytes) {
    long mapping = IoTlbPool.GROUP_BYTES;
    if (Long.compareUnsigned(segBoundaryMask, mapping) < 0) {
      mapping = segBoundaryMask + 1;
    }
    mapping -= IoTlbPool.slotsOf(minAlignMask) * IoTlbPool.SLOT_BYTES;
    return Math.max(0, Math.min(maxSegBytes, mapping));
  }
}
