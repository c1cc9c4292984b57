package dev.mapstorm.actors.backend.iommu;

import dev.mapstorm.actors.backend.Backend;
import dev.mapstorm.actors.backend.CallLog;
import dev.mapstorm.actors.backend.Mapping;
import dev.mapstorm.actors.core.DomainCall;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.core.HostVisitor;
import dev.mapstorm.actors.core.Slots;
import dev.mapstorm.actors.model.pagetable.PageTable;
import dev.mapstorm.actors.model.pagetable.Translation;
import dev.mapstorm.actors.model.sg.SgLayout;
import dev.mapstorm.actors.model.twostep.IovaState;
import dev.mapstorm.actors.model.twostep.TwoStepCalls;
import dev.mapstorm.actors.model.twostep.TwoStepRules;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.unit.DomainOps;
import dev.mapstorm.protocol.CallKind;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.IommuMode;
import dev.mapstorm.protocol.message.DomainMessage;
import dev.mapstorm.protocol.message.DriverMessage;

/**
 * The DMA API as drivers/iommu/dma-iommu.c of Linux 6.12 implements it (the two-step calls as in
 * 6.16), in virtual time.
 *
 * <p>Every call is an {@link IovaCall}. Mapping: IOVA, page table, the units where they have to be
 * told, answer. Unmapping: page table, then strictly make the units forget, wait and free the IOVA,
 * in this order, or lazily leave both to the {@link LazyQueue}. What the page table is like, and
 * what the units have to be told, is the business of their driver ({@link DomainOps}).
 */
final class DmaIommu implements Backend, LazyQueue.Steps, DomainOps.Waiter {
  private final int domain;
  private final DmaIommuSpec spec;
  private final HostContext host;
  private final DomainOps ops;
  private final CallLog log;
  private final IovaSpace iova;
  private final LazyQueue lazyQueue;
  private final SgLayout layout = new SgLayout(Granule.BYTES);
  private final Slots<IovaCall> calls = new Slots<>();
  private final Slots<Mapping> mappings = new Slots<>();
  private final TwoStepPort pieces;
  private final TwoStepCalls twoStep;
  private final IovaState batch = new IovaState();

  DmaIommu(int domain, DmaIommuSpec spec, HostSpec host, DomainOps.Maker ops, HostContext context) {
    this.domain = domain;
    this.spec = spec;
    this.host = context;
    log = new CallLog(domain, context);
    iova = new IovaSpace(domain, spec, host, context, log);
    lazyQueue = new LazyQueue(domain, spec, host, context, iova, this);
    this.ops = ops.make(this, spec.format());
    pieces = new TwoStepPort(this.ops);
    twoStep =
        new TwoStepCalls(
            new TwoStepRules(Granule.SHIFT, true, false, spec.mode() == IommuMode.LAZY, true),
            pieces);
  }

  @Override
  public Translation translation() {
    return ops.table();
  }

  @Override
  public void show(HostVisitor visitor) {
    visitor.domain(domain, iova.model(), ops.table(), lazyQueue.model());
    mappings.forEachTaken(
        number -> {
          Mapping mapping = mappings.get(number);
          visitor.mapping(
              domain, mapping.id, number, mapping.pfn, mapping.pages, mapping.vectors());
        });
    calls.forEachTaken(number -> visitor.call(domain, calls.get(number).show()));
  }

  private IovaCall begin(IovaCall.Purpose purpose, DomainMessage.DmaCall message) {
    int number = calls.take(IovaCall::new);
    IovaCall call = calls.get(number);
    call.begin(number, purpose, message, host.clock().now());
    return call;
  }

  /** A call that makes a mapping. */
  private IovaCall enter(IovaCall.Purpose purpose, DomainMessage.DmaCall message, CallKind what) {
    IovaCall call = begin(purpose, message);
    log.enter(call, what);
    return call;
  }

  /** A further step, by itself for the driver, of the call that makes a mapping. */
  private IovaCall goOn(IovaCall.Purpose purpose, DomainMessage.DmaCall message, int mapping) {
    IovaCall call = begin(purpose, message);
    call.mapping = mapping;
    log.goOn(call, mappings.get(mapping).id);
    return call;
  }

