package dev.mapstorm.actors.model.vtd;

/** Is told what {@link CacheTags} has units do, in order. */
public interface CacheTagSink {
  /** A descriptor, with its operands as {@link CacheDescriptor} has them now. */
  void descriptor(CacheDescriptor descriptor);

  /** {@code qi_submit_sync} of all descriptors since the last, waited for. */
  void submit(int unit);

  /** The same invalidation of an IOTLB through registers, of a unit without a queue. */
  void register(int unit, CacheDescriptor descriptor);

  /** {@code iommu_flush_write_buffer} of a unit that needs it. */
  void writeBuffer(int unit);
}
