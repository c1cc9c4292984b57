package dev.mapstorm.actors.unit;

import dev.mapstorm.actors.core.DomainCall;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.model.pagetable.PageTable;
import dev.mapstorm.actors.model.pagetable.PageTableFormat;
import dev.mapstorm.protocol.message.IommuMessage;

/**
 * A driver whose CPU stays with a unit until it has done what it was told: no queue, no lock, one
 * unit after the other. New entries need no telling. Not thread-safe.
 */
public final class PollingOps implements DomainOps {
  private final int domain;
  private final int[] units;
  private final Waiter waiter;
  private final HostContext host;
  private final PageMapper pages;

  /**
   * Operations of a domain.
   *
   * @param units that it is behind, at least one
   */
  public PollingOps(
      int domain, int[] units, Waiter waiter, PageTableFormat format, HostContext host) {
    this.domain = domain;
    this.units = units;
    this.waiter = waiter;
    this.host = host;
    pages = new PageMapper(domain, format, host);
  }

  @Override
  public PageTable table() {
    return pages.table();
  }

  @Override
  public boolean map(DomainCall call, long pfn, long physPfn, long count, int rights) {
    return pages.map(call, pfn, physPfn, count, rights);
  }

  @Override
  public void unmap(DomainCall call, long pfn, long count, boolean queued) {
    pages.clear(call, pfn, count);
    if (!queued) {
      call.toSync(pfn, count);
    }
  }

  @Override
  public boolean syncsMaps() {
    return false;
  }

  @Override
  public void syncMap(DomainCall call) {
    waiter.synced(call);
  }

  @Override
  public void sync(DomainCall call) {
    host.clock()
        .tell(
            host.layout().iommu(units[call.unit]),
            new IommuMessage.Invalidate(
                domain, call.number, call.id, call.cpu, call.syncPfn(), call.syncPages()));
  }

  @Override
  public void flushAll(DomainCall call) {
    call.syncWhole();
    sync(call);
  }

  @Override
  public void invalidated(DomainCall call) {
    call.unit++;
    if (call.unit < units.length) {
      sync(call);
      return;
    }
    call.unit = 0;
    call.at = host.clock().now();
    if (call.nextSync()) {
      sync(call);
    } else {
      waiter.synced(call);
    }
  }
}