  /** A call that takes a mapping back, or a part of it. */
  private IovaCall enter(
      IovaCall.Purpose purpose, DomainMessage.DmaCall message, CallKind what, int mapping) {
    IovaCall call = begin(purpose, message);
    call.mapping = mapping;
    log.enter(call, what, mappings.get(mapping).id);
    return call;
  }

  // Mapping.

  @Override
  public void mapPage(DomainMessage.MapPage m) {
    IovaCall call = enter(IovaCall.Purpose.MAP_PAGE, m, CallKind.MAP_PAGE);
    allocate(call, Granule.spanned(m.phys(), m.length()));
  }

  @Override
  public void mapSg(DomainMessage.MapSg m) {
    beginList(enter(IovaCall.Purpose.MAP_SG, m, CallKind.MAP_SG), m.phys(), m.length());
  }

  @Override
  public void allocCoherent(DomainMessage.AllocCoherent m) {
    IovaCall call = enter(IovaCall.Purpose.ALLOC_COHERENT, m, CallKind.ALLOC_COHERENT);
    beginList(call, m.phys(), m.length());
  }

  @Override
  public void batchStart(DomainMessage.BatchStart m) {
    IovaCall call = enter(IovaCall.Purpose.START_BATCH, m, CallKind.MAP_BATCH);
    allocate(call, Granule.pages(m.capacity()));
  }

  @Override
  public void iovaTryAlloc(DomainMessage.IovaTryAlloc m) {
    IovaCall call = enter(IovaCall.Purpose.TRY_ALLOC, m, CallKind.MAP_IOVA);
    allocate(call, Granule.spanned(m.phys(), m.size()));
  }

  private void beginList(IovaCall call, long[] phys, int[] length) {
    long bytes =
        layout.measure(
            phys, length, phys.length, spec.segmentBoundaryMask(), spec.maxSegmentBytes());
    call.spend(spec.costs().sgSegment(), phys.length);
    allocate(call, Granule.pages(bytes));
  }

  private void allocate(IovaCall call, long pages) {
    call.pages = pages;
    call.at += host.costs().mapCall();
    allocated(call, iova.allocate(call));
  }

  private void allocated(IovaCall call, boolean done) {
    if (!done) {
      resumeLater(call);
    } else if (call.pfn == 0) {
      fail(call, DmaError.NO_IOVA);
    } else {
      map(call);
    }
  }

  private void map(IovaCall call) {
    call.mapping = mappings.take(Mapping::new);
    Mapping mapping = mappings.get(call.mapping);
    mapping.begin(call.id, call.pfn, call.pages);
    switch (call.purpose) {
      case MAP_PAGE -> mapPage(call, mapping, (DomainMessage.MapPage) call.message);
      case MAP_SG -> {
        DomainMessage.MapSg m = (DomainMessage.MapSg) call.message;
        mapList(call, mapping, m.phys(), m.length(), m.direction());
      }
      case ALLOC_COHERENT -> {
        DomainMessage.AllocCoherent m = (DomainMessage.AllocCoherent) call.message;
        mapList(call, mapping, m.phys(), m.length(), m.direction());
      }
      case START_BATCH ->
          answer(call, new DriverMessage.BatchStarted(call.op, call.cpu, call.mapping));
      case TRY_ALLOC -> {
        DomainMessage.IovaTryAlloc m = (DomainMessage.IovaTryAlloc) call.message;
        mapping.offset = Granule.offset(m.phys());
        mapping.size = m.size();
        answer(call, new DriverMessage.IovaReady(call.op, call.cpu, call.mapping));
      }
      default -> throw new IllegalStateException(call.purpose + " allocates nothing");
    }
  }

  private void mapPage(IovaCall call, Mapping mapping, DomainMessage.MapPage m) {
    if (!ops.map(call, call.pfn, Granule.pfn(m.phys()), call.pages, rights(m.direction()))) {
      throw presentEntries(mapping);
    }
    mapping.mappedPages = call.pages;
    mapping.append((call.pfn << Granule.SHIFT) + Granule.offset(m.phys()), m.length());
    publish(call, mapping.pfn, mapping.mappedPages);
  }

