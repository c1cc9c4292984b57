/**
 * The IOVA allocator of Linux 6.12: {@code drivers/iommu/iova.c} and {@code iommu_dma_alloc_iova}
 * of {@code drivers/iommu/dma-iommu.c}.
 *
 * <p>{@link dev.mapstorm.actors.model.iova.IovaDomain} is the whole allocator, {@link
 * dev.mapstorm.actors.model.iova.IovaTree} its set of ranges and {@link
 * dev.mapstorm.actors.model.iova.IovaRcaches} the magazines before it. All three are plain state
 * machines for one thread: they know no time, no lock and no random source, and after warm-up they
 * do not allocate. Whoever runs them charges time for what an operation reports that it did.
 */
package dev.mapstorm.actors.model.iova;
