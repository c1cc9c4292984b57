package dev.mapstorm.actors.unit;

import dev.mapstorm.actors.core.DomainCall;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.model.pagetable.PageTableFormat;

/**
 * A driver whose CPU stays with a unit until it has done what it was told: no queue, no lock, one
 * unit after the other. New entries need no telling. Not thread-safe.
 */
public final class PollingOps extends TableOps {

  /**
   * Operations of a domain.
   *
   * @param units that it is behind, at least one
   */
  public PollingOps(
      int domain, int[] units, Waiter waiter, PageTableFormat format, HostContext host) {
    super(domain, units, waiter, new PageMapper(domain, format, host), host);
  }

  @Override
  public void unmap(DomainCall call, long pfn, long count, boolean queued) {
    pages.clear(call, pfn, count);
    if (!queued) {
      call.toSync(pfn, count);
    }
  }

  @Override
  public void sync(DomainCall call) {
    tell(call, invalidate(call));
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
