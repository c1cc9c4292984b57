package dev.mapstorm.load.conform;

/** Whose addresses a trace holds. */
public enum IovaAllocator {
  /** That of {@code dma-iommu} ({@code drivers/iommu/iova.c}), or of VT-d before it. */
  DMA_IOMMU("dma-iommu", true),
  /** {@code arch/powerpc/kernel/iommu.c}. */
  POWERPC_TCE("powerpc TCE table", true),
  /** {@code arch/arm/mm/dma-mapping.c}. */
  ARM32("arm32 bitmaps", true),
  /** {@code kernel/dma/swiotlb.c}: not addresses of an IOMMU, but slots that devices reach. */
  SWIOTLB("swiotlb slots", true),
  /** Maps at addresses that the client chose: VFIO, iommufd, GPU drivers. */
  IOMMU_API("IOMMU API, addresses are the client's", false),
  /** Nothing is translated. */
  NONE("none", false);

  private final String label;
  private final boolean predicted;

  IovaAllocator(String label, boolean predicted) {
    this.label = label;
    this.predicted = predicted;
  }

  /** What reports call it. */
  public String label() {
    return label;
  }

  /** Whether it searches a bitmap or a list of slots for a free area. */
  boolean findsAreas() {
    return this == POWERPC_TCE || this == ARM32 || this == SWIOTLB;
  }

  /** Whether there is a model of it to hold the trace against. */
  public boolean predicted() {
    return predicted;
  }
}
