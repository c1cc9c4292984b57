package dev.mapstorm.load.validate;

import dev.mapstorm.protocol.IommuMode;
import java.util.List;
import java.util.Locale;

/** What the domain of a device is that dma_map_benchmark runs on. */
public enum BenchmarkMode {
  /** {@code DMA}: translated, invalidated at each unmap. */
  STRICT,
  /** {@code DMA-FQ}: translated, invalidated later. */
  LAZY,
  /** {@code identity}: not translated. */
  PASSTHROUGH,
  /**
   * Not translated, every byte goes through swiotlb: {@code swiotlb=force}, or a guest of SEV or
   * TDX.
   */
  BOUNCED;

  /** What options and files of measurements call it. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The mode of a label.
   *
   * @throws IllegalArgumentException with what would be right
   */
  public static BenchmarkMode of(String label) {
    for (BenchmarkMode each : values()) {
      if (each.label().equals(label)) {
        return each;
      }
    }
    throw new IllegalArgumentException("must be strict, lazy, passthrough or bounced, is " + label);
  }

  /** What a scenario sets for it. */
  List<String> settings() {
    return switch (this) {
      case STRICT -> List.of("iommu.mode=" + IommuMode.STRICT.label());
      case LAZY -> List.of("iommu.mode=" + IommuMode.LAZY.label());
      case PASSTHROUGH -> List.of("iommu.mode=" + IommuMode.PASSTHROUGH.label());
      case BOUNCED ->
          List.of("iommu.mode=" + IommuMode.PASSTHROUGH.label(), "iommu.swiotlb.use=forced");
    };
  }
}
