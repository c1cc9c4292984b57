package dev.mapstorm.actors.backend.arm32;

import dev.mapstorm.actors.model.arm32.IovaBitmaps;
import dev.mapstorm.actors.model.pagetable.PageTableFormat;
import dev.mapstorm.actors.spec.DomainSpec;
import dev.mapstorm.protocol.IommuMode;

/**
 * A domain of 32-bit Arm behind IOMMU units.
 *
 * @param base first address of its window
 * @param size bytes of the window
 * @param alignOrder {@code CONFIG_ARM_DMA_IOMMU_ALIGNMENT}
 * @param format of the page table
 * @param maxSegmentBytes {@code dma_get_max_seg_size} of its devices
 * @param costs what its steps take
 */
public record ArmDmaSpec(
    long base,
    long size,
    int alignOrder,
    PageTableFormat format,
    long maxSegmentBytes,
    ArmDmaCosts costs)
    implements DomainSpec {

  /**
   * Refuses a window that cannot be.
   *
   * @throws IllegalArgumentException as {@link IovaBitmaps}, or if the table cannot translate it
   */
  public ArmDmaSpec {
    new IovaBitmaps(base, size, alignOrder);
    if (base + size > 1L << format.addressBits()) {
      throw new IllegalArgumentException(
          "the window ends at 0x%x, beyond what a page table of %d bits translates"
              .formatted(base + size, format.addressBits()));
    }
  }

  @Override
  public IommuMode mode() {
    return IommuMode.STRICT;
  }
}
