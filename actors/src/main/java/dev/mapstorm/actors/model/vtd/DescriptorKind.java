package dev.mapstorm.actors.model.vtd;

/**
 * What a VT-d invalidation descriptor asks for; the kinds differ in how long the hardware takes.
 * Type numbers are bits 3:0 of a descriptor's first quad word ({@code QI_*_TYPE}, {@code
 * drivers/iommu/intel/iommu.h} in Linux 6.12).
 */
public enum DescriptorKind {
  /** Context-cache invalidation. */
  CONTEXT_CACHE(1),
  /** IOTLB invalidation of all domains. */
  IOTLB_GLOBAL(2),
  /** IOTLB invalidation of one domain (DSI). */
  IOTLB_DOMAIN(2),
  /** IOTLB invalidation of an aligned block of one domain (PSI). */
  IOTLB_PAGES(2),
  /** Device-TLB invalidation (ATS). */
  DEVICE_TLB(3),
  /** Interrupt-entry-cache invalidation. */
  INTERRUPT_ENTRY_CACHE(4),
  /** Invalidation wait: writes a status word once all before it are done. */
  WAIT(5),
  /** IOTLB invalidation by PASID. */
  PASID_IOTLB(6),
  /** PASID-cache invalidation. */
  PASID_CACHE(7),
  /** Device-TLB invalidation by PASID. */
  PASID_DEVICE_TLB(8),
  /** Answer to a group of page requests. */
  PAGE_GROUP_RESPONSE(9);

  private final int type;

  DescriptorKind(int type) {
    this.type = type;
  }

  /** The type number in the descriptor. */
  public int type() {
    return type;
  }

  /**
   * The kind of a descriptor.
   *
   * @param qw0 its first quad word
   * @throws IllegalArgumentException if type or granularity is reserved
   */
  public static DescriptorKind of(long qw0) {
    switch ((int) qw0 & 0xf) {
      case 1:
        return CONTEXT_CACHE;
      case 2:
        return iotlb(qw0);
      case 3:
        return DEVICE_TLB;
      case 4:
        return INTERRUPT_ENTRY_CACHE;
      case 5:
        return WAIT;
      case 6:
        return PASID_IOTLB;
      case 7:
        return PASID_CACHE;
      case 8:
        return PASID_DEVICE_TLB;
      case 9:
        return PAGE_GROUP_RESPONSE;
      default:
        throw reserved(qw0);
    }
  }

  private static DescriptorKind iotlb(long qw0) {
    switch ((int) qw0 >>> 4 & 3) {
      case 1:
        return IOTLB_GLOBAL;
      case 2:
        return IOTLB_DOMAIN;
      case 3:
        return IOTLB_PAGES;
      default:
        throw reserved(qw0);
    }
  }

  private static IllegalArgumentException reserved(long qw0) {
    return new IllegalArgumentException(
        String.format("reserved invalidation descriptor 0x%x", qw0));
  }
}
