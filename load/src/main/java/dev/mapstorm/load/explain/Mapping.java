package dev.mapstorm.load.explain;

import java.util.Optional;

/**
 * A range of DMA addresses from its mapping to its unmapping.
 *
 * @param device the device; empty where no line tells it (clients of the IOMMU API, old kernels)
 * @param iova first address, a multiple of the granule if the page table tells it
 * @param bytes length
 * @param paddr physical address behind the first byte; -1 if not known
 * @param mapped who mapped it
 * @param unmapped who unmapped it; empty while it is mapped
 */
public record Mapping(
    String device, long iova, long bytes, long paddr, Act mapped, Optional<Act> unmapped) {

  /** The first address after it. */
  public long end() {
    return iova + bytes;
  }

  boolean holds(long address) {
    return Long.compareUnsigned(address, iova) >= 0 && address - iova < bytes;
  }

  Mapping endedBy(Act act) {
    return new Mapping(device, iova, bytes, paddr, mapped, Optional.of(act));
  }

  /** Such as {@code [0xfe900000, 0xfe980000)}. */
  public String range() {
    return "[0x%x, 0x%x)".formatted(iova, end());
  }
}
