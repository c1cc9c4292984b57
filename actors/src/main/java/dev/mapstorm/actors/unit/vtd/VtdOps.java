package dev.mapstorm.actors.unit.vtd;

import dev.mapstorm.actors.core.DomainCall;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.model.lock.LockUser;
import dev.mapstorm.actors.model.lock.SpinLock;
import dev.mapstorm.actors.model.pagetable.IotlbGather;
import dev.mapstorm.actors.model.pagetable.PageTableFormat;
import dev.mapstorm.actors.model.pagetable.UnmappedRuns;
import dev.mapstorm.actors.unit.PageMapper;
import dev.mapstorm.actors.unit.TableOps;
import dev.mapstorm.protocol.LockClass;

/**
 * The VT-d driver of Linux 6.12 for a domain (drivers/iommu/intel/iommu.c and cache.c). A range is
 * invalidated in one unit after the other, each waited for, all under {@code cache_lock} (L5,
 * {@code cache_tag_flush_range}). Several ranges take the lock one after the other. Units in
 * caching mode are told of new entries in the same way ({@code cache_tag_flush_range_np}).
 *
 * <p>Without the lock the list of units is read as under RCU: CPUs meet in the queues of the units
 * only.
 */
final class VtdOps extends TableOps {
  private final boolean cachingMode;
  private final boolean locks;
  private final int batch;
  private final IotlbGather gather = new IotlbGather();
  private final SpinLock cacheLock;

  /**
   * Operations of a domain.
   *
   * @param units that the domain is behind, at least one
   * @param cachingMode whether one of them caches entries that are not present
   * @param locks whether {@code cache_lock} is held until they have answered
   * @param batch ranges of a submission
   */
  VtdOps(
      int domain,
      int[] units,
      boolean cachingMode,
      boolean locks,
      int batch,
      Waiter waiter,
      PageTableFormat format,
      HostContext host) {
    super(domain, units, waiter, new PageMapper(domain, format, host), host);
    this.cachingMode = cachingMode;
    this.locks = locks;
    this.batch = batch;
    cacheLock =
        new SpinLock(
            LockClass.CACHE_TAG, LockClass.instance(domain, 0, 0), host.events(), host.locks());
  }

  /**
   * One range to invalidate, or several where the runs of entries differ in length ({@code
   * iommu_iotlb_gather_add_page}). Linux invalidates such a range before it clears the next; here
   * all are cleared first. generic_pt gathers the whole range.
   */
  @Override
  public void unmap(DomainCall call, long pfn, long count, boolean queued) {
    UnmappedRuns runs = pages.clear(call, pfn, count);
    if (!pages.table().format().rules().callsByPageSize()) {
      if (!queued) {
        call.toSync(pfn, count);
      }
      return;
    }
    gather.start(queued);
    for (int run = 0; run < runs.size(); run++) {
      if (gather.add(runs.iova(run), runs.bytes(run), runs.tablePagesFreed(run))) {
        note(call, gather);
      }
    }
    if (gather.finish()) {
      note(call, gather);
    }
  }

  @Override
  public boolean syncsMaps() {
    return cachingMode;
  }

  @Override
  public void syncMap(DomainCall call) {
    sync(call);
  }

  @Override
  public void sync(DomainCall call) {
    long now = host.clock().now();
    long start = locks ? cacheLock.lock(now, call) : now;
    if (start != SpinLock.QUEUED) {
      post(call, start);
    }
  }

  private void post(DomainCall call, long at) {
    tellAt(at, call, invalidate(call, batch));
  }

  @Override
  public void invalidated(DomainCall call) {
    long now = host.clock().now();
    if (nextUnit(call)) {
      post(call, now);
      return;
    }
    LockUser following = locks ? cacheLock.unlock(now) : null;
    if (following != null) {
      post((DomainCall) following, cacheLock.since());
    }
    rangeDone(call);
  }
}
