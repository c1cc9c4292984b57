package dev.mapstorm.actors.spec;

import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.protocol.IommuMode;
import java.util.List;

/**
 * An IOMMU domain.
 *
 * @param iommu unit that translates for it
 * @param mode what unmapping does
 * @param iova sizes of the allocator's caches
 * @param limitPfn highest granule that its devices can address
 * @param pci whether its devices are PCI, so that 32-bit space is tried first
 * @param reserved pairs of first and last granule that are never given out
 * @param pageSizes bitmap of the page sizes that entries can have
 * @param levels of the page table, 4 or 5
 * @param flush its flush queue, used when lazy
 * @param segmentBoundaryMask {@code dma_get_seg_boundary} of its devices
 * @param maxSegmentBytes {@code dma_get_max_seg_size} of its devices
 */
public record DomainSpec(
    int iommu,
    IommuMode mode,
    IovaParameters iova,
    long limitPfn,
    boolean pci,
    List<long[]> reserved,
    long pageSizes,
    int levels,
    FlushSpec flush,
    long segmentBoundaryMask,
    long maxSegmentBytes) {}
