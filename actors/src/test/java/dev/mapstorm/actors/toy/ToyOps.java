package dev.mapstorm.actors.toy;

import dev.mapstorm.actors.core.DomainCall;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.model.pagetable.PageTable;
import dev.mapstorm.actors.model.pagetable.PageTableFormat;
import dev.mapstorm.actors.unit.DomainOps;
import dev.mapstorm.actors.unit.PageMapper;
import dev.mapstorm.protocol.message.IommuMessage;

/**
 * No lock; a sync asks all units at once and waits for all of them, so that several invalidations
 * of a domain are in flight.
 */
final class ToyOps implements DomainOps {
  private final int domain;
  private final int[] units;
  private final Waiter waiter;
  private final HostContext host;
  private final PageMapper pages;

  ToyOps(int domain, int[] units, Waiter waiter, PageTableFormat format, HostContext host) {
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
    return true;
  }

  @Override
  public void syncMap(DomainCall call) {
    sync(call);
  }

  @Override
  public void sync(DomainCall call) {
    call.unit = units.length;
    for (int unit : units) {
      host.clock()
          .tell(
              host.layout().iommu(unit),
              new IommuMessage.Invalidate(
                  domain, call.number, call.id, call.cpu, call.syncPfn(), call.syncPages()));
    }
  }

  @Override
  public void flushAll(DomainCall call) {
    call.syncWhole();
    sync(call);
  }

  @Override
  public void invalidated(DomainCall call) {
    call.unit--;
    if (call.unit > 0) {
      return;
    }
    call.at = host.clock().now();
    if (call.nextSync()) {
      sync(call);
    } else {
      waiter.synced(call);
    }
  }
}
