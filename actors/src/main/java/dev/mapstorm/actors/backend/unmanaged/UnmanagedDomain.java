package dev.mapstorm.actors.backend.unmanaged;

import dev.mapstorm.actors.backend.Backend;
import dev.mapstorm.actors.backend.CallLog;
import dev.mapstorm.actors.backend.Mapping;
import dev.mapstorm.actors.core.DomainCall;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.core.HostVisitor;
import dev.mapstorm.actors.core.Slots;
import dev.mapstorm.actors.model.pagetable.PageTable;
import dev.mapstorm.actors.model.pagetable.Translation;
import dev.mapstorm.actors.unit.DomainOps;
import dev.mapstorm.protocol.CallKind;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.IovaDestination;
import dev.mapstorm.protocol.IovaSource;
import dev.mapstorm.protocol.message.DomainMessage;
import dev.mapstorm.protocol.message.DriverMessage;

/**
 * A domain of the IOMMU API in virtual time: {@code iommu_map} writes the page table at the address
 * that the client gives, {@code iommu_unmap} clears it and waits until the units have forgotten.
 * There is no allocator, no cache and no flush queue.
 *
 * <p>A call maps each run of physically contiguous memory at once, as VFIO does with what it
 * pinned.
 */
final class UnmanagedDomain implements Backend, DomainOps.Waiter {
  private final int domain;
  private final HostContext host;
  private final DomainOps ops;
  private final CallLog log;
  private final long endPfn;
  private final GivenRanges given = new GivenRanges();
  private final Slots<UnmanagedCall> calls = new Slots<>();
  private final Slots<Mapping> mappings = new Slots<>();

  UnmanagedDomain(int domain, UnmanagedSpec spec, DomainOps.Maker ops, HostContext host) {
    this.domain = domain;
    this.host = host;
    log = new CallLog(domain, host);
    this.ops = ops.make(this, spec.format());
    endPfn = 1L << spec.format().addressBits() - Granule.SHIFT;
  }

  @Override
  public Translation translation() {
    return ops.table();
  }

  @Override
  public void show(HostVisitor visitor) {
    visitor.unmanaged(domain, ops.table());
    mappings.forEachTaken(
        number -> {
          Mapping mapping = mappings.get(number);
          visitor.mapping(
              domain, mapping.id, number, mapping.pfn, mapping.pages, mapping.vectors());
        });
    calls.forEachTaken(number -> visitor.call(domain, calls.get(number).show()));
  }

  private UnmanagedCall begin(boolean maps, DomainMessage.DmaCall message) {
    int number = calls.take(UnmanagedCall::new);
    UnmanagedCall call = calls.get(number);
    call.begin(number, maps, message, host.clock().now());
    return call;
  }

  @Override
  public void iommuMap(DomainMessage.IommuMap m) {
    UnmanagedCall call = begin(true, m);
    log.enter(call, CallKind.IOMMU_MAP);
    call.at += host.costs().mapCall();
    long first = Granule.pfn(m.iova());
    for (int i = 0; i < m.phys().length; i++) {
      call.pages += Granule.spanned(m.phys()[i], m.length()[i]);
    }
    if (first + call.pages > endPfn) {
      fail(call, DmaError.OUT_OF_RANGE);
      return;
    }
    if (!given.take(first, call.pages)) {
      fail(call, DmaError.ALREADY_MAPPED);
      return;
    }
    host.events()
        .iovaAllocated(
            host.clock().now(), domain, call.id, first, call.pages, IovaSource.CLIENT.ordinal(), 0);
    call.mapping = mappings.take(Mapping::new);
    mappings.get(call.mapping).begin(call.id, first, call.pages);
    write(call, m);
    if (ops.syncsMaps()) {
      call.toSync(first, call.pages);
      resumeLater(call);
    } else {
      mapped(call);
    }
  }

  /** Writes the entries, those of each physically contiguous run together. */
  private void write(UnmanagedCall call, DomainMessage.IommuMap m) {
    Mapping mapping = mappings.get(call.mapping);
    int rights = PageTable.rights(Direction.of(m.direction()));
    int next;
    for (int i = 0; i < m.phys().length; i = next) {
      long start = m.phys()[i];
      long end = start + m.length()[i];
      for (next = i + 1;
          next < m.phys().length && m.phys()[next] == end && Granule.offset(end) == 0;
          next++) {
        end += m.length()[next];
      }
      long pfn = mapping.pfn + mapping.mappedPages;
      long count = Granule.spanned(start, end - start);
      if (!ops.map(call, pfn, Granule.pfn(start), count, rights)) {
        throw new IllegalStateException(
            "domain %d: %d pages at pfn 0x%x are free and have present entries"
                .formatted(domain, count, pfn));
      }
      mapping.mappedPages += count;
      mapping.append((pfn << Granule.SHIFT) + Granule.offset(start), end - start);
    }
  }

