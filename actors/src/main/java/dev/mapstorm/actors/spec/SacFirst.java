package dev.mapstorm.actors.spec;

/**
 * Whether a device is given addresses below 4 GiB, which take PCI a single address cycle (SAC),
 * before others: drivers/iommu/dma-iommu.c, {@code iommu_dma_alloc_iova}.
 */
public enum SacFirst {
  /** Never: no PCI device, or {@code iommu.forcedac=1}. */
  NEVER,
  /** Until none is left; then never again ({@code pci_32bit_workaround}, since Linux 6.5). */
  UNTIL_NONE_LEFT,
  /** By every allocation, whatever became of earlier ones (before Linux 6.5). */
  ALWAYS
}
