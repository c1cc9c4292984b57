package dev.mapstorm.actors.backend.iommu;

import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.actors.model.pagetable.PageTableFormat;
import dev.mapstorm.actors.spec.DomainSpec;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.protocol.IommuMode;
import java.util.List;

/**
 * A domain behind IOMMU units that allocates IOVAs.
 *
 * @param mode what unmapping does: strict or lazy
 * @param iova sizes of the allocator's caches
 * @param limitPfn highest granule that its devices can address
 * @param reserved pairs of first and last granule that are never given out
 * @param format of the page table
 * @param flush its flush queue, used when lazy
 * @param segmentBoundaryMask {@code dma_get_seg_boundary} of its devices
 * @param maxSegmentBytes {@code dma_get_max_seg_size} of its devices
 * @param costs what its steps take
 */
public record DmaIommuSpec(
    IommuMode mode,
    IovaParameters iova,
    long limitPfn,
    List<long[]> reserved,
    PageTableFormat format,
    FlushSpec flush,
    long segmentBoundaryMask,
    long maxSegmentBytes,
    DmaIommuCosts costs)
    implements DomainSpec {

  /** Refuses a mode in which nothing is translated. */
  public DmaIommuSpec {
    if (mode == IommuMode.PASSTHROUGH) {
      throw new IllegalArgumentException("dma-iommu translates, so its mode is not passthrough");
    }
  }

  /** Sizes of the IOVA caches of each domain of a host; those of Linux for one that has none. */
  public static List<IovaParameters> caches(HostSpec host) {
    return host.domains().stream()
        .map(domain -> domain instanceof DmaIommuSpec own ? own.iova() : IovaParameters.LINUX)
        .toList();
  }
}
