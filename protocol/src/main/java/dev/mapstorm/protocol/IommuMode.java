package dev.mapstorm.protocol;

/**
 * How a domain treats unmapped addresses (facts: {@code iommu.strict}, {@code iommu.passthrough}).
 */
public enum IommuMode {
  /** Clear the entry, invalidate and wait, then free the IOVA. */
  STRICT("strict"),
  /** Clear the entry and leave the rest to the flush queue. */
  LAZY("lazy"),
  /** No translation: DMA addresses are physical addresses. */
  PASSTHROUGH("passthrough");

  private static final IommuMode[] ALL = values();

  private final String label;

  IommuMode(String label) {
    this.label = label;
  }

  /** What reports and options call it. */
  public String label() {
    return label;
  }
}
