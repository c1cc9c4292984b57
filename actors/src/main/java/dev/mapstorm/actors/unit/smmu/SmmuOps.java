package dev.mapstorm.actors.unit.smmu;

import dev.mapstorm.actors.core.DomainCall;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.model.pagetable.IotlbGather;
import dev.mapstorm.actors.model.pagetable.PageTableFormat;
import dev.mapstorm.actors.model.pagetable.UnmappedRuns;
import dev.mapstorm.actors.unit.PageMapper;
import dev.mapstorm.actors.unit.TableOps;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.message.IommuMessage;

/**
 * The SMMUv3 driver of Linux 6.12 for a domain (drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c, {@code
 * arm_smmu_iotlb_sync}, {@code arm_smmu_tlb_inv_walk}). No lock is held: CPUs meet in the queue of
 * the unit. A range is invalidated in one unit after the other.
 */
final class SmmuOps extends TableOps {
  private final PageTableFormat format;
  private final IotlbGather gather = new IotlbGather();

  /**
   * Operations of a domain.
   *
   * @param units that the domain is behind, at least one
   */
  SmmuOps(int domain, int[] units, Waiter waiter, PageTableFormat format, HostContext host) {
    super(domain, units, waiter, new PageMapper(domain, format, host), host);
    this.format = format;
  }

  /**
   * A range for each freed table, of which walks are forgotten, and one for each run of pages of a
   * size. Linux sends them while it clears; here all is cleared first. A lazy unmapping that frees
   * tables leaves their walks to the flush of the domain.
   */
  @Override
  public void unmap(DomainCall call, long pfn, long count, boolean queued) {
    UnmappedRuns runs = pages.clear(call, pfn, count);
    gather.start(queued);
    int table = 0;
    for (int run = 0; run < runs.size(); run++) {
      int level = format.leafLevel(runs.pageShift(run));
      for (int i = 0; i < runs.tablePagesFreed(run); i++, table++) {
        if (!queued && runs.tablesFreed().level(table) == level - 1) {
          call.toSync(
              Granule.pfn(runs.tablesFreed().iova(table)),
              1L << format.entryShift(level) - format.granuleShift(),
              format.granuleShift(),
              false);
        }
      }
      if (gather.add(runs.iova(run), runs.bytes(run), 1L << runs.pageShift(run), 0)) {
        noteGathered(call);
      }
    }
    if (gather.finish()) {
      noteGathered(call);
    }
  }

  private void noteGathered(DomainCall call) {
    long first = Granule.pfn(gather.syncStart());
    call.toSync(
        first,
        Granule.pfn(gather.syncEnd()) - first + 1,
        Long.numberOfTrailingZeros(gather.syncPageSize()),
        true);
  }

  @Override
  public void sync(DomainCall call) {
    if (call.syncsTogether()) {
      tell(call, invalidate(call, Integer.MAX_VALUE));
      return;
    }
    tell(
        call,
        new IommuMessage.InvalidatePages(
            domain,
            call.number,
            call.id,
            call.cpu,
            call.syncPfn(),
            call.syncPages(),
            call.syncPageShift(),
            call.syncLeafOnly()));
  }

  @Override
  public void invalidated(DomainCall call) {
    if (nextUnit(call)) {
      sync(call);
    } else {
      rangeDone(call);
    }
  }
}
