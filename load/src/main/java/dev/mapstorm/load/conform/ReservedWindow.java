package dev.mapstorm.load.conform;

import dev.mapstorm.protocol.Granule;

/**
 * Addresses that the kernel keeps out of an IOVA domain.
 *
 * @param start first address, a multiple of the granule
 * @param end end, exclusive, a multiple of the granule
 */
public record ReservedWindow(long start, long end) {
  /**
   * Where x86 devices write interrupts: {@code IOAPIC_RANGE_START} and {@code _END} of {@code
   * drivers/iommu/intel/iommu.h}.
   */
  public static final ReservedWindow MSI = new ReservedWindow(0xfee00000L, 0xfef00000L);

  /** Refuses what is no window. */
  public ReservedWindow {
    if (start < 0 || end <= start || Granule.offset(start) != 0 || Granule.offset(end) != 0) {
      throw new IllegalArgumentException("0x%x..0x%x is no window".formatted(start, end));
    }
  }
}
