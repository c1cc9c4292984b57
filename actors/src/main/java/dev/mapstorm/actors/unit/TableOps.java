package dev.mapstorm.actors.unit;

import dev.mapstorm.actors.core.DomainCall;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.model.pagetable.IotlbGather;
import dev.mapstorm.actors.model.pagetable.PageTable;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.message.IommuMessage;

/**
 * What the drivers of all units have in common: the page table of the domain, and the way from one
 * range of a call to the next. New entries need no telling, unless the driver says so. Not
 * thread-safe.
 */
public abstract class TableOps implements DomainOps {
  protected final int domain;
  protected final HostContext host;
  protected final PageMapper pages;
  private final int[] units;
  private final Waiter waiter;

  /**
   * Operations of a domain.
   *
   * @param units that the domain is behind, at least one
   */
  protected TableOps(int domain, int[] units, Waiter waiter, PageMapper pages, HostContext host) {
    this.domain = domain;
    this.units = units;
    this.waiter = waiter;
    this.pages = pages;
    this.host = host;
  }

  @Override
  public final PageTable table() {
    return pages.table();
  }

  @Override
  public boolean map(DomainCall call, long pfn, long physPfn, long count, int rights) {
    return pages.map(call, pfn, physPfn, count, rights);
  }

  /** Notes the range that was gathered. */
  protected static void note(DomainCall call, IotlbGather gathered) {
    long first = Granule.pfn(gathered.syncStart());
    call.toSync(first, Granule.pfn(gathered.syncEnd()) - first + 1);
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
  public final void flushAll(DomainCall call) {
    call.syncWhole();
    sync(call);
  }

  /** How many units the domain is behind. */
  protected final int units() {
    return units.length;
  }

  /** Tells the call's unit in hand. */
  protected final void tell(DomainCall call, IommuMessage message) {
    tellAt(host.clock().now(), call, message);
  }

  /** Tells the call's unit in hand at an instant that is not before the clock's. */
  protected final void tellAt(long at, DomainCall call, IommuMessage message) {
    tell(at, units[call.unit], message);
  }

  /** Tells all units at an instant that is not before the clock's. */
  protected final void tellAllAt(long at, IommuMessage message) {
    for (int unit : units) {
      tell(at, unit, message);
    }
  }

  private void tell(long at, int unit, IommuMessage message) {
    long delay = at - host.clock().now();
    int actor = host.layout().iommu(unit);
    if (delay == 0) {
      host.clock().tell(actor, message);
    } else {
      host.clock().send(delay, actor, message);
    }
  }

  /** What makes a unit forget the call's range in hand. */
  protected final IommuMessage invalidate(DomainCall call) {
    return new IommuMessage.Invalidate(
        domain, call.number, call.id, call.cpu, call.syncPfn(), call.syncPages());
  }

  /**
   * What makes a unit forget the call's range in hand, and as many after it as go together.
   *
   * @param most ranges that are waited for together
   */
  protected final IommuMessage invalidate(DomainCall call, int most) {
    return call.syncsTogether()
        ? new IommuMessage.InvalidateRanges(
            domain, call.number, call.id, call.cpu, call.syncRanges(most))
        : invalidate(call);
  }

  /** Goes on to the next unit; false, and back at the first, if the one in hand was the last. */
  protected final boolean nextUnit(DomainCall call) {
    call.unit = call.unit + 1 < units.length ? call.unit + 1 : 0;
    return call.unit > 0;
  }

  /** The units have forgotten the call's range in hand: the next one, or back to the backend. */
  protected final void rangeDone(DomainCall call) {
    call.at = host.clock().now();
    if (call.nextSync()) {
      sync(call);
    } else {
      waiter.synced(call);
    }
  }
}
