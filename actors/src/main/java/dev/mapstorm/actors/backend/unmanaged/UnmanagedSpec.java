package dev.mapstorm.actors.backend.unmanaged;

import dev.mapstorm.actors.model.pagetable.PageTableFormat;
import dev.mapstorm.actors.spec.DomainSpec;
import dev.mapstorm.protocol.IommuMode;

/**
 * A domain of the IOMMU API.
 *
 * @param format of the page table
 */
public record UnmanagedSpec(PageTableFormat format) implements DomainSpec {
  /** {@code iommu_unmap} waits for its invalidation, whatever the policy of the DMA API is. */
  @Override
  public IommuMode mode() {
    return IommuMode.STRICT;
  }
}
