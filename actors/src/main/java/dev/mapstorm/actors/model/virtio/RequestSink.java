package dev.mapstorm.actors.model.virtio;

/** Is told the requests of a virtio-iommu driver, in order. Addresses in bytes, ends inclusive. */
public interface RequestSink {
  /** {@code VIRTIO_IOMMU_T_MAP}: addresses from {@code first} to {@code last}. */
  void map(long first, long last, long phys);

  /** {@code VIRTIO_IOMMU_T_UNMAP}: all mappings from {@code first} to {@code last}. */
  void unmap(long first, long last);

  /** {@code viommu_sync_req}: all requests that are queued are waited for. */
  void sync();
}