  @Override
  public void unmap(DomainMessage.Unmap m) {
    UnmanagedCall call = begin(false, m);
    Mapping mapping = mappings.get(m.mapping());
    log.enter(call, CallKind.IOMMU_UNMAP, mapping.id);
    call.mapping = m.mapping();
    call.pages = mapping.pages;
    call.at += host.costs().unmapCall();
    ops.unmap(call, mapping.pfn, mapping.pages, false);
    resumeLater(call);
  }

  private void resumeLater(UnmanagedCall call) {
    host.clock()
        .send(
            call.at - host.clock().now(),
            host.layout().domain(domain),
            new DomainMessage.Resume(call.number));
  }

  @Override
  public void resume(DomainMessage.Resume m) {
    UnmanagedCall call = calls.get(m.call());
    if (call.maps) {
      ops.syncMap(call);
    } else {
      ops.sync(call);
    }
  }

  @Override
  public void invalidated(DomainMessage.Invalidated m) {
    ops.invalidated(calls.get(m.call()));
  }

  @Override
  public void synced(DomainCall synced) {
    UnmanagedCall call = (UnmanagedCall) synced;
    if (call.maps) {
      mapped(call);
      return;
    }
    Mapping mapping = mappings.get(call.mapping);
    given.give(mapping.pfn);
    host.events()
        .iovaFreed(
            host.clock().now(),
            domain,
            call.id,
            mapping.pfn,
            mapping.pages,
            IovaDestination.CLIENT.ordinal());
    mappings.give(call.mapping);
    answer(call, new DriverMessage.Unmapped(call.op, call.cpu, call.mapping, call.id));
  }

  private void fail(UnmanagedCall call, DmaError error) {
    answer(call, new DriverMessage.CallFailed(call.op, call.cpu, call.id, error));
  }

  private void mapped(UnmanagedCall call) {
    Mapping mapping = mappings.get(call.mapping);
    answer(
        call,
        new DriverMessage.Mapped(
            call.op, call.cpu, call.mapping, call.id, mapping.mappedPages, mapping.vectors()));
  }

  private void answer(UnmanagedCall call, DriverMessage.Answer answer) {
    host.clock().send(call.at - host.clock().now(), host.layout().client(call.client), answer);
    calls.give(call.number);
  }

  // The DMA API, which no driver of such a domain calls.

  @Override
  public void mapPage(DomainMessage.MapPage m) {
    throw unmanaged(m);
  }

  @Override
  public void mapSg(DomainMessage.MapSg m) {
    throw unmanaged(m);
  }

  @Override
  public void batchStart(DomainMessage.BatchStart m) {
    throw unmanaged(m);
  }

  @Override
  public void batchAdd(DomainMessage.BatchAdd m) {
    throw unmanaged(m);
  }

  @Override
  public void batchFinalise(DomainMessage.BatchFinalise m) {
    throw unmanaged(m);
  }

  @Override
  public void iovaTryAlloc(DomainMessage.IovaTryAlloc m) {
    throw unmanaged(m);
  }

  @Override
  public void iovaLink(DomainMessage.IovaLink m) {
    throw unmanaged(m);
  }

  @Override
  public void iovaSync(DomainMessage.IovaSync m) {
    throw unmanaged(m);
  }

  @Override
  public void iovaUnlink(DomainMessage.IovaUnlink m) {
    throw unmanaged(m);
  }

  @Override
  public void iovaDestroy(DomainMessage.IovaDestroy m) {
    throw unmanaged(m);
  }

  @Override
  public void iovaFree(DomainMessage.IovaFree m) {
    throw unmanaged(m);
  }

  @Override
  public void allocCoherent(DomainMessage.AllocCoherent m) {
    throw unmanaged(m);
  }

  @Override
  public void syncForCpu(DomainMessage.SyncForCpu m) {
    throw unmanaged(m);
  }

  @Override
  public void syncForDevice(DomainMessage.SyncForDevice m) {
    throw unmanaged(m);
  }

  private static IllegalStateException unmanaged(DomainMessage.DmaCall call) {
    return new IllegalStateException("a domain of the IOMMU API is asked no " + call);
  }
}
