package dev.mapstorm.actors.toy;

import dev.mapstorm.actors.backend.Backend;
import dev.mapstorm.actors.backend.CallLog;
import dev.mapstorm.actors.backend.Mapping;
import dev.mapstorm.actors.core.DomainCall;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.core.HostVisitor;
import dev.mapstorm.actors.core.Slots;
import dev.mapstorm.actors.model.pagetable.PageTable;
import dev.mapstorm.actors.model.pagetable.PageTableFormat;
import dev.mapstorm.actors.model.pagetable.Translation;
import dev.mapstorm.actors.unit.DomainOps;
import dev.mapstorm.protocol.CallKind;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.message.DomainMessage;
import dev.mapstorm.protocol.message.DriverMessage;

/**
 * Maps pages, and nothing else, at addresses that are never given out again. It asks the driver of
 * the units for the rest, as dma-iommu does, whatever kind they are of.
 */
final class ToyBackend implements Backend, DomainOps.Waiter {
  private final int domain;
  private final ToyDomainCosts costs;
  private final HostContext host;
  private final DomainOps ops;
  private final CallLog log;
  private final Slots<Call> calls = new Slots<>();
  private final Slots<Mapping> mappings = new Slots<>();
  private long nextPfn;

  /** A call: it maps or unmaps. */
  private static final class Call extends DomainCall {
    private int mapping;
    private boolean unmaps;

    void begin(int slot, DomainMessage.DmaCall m, int of, boolean toUnmap, long now) {
      begin(slot, m.client(), m.cpu(), m.op(), now);
      mapping = of;
      unmaps = toUnmap;
    }
  }

  ToyBackend(int domain, ToyDomainSpec spec, DomainOps.Maker ops, HostContext host) {
    this.domain = domain;
    this.host = host;
    costs = spec.costs();
    log = new CallLog(domain, host);
    nextPfn = spec.firstPfn();
    this.ops = ops.make(this, PageTableFormat.VTD_4_LEVELS);
  }

  @Override
  public Translation translation() {
    return ops.table();
  }

  @Override
  public void mapPage(DomainMessage.MapPage m) {
    long pages = Granule.spanned(m.phys(), m.length());
    int number = mappings.take(Mapping::new);
    Mapping mapping = mappings.get(number);
    Call call = begin(m, number, false);
    log.enter(call, CallKind.MAP_PAGE);
    mapping.begin(call.id, nextPfn, pages);
    mapping.append((nextPfn << Granule.SHIFT) + Granule.offset(m.phys()), m.length());
    mapping.mappedPages = pages;
    nextPfn += pages;
    call.at += costs.toyAlloc() + costs.toyCopy().ns(m.length());
    int rights = PageTable.rights(Direction.of(m.direction()));
    ops.map(call, mapping.pfn, Granule.pfn(m.phys()), pages, rights);
    call.toSync(mapping.pfn, pages);
    later(call);
  }

  @Override
  public void unmap(DomainMessage.Unmap m) {
    Call call = begin(m, m.mapping(), true);
    Mapping mapping = mappings.get(m.mapping());
    log.enter(call, CallKind.UNMAP, mapping.id);
    ops.unmap(call, mapping.pfn, mapping.pages, false);
    later(call);
  }

  private Call begin(DomainMessage.DmaCall m, int mapping, boolean unmaps) {
    int number = calls.take(Call::new);
    calls.get(number).begin(number, m, mapping, unmaps, host.clock().now());
    return calls.get(number);
  }

  private void later(Call call) {
    host.clock()
        .send(
            call.at - host.clock().now(),
            host.layout().domain(domain),
            new DomainMessage.Resume(call.number));
  }

  @Override
  public void resume(DomainMessage.Resume m) {
    Call call = calls.get(m.call());
    if (call.unmaps) {
      ops.sync(call);
    } else if (ops.syncsMaps()) {
      ops.syncMap(call);
    } else {
      synced(call);
    }
  }

  @Override
  public void invalidated(DomainMessage.Invalidated m) {
    ops.invalidated(calls.get(m.call()));
  }

  @Override
  public void synced(DomainCall synced) {
    Call call = (Call) synced;
    if (call.unmaps) {
      mappings.give(call.mapping);
      answer(call, new DriverMessage.Unmapped(call.op, call.cpu, call.mapping, call.id));
    } else {
      Mapping made = mappings.get(call.mapping);
      answer(
          call,
          new DriverMessage.Mapped(
              call.op, call.cpu, call.mapping, call.id, made.pages, made.vectors()));
    }
  }

  private void answer(Call call, DriverMessage.Answer answer) {
    host.clock().send(call.at - host.clock().now(), host.layout().client(call.client), answer);
    calls.give(call.number);
  }

  @Override
  public void show(HostVisitor visitor) {
    mappings.forEachTaken(
        number -> {
          Mapping mapping = mappings.get(number);
          visitor.mapping(
              domain, mapping.id, number, mapping.pfn, mapping.pages, mapping.vectors());
        });
  }

  /** Of a mapping that was refused. */
  private static IllegalStateException unexpected(DomainMessage.DmaCall m) {
    return new IllegalStateException("the toy backend made nothing that could be asked " + m);
  }

  private void refuse(DomainMessage.DmaCall m, CallKind what) {
    long call = log.enter(m.cpu(), m.client(), m.op(), what);
    DriverMessage.CallFailed refusal =
        new DriverMessage.CallFailed(m.op(), m.cpu(), call, DmaError.NOT_SUPPORTED);
    host.clock().send(0, host.layout().client(m.client()), refusal);
  }

  @Override
  public void mapSg(DomainMessage.MapSg m) {
    refuse(m, CallKind.MAP_SG);
  }

  @Override
  public void batchStart(DomainMessage.BatchStart m) {
    refuse(m, CallKind.MAP_BATCH);
  }

  @Override
  public void batchAdd(DomainMessage.BatchAdd m) {
    throw unexpected(m);
  }

  @Override
  public void batchFinalise(DomainMessage.BatchFinalise m) {
    throw unexpected(m);
  }

  @Override
  public void iovaTryAlloc(DomainMessage.IovaTryAlloc m) {
    refuse(m, CallKind.MAP_IOVA);
  }

  @Override
  public void iovaLink(DomainMessage.IovaLink m) {
    throw unexpected(m);
  }

  @Override
  public void iovaSync(DomainMessage.IovaSync m) {
    throw unexpected(m);
  }

  @Override
  public void iovaUnlink(DomainMessage.IovaUnlink m) {
    throw unexpected(m);
  }

  @Override
  public void iovaDestroy(DomainMessage.IovaDestroy m) {
    throw unexpected(m);
  }

  @Override
  public void iovaFree(DomainMessage.IovaFree m) {
    throw unexpected(m);
  }

  @Override
  public void syncForCpu(DomainMessage.SyncForCpu m) {
    throw unexpected(m);
  }

  @Override
  public void syncForDevice(DomainMessage.SyncForDevice m) {
    throw unexpected(m);
  }

  @Override
  public void allocCoherent(DomainMessage.AllocCoherent m) {
    refuse(m, CallKind.ALLOC_COHERENT);
  }
}