  private void mapList(IovaCall call, Mapping mapping, long[] phys, int[] length, int direction) {
    // Measured again: other calls may have used the layout while this one waited for its IOVA.
    layout.measure(phys, length, phys.length, spec.segmentBoundaryMask(), spec.maxSegmentBytes());
    layout.place(call.pfn << Granule.SHIFT);
    int rights = rights(direction);
    for (int i = 0; i < layout.chunks(); i++) {
      long pfn = Granule.pfn(layout.chunkIova(i));
      long count = Granule.pages(layout.chunkLength(i));
      if (!ops.map(call, pfn, Granule.pfn(layout.chunkPhys(i)), count, rights)) {
        throw presentEntries(mapping);
      }
      mapping.mappedPages = pfn + count - call.pfn;
    }
    for (int i = 0; i < layout.vectors(); i++) {
      mapping.appendApart(layout.vectorAddress(i), layout.vectorLength(i));
    }
    publish(call, mapping.pfn, mapping.mappedPages);
  }

  @Override
  public void batchAdd(DomainMessage.BatchAdd m) {
    IovaCall call = goOn(IovaCall.Purpose.ADD, m, m.mapping());
    Mapping mapping = mappings.get(m.mapping());
    int rights = rights(m.direction());
    int accepted = 0;
    for (int i = m.from(); i < m.phys().length; i++) {
      long count = Granule.spanned(m.phys()[i], m.length()[i]);
      if (mapping.mappedPages + count > mapping.pages) {
        break;
      }
      long pfn = mapping.pfn + mapping.mappedPages;
      call.spend(spec.costs().batchAdd(), 1);
      if (!ops.map(call, pfn, Granule.pfn(m.phys()[i]), count, rights)) {
        throw presentEntries(mapping);
      }
      mapping.mappedPages += count;
      mapping.append((pfn << Granule.SHIFT) + Granule.offset(m.phys()[i]), m.length()[i]);
      accepted++;
    }
    answer(call, new DriverMessage.BatchAdded(call.op, call.cpu, m.mapping(), accepted));
  }

  @Override
  public void iovaLink(DomainMessage.IovaLink m) {
    IovaCall call = goOn(IovaCall.Purpose.ADD, m, m.mapping());
    Mapping mapping = mappings.get(m.mapping());
    pieces.begin(call, mapping);
    IovaState state = state(mapping);
    Direction direction = Direction.of(m.direction());
    long linked = 0;
    for (int i = 0; i < m.phys().length; i++) {
      long offset = m.offset() + linked;
      DmaError error =
          reachesOut(mapping, state.addr() + offset, m.length()[i])
              ? DmaError.OUT_OF_RANGE
              : error(twoStep.link(state, m.phys()[i], offset, m.length()[i], direction));
      if (error != null) {
        answer(
            call,
            new DriverMessage.LinkFailed(
                call.op, call.cpu, m.mapping(), mapping.id, state.addr(), offset, error));
        return;
      }
      mapping.append(state.addr() + offset, m.length()[i]);
      linked += m.length()[i];
    }
    answer(call, new DriverMessage.Linked(call.op, call.cpu, m.mapping(), linked));
  }

  private static boolean reachesOut(Mapping mapping, long address, long length) {
    return Granule.pfn(address) + Granule.spanned(address, length) > mapping.pfn + mapping.pages;
  }

  /** The batch that a mapping is. */
  private IovaState state(Mapping mapping) {
    batch.begin((mapping.pfn << Granule.SHIFT) + mapping.offset, mapping.size);
    return batch;
  }

  /** What an errno of the two-step calls is called; null for 0. */
  private static DmaError error(int errno) {
    return switch (errno) {
      case 0 -> null;
      case TwoStepCalls.EIO -> DmaError.MISALIGNED_LINK;
      case TwoStepPort.EINVAL -> DmaError.IOVA_INSIDE_GRANULE;
      case TwoStepPort.EEXIST -> DmaError.ALREADY_MAPPED;
      default -> throw new IllegalStateException("a link cannot fail with " + errno);
    };
  }

