package dev.mapstorm.actors.unit.amd;

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
 * The AMD-Vi driver of Linux 6.12 for a domain (drivers/iommu/amd/iommu.c). What an unmapping
 * clears is one range, whatever its pages. All units of the domain are told of it and waited for
 * under {@code domain->lock} (L7, {@code amd_iommu_iotlb_sync}). Units that cache entries that are
 * not present are told of new ones too ({@code domain_flush_np_cache}). Without the lock the list
 * of units is read as under RCU.
 */
final class AmdOps extends TableOps {
  private final boolean npCache;
  private final boolean locks;
  private final IotlbGather gather = new IotlbGather();
  private final SpinLock domainLock;

  /**
   * Operations of a domain.
   *
   * @param units that the domain is behind, at least one
   * @param npCache whether one of them caches entries that are not present, as Linux has it for all
   * @param locks whether {@code domain->lock} is held until they have answered
   */
  AmdOps(
      int domain,
      int[] units,
      boolean npCache,
      boolean locks,
      Waiter waiter,
      PageTableFormat format,
      HostContext host) {
    super(domain, units, waiter, new PageMapper(domain, format, host), host);
    this.npCache = npCache;
    this.locks = locks;
    domainLock =
        new SpinLock(
            LockClass.AMD_DOMAIN, LockClass.instance(domain, 0, 0), host.events(), host.locks());
  }

  @Override
  public void unmap(DomainCall call, long pfn, long count, boolean queued) {
    UnmappedRuns runs = pages.clear(call, pfn, count);
    gather.start(queued);
    for (int run = 0; run < runs.size(); run++) {
      if (gather.addRange(runs.iova(run), runs.bytes(run), 0, npCache)) {
        note(call, gather);
      }
    }
    if (gather.finish()) {
      note(call, gather);
    }
  }

  @Override
  public boolean syncsMaps() {
    return npCache;
  }

  @Override
  public void syncMap(DomainCall call) {
    sync(call);
  }

  @Override
  public void sync(DomainCall call) {
    long now = host.clock().now();
    long start = locks ? domainLock.lock(now, call) : now;
    if (start != SpinLock.QUEUED) {
      tellUnits(call, start);
    }
  }

  private void tellUnits(DomainCall call, long at) {
    call.unit = units();
    tellAllAt(at, invalidate(call, Integer.MAX_VALUE));
  }

  @Override
  public void invalidated(DomainCall call) {
    call.unit--;
    if (call.unit > 0) {
      return;
    }
    LockUser following = locks ? domainLock.unlock(host.clock().now()) : null;
    if (following != null) {
      tellUnits((DomainCall) following, domainLock.since());
    }
    rangeDone(call);
  }
}
