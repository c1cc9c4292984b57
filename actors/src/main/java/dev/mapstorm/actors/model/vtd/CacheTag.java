package dev.mapstorm.actors.model.vtd;

/**
 * A cache that has to forget what a domain unmaps ({@code struct cache_tag} of {@code
 * drivers/iommu/intel/iommu.h}).
 *
 * @param type what kind of cache
 * @param unit whose queue it is told by
 * @param domainId the domain's id in it
 * @param pasid of the attachment, 0 for none
 * @param device number of the device whose TLB it is; not looked at for an IOTLB
 */
public record CacheTag(Type type, int unit, int domainId, int pasid, int device) {
  /** {@code enum cache_tag_type}. */
  public enum Type {
    /** The IOTLB of a unit. */
    IOTLB,
    /** The TLB of a device with ATS. */
    DEVTLB,
    /** As the parent of a nested domain: the IOTLB of a unit. */
    NESTING_IOTLB,
    /** As the parent of a nested domain: the TLB of a device, which caches the sum of both. */
    NESTING_DEVTLB;

    /** Whether it is in a device. */
    public boolean ofDevice() {
      return this == DEVTLB || this == NESTING_DEVTLB;
    }
  }
}
