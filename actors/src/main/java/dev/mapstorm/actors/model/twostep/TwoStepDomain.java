package dev.mapstorm.actors.model.twostep;

/**
 * The domain and device that the two-step calls work on: what they need of the IOVA allocator, the
 * page table, the units, swiotlb and the caches. Addresses and sizes in bytes, whole granules
 * unless said otherwise. Errors are 0 or a negative errno.
 */
public interface TwoStepDomain {
  /** What {@link #bounce} answers if there is no slot. */
  long NO_SLOT = -1;

  /** {@code iommu_dma_alloc_iova}: the first frame of a range, or 0 if there is none. */
  long alloc(long pages);

  /** {@code free_iova_fast}: a range is free at once. */
  void free(long pfn, long pages);

  /** {@code queue_iova}: a range is free when the flush queue has had the domain flushed. */
  void queue(long pfn, long pages);

  /**
   * {@code iommu_map_nosync}: all of the range is mapped, or nothing.
   *
   * @param prot {@link TwoStepCalls#READ}, {@link TwoStepCalls#WRITE}, {@link TwoStepCalls#CACHE}
   */
  int map(long iova, long phys, long size, int prot);

  /**
   * {@code iommu_unmap_fast}.
   *
   * @param queued whether a later flush of the domain makes the units forget ({@code
   *     gather.queued})
   * @return bytes unmapped: less than {@code size} if there is a hole
   */
  long unmap(long iova, long size, boolean queued);

  /** {@code iommu_iotlb_sync}: the units forget what the last {@link #unmap} gathered. */
  void invalidate();

  /** {@code iommu_sync_map}: the units are told of new entries. */
  int syncMap(long iova, long size);

  /** {@code iommu_iova_to_phys}: of any byte; 0 if it is not mapped. */
  long physical(long iova);

  /**
   * {@code iommu_dma_map_swiotlb}: a slot for any bytes inside a granule, which has the same offset
   * in its granule, with the bytes copied to it.
   *
   * @return address in the slot, or {@link #NO_SLOT}
   */
  long bounce(long phys, long size);

  /** {@code swiotlb_tbl_unmap_single}: copies back and gives back, if the address is in a slot. */
  void unbounce(long phys, long size);

  /** {@code arch_sync_dma_for_device}. */
  void syncForDevice(long phys, long size);

  /** {@code arch_sync_dma_for_cpu}, of any bytes. */
  void syncForCpu(long phys, long size);

  /** {@code WARN_ON}: the caller did what it must not. */
  void warn();
}