  @Override
  public void batchFinalise(DomainMessage.BatchFinalise m) {
    IovaCall call = goOn(IovaCall.Purpose.PUBLISH, m, m.mapping());
    call.at += spec.costs().iovaSync();
    Mapping mapping = mappings.get(m.mapping());
    publish(call, mapping.pfn, mapping.mappedPages);
  }

  @Override
  public void iovaSync(DomainMessage.IovaSync m) {
    IovaCall call = goOn(IovaCall.Purpose.PUBLISH, m, m.mapping());
    call.at += spec.costs().iovaSync();
    Mapping mapping = mappings.get(m.mapping());
    long from = m.offset() + mapping.offset;
    publish(call, mapping.pfn + Granule.pfn(from), Granule.spanned(from, m.size()));
  }

  /** Tells the units of the new entries, if they have to be told, and answers. */
  private void publish(IovaCall call, long pfn, long pages) {
    if (!ops.syncsMaps() || pages == 0) {
      answerMapped(call);
      return;
    }
    call.toSync(pfn, pages);
    call.step = IovaCall.Step.SYNC_MAP;
    resumeLater(call);
  }

  private static int rights(int direction) {
    return PageTable.rights(Direction.of(direction));
  }

  /** Fresh IOVA is never mapped: its entries were cleared before it was freed. */
  private IllegalStateException presentEntries(Mapping mapping) {
    return new IllegalStateException(
        "domain %d: fresh IOVA of %d pages at pfn 0x%x has present entries"
            .formatted(domain, mapping.pages, mapping.pfn));
  }

  // Syncing.

  /** A coherent device that bounces nothing: {@code dma_dev_need_sync} says no (since 6.10). */
  @Override
  public void syncForCpu(DomainMessage.SyncForCpu m) {
    synced(m);
  }

  /** The same towards the device. */
  @Override
  public void syncForDevice(DomainMessage.SyncForDevice m) {
    synced(m);
  }

  private void synced(DomainMessage.DmaCall m) {
    int client = host.layout().client(m.client());
    host.clock().send(0, client, new DriverMessage.Synced(m.op(), m.cpu()));
  }

  // Unmapping.

  @Override
  public void unmap(DomainMessage.Unmap m) {
    IovaCall call = enter(IovaCall.Purpose.UNMAP, m, CallKind.UNMAP, m.mapping());
    clearAll(call);
    Mapping mapping = mappings.get(m.mapping());
    call.pfn = mapping.pfn;
    call.pages = mapping.pages;
  }

  @Override
  public void iovaDestroy(DomainMessage.IovaDestroy m) {
    destroy(m, m.mapping(), m.mappedLength());
  }

  @Override
  public void iovaFree(DomainMessage.IovaFree m) {
    destroy(m, m.mapping(), 0);
  }

  private void destroy(DomainMessage.DmaCall m, int number, long mappedLength) {
    CallKind what = mappedLength == 0 ? CallKind.FREE_IOVA : CallKind.DESTROY_IOVA;
    IovaCall call = enter(IovaCall.Purpose.UNMAP, m, what, number);
    Mapping mapping = mappings.get(number);
    call.pfn = mapping.pfn;
    call.at += host.costs().unmapCall();
    if (mappedLength == 0) {
      call.pages = twoStep.pages(state(mapping), mapping.size);
      free(call);
      return;
    }
    call.pages = twoStep.pages(state(mapping), mappedLength);
    call.lazy = spec.mode() == IommuMode.LAZY && spec.flush().twoStep();
    clear(call, mapping, 0, mappedLength, call.lazy);
  }

  @Override
  public void iovaUnlink(DomainMessage.IovaUnlink m) {
    IovaCall call = enter(IovaCall.Purpose.UNLINK, m, CallKind.UNLINK_IOVA, m.mapping());
    call.at += host.costs().unmapCall();
    clear(call, mappings.get(m.mapping()), m.offset(), m.size(), false);
  }

  /** Takes back a part of a two-step mapping; what follows is a step of its own. */
  private void clear(IovaCall call, Mapping mapping, long offset, long size, boolean queued) {
    pieces.begin(call, mapping);
    twoStep.clear(state(mapping), offset, size, Direction.BIDIRECTIONAL, queued);
    if (!pieces.cleared() && !queued) {
      // An empty gather is passed over by iommu_iotlb_sync().
      synced(call);
      return;
    }
    call.step = IovaCall.Step.CLEARED;
    resumeLater(call);
  }

  private void clearAll(IovaCall call) {
    Mapping mapping = mappings.get(call.mapping);
    call.at += host.costs().unmapCall();
    call.lazy = spec.mode() == IommuMode.LAZY;
    ops.unmap(call, mapping.pfn, mapping.mappedPages, call.lazy);
    call.step = IovaCall.Step.CLEARED;
    resumeLater(call);
  }

  private void free(IovaCall call) {
    if (iova.free(call, call.pfn, call.pages)) {
      unmapped(call);
    } else {
      call.step = IovaCall.Step.FREE;
      resumeLater(call);
    }
  }

  // Going on.

  @Override
  public void resume(DomainMessage.Resume m) {
    IovaCall call = calls.get(m.call());
    switch (call.step) {
      case ALLOCATE_CACHED -> allocated(call, iova.allocateCached(call));
      case ALLOCATE_TREE -> allocated(call, iova.allocateTree(call));
      case SYNC_MAP -> ops.syncMap(call);
      case CLEARED -> {
        if (call.lazy) {
          lazyQueue.queue(call);
        } else {
          ops.sync(call);
        }
      }
      case FLUSH -> {
        if (call.syncsTogether()) {
          ops.sync(call);
        } else {
          ops.flushAll(call);
        }
      }
      case FREE -> free(call);
      case RECLAIM, LEAVE_RING -> lazyQueue.resume(call);
    }
  }

  @Override
  public void invalidated(DomainMessage.Invalidated m) {
    ops.invalidated(calls.get(m.call()));
  }

  @Override
  public void synced(DomainCall synced) {
    IovaCall call = (IovaCall) synced;
    if (call.flushing) {
      lazyQueue.flushed(call);
      return;
    }
    switch (call.purpose) {
      case UNMAP -> free(call);
      case UNLINK -> answer(call, new DriverMessage.Unlinked(call.op, call.cpu, call.mapping));
      default -> answerMapped(call);
    }
  }

  @Override
  public void flushTimer(DomainMessage.FlushTimer m) {
    int number = calls.take(IovaCall::new);
    IovaCall call = calls.get(number);
    call.begin(number, IovaCall.Purpose.FLUSH_TIMER, m.cpu(), host.clock().now());
    log.enter(call, CallKind.FLUSH_TIMER);
    lazyQueue.timer(call);
  }

  @Override
  public void depotWork(DomainMessage.DepotWork m) {
    iova.depotWork(m.order());
  }

  @Override
  public void resumeLater(IovaCall call) {
    host.clock()
        .send(
            call.at - host.clock().now(),
            host.layout().domain(domain),
            new DomainMessage.Resume(call.number));
  }

  // Answering.

  private void answerMapped(IovaCall call) {
    Mapping mapping = mappings.get(call.mapping);
    answer(
        call,
        new DriverMessage.Mapped(
            call.op, call.cpu, call.mapping, call.id, mapping.mappedPages, mapping.vectors()));
  }

  @Override
  public void release(IovaCall call) {
    calls.give(call.number);
  }

  @Override
  public void unmapped(IovaCall call) {
    mappings.give(call.mapping);
    answer(call, new DriverMessage.Unmapped(call.op, call.cpu, call.mapping, call.id));
  }

  private void fail(IovaCall call, DmaError error) {
    answer(call, new DriverMessage.CallFailed(call.op, call.cpu, call.id, error));
  }

  private void answer(IovaCall call, DriverMessage.Answer answer) {
    host.clock().send(call.at - host.clock().now(), host.layout().client(call.client), answer);
    calls.give(call.number);
  }
}
