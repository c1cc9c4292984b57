package dev.mapstorm.actors.backend.window;

import dev.mapstorm.actors.backend.CallLog;
import dev.mapstorm.actors.backend.WithoutTwoStep;
import dev.mapstorm.actors.core.DomainCall;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.core.HostVisitor;
import dev.mapstorm.actors.core.Slots;
import dev.mapstorm.actors.model.lock.SpinLock;
import dev.mapstorm.actors.model.pagetable.PageTable;
import dev.mapstorm.actors.model.pagetable.PageTableFormat;
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
 * A backend that allocates addresses of a window in a way of its own, in virtual time. What it does
 * one step after the other is said by a model; this gives each step its place in time, its lock and
 * its events. A step under a lock is taken at the clock's own instant, so that CPUs get the lock in
 * the order in which they come; writing and clearing entries runs ahead of the clock. Unmapping is
 * always strict: clear, make the units forget, wait, free.
 *
 * <p>There is no batch and no two-step mapping: both are refused, so that the caller maps element
 * by element. Not thread-safe.
 *
 * @param <C> a call
 */
public abstract class WindowBackend<C extends WindowCall>
    implements WithoutTwoStep, DomainOps.Waiter {
  private final int domain;
  private final HostContext host;
  private final DomainOps ops;
  private final CallLog log;
  private final Slots<C> calls = new Slots<>();
  private final Slots<WindowMapping> mappings = new Slots<>();

  /**
   * A backend that has mapped nothing.
   *
   * @param format of the page table that the units walk
   */
  protected WindowBackend(
      int domain, PageTableFormat format, DomainOps.Maker maker, HostContext host) {
    this.domain = domain;
    this.host = host;
    log = new CallLog(domain, host);
    ops = maker.make(this, format);
  }

  /** A call that does nothing yet. */
  protected abstract C newCall();

  /** Begins {@code dma_map_page} in the call's model. */
  protected abstract void beginPage(C call, long phys, int length);

  /** Begins {@code dma_map_sg}. */
  protected abstract void beginList(C call, long[] phys, int[] length);

  /** Begins {@code dma_alloc_coherent}. */
  protected abstract void beginCoherent(C call, long[] phys, int[] length);

  /** Begins to take a mapping back. */
  protected abstract void beginUnmap(C call, WindowMapping mapping);

  /**
   * Makes the next step of the call's model.
   *
   * @return whether the call continues with the step after it at {@code call.at}; if not, it has
   *     ended, or waits for units
   */
  protected abstract boolean step(C call);

  @Override
  public final Translation translation() {
    return ops.table();
  }

  @Override
  public final void show(HostVisitor visitor) {
    visitor.window(domain, ops.table());
    mappings.forEachTaken(number -> mappings.get(number).show(visitor, domain, number));
    calls.forEachTaken(number -> visitor.call(domain, calls.get(number).show()));
  }

  // What is asked.

  @Override
  public final void mapPage(DomainMessage.MapPage m) {
    C call = enter(m, CallKind.MAP_PAGE);
    beginPage(call, m.phys(), m.length());
    go(call);
  }

  @Override
  public final void mapSg(DomainMessage.MapSg m) {
    C call = enter(m, CallKind.MAP_SG);
    beginList(call, m.phys(), m.length());
    go(call);
  }

  @Override
  public final void allocCoherent(DomainMessage.AllocCoherent m) {
    C call = enter(m, CallKind.ALLOC_COHERENT);
    beginCoherent(call, m.phys(), m.length());
    go(call);
  }

  private C enter(DomainMessage.DmaCall message, CallKind what) {
    C call = begin(message, false);
    log.enter(call, what);
    call.at += host.costs().mapCall();
    call.mapping = mappings.take(WindowMapping::new);
    mappings.get(call.mapping).begin(call, what == CallKind.MAP_PAGE);
    return call;
  }

  private C begin(DomainMessage.DmaCall message, boolean takesBack) {
    int number = calls.take(this::newCall);
    C call = calls.get(number);
    call.begin(number, message, takesBack, host.clock().now());
    return call;
  }

  @Override
  public final void unmap(DomainMessage.Unmap m) {
    C call = begin(m, true);
    WindowMapping mapping = mappings.get(m.mapping());
    call.mapping = m.mapping();
    log.enter(call, CallKind.UNMAP, mapping.id);
    call.at += host.costs().unmapCall();
    beginUnmap(call, mapping);
    go(call);
  }

  @Override
  public final void batchStart(DomainMessage.BatchStart m) {
    refuse(m, CallKind.MAP_BATCH);
  }

  @Override
  public final void iovaTryAlloc(DomainMessage.IovaTryAlloc m) {
    refuse(m, CallKind.MAP_IOVA);
  }

  private void refuse(DomainMessage.DmaCall m, CallKind what) {
    long call = log.enter(m.cpu(), m.client(), m.op(), what);
    host.clock()
        .send(
            0,
            host.layout().client(m.client()),
            new DriverMessage.CallFailed(m.op(), m.cpu(), call, DmaError.NOT_SUPPORTED));
  }

  @Override
  public final void batchAdd(DomainMessage.BatchAdd m) {
    throw notBegun(m);
  }

  @Override
  public final void batchFinalise(DomainMessage.BatchFinalise m) {
    throw notBegun(m);
  }

  private static IllegalStateException notBegun(DomainMessage.DmaCall call) {
    return new IllegalStateException("no batch was begun for " + call);
  }

  /** A coherent device that bounces nothing: {@code dma_dev_need_sync} says no (since 6.10). */
  @Override
  public final void syncForCpu(DomainMessage.SyncForCpu m) {
    synced(m);
  }

  /** The same towards the device. */
  @Override
  public final void syncForDevice(DomainMessage.SyncForDevice m) {
    synced(m);
  }

  private void synced(DomainMessage.DmaCall m) {
    int client = host.layout().client(m.client());
    host.clock().send(0, client, new DriverMessage.Synced(m.op(), m.cpu()));
  }

  // Steps.

  private void go(C call) {
    while (step(call)) {
      // until it ends or waits
    }
  }

  /**
   * Whether the clock is at the call's own instant. If not, the call is resumed there, and the step
   * has to answer false.
   */
  protected final boolean isDue(C call) {
    if (call.at > host.clock().now()) {
      call.phase = WindowCall.Phase.STEP;
      resumeLater(call);
      return false;
    }
    return true;
  }

  /** Takes a lock at the clock's instant, or as soon as those before are done, for a time. */
  protected final void spend(C call, SpinLock lock, long ns) {
    call.at = lock.hold(call.at, call, ns) + ns;
  }

  /** A range was found. */
  protected final void allocated(
      C call, long pfn, long pages, IovaSource source, long scannedWords) {
    mappings.get(call.mapping).allocated(pfn, pages);
    host.events()
        .iovaAllocated(
            host.clock().now(),
            domain,
            call.id,
            pfn,
            pages,
            source.ordinal(),
            Math.toIntExact(scannedWords));
  }

  /**
   * Writes entries.
   *
   * @return whether the call continues in this step; if not it does when the units know them
   */
  protected final boolean map(C call, long pfn, long phys, long pages) {
    if (!ops.map(call, pfn, Granule.pfn(phys), pages, rights(call.message))) {
      throw new IllegalStateException(
          "domain %d: a fresh range of %d granules at pfn 0x%x has present entries"
              .formatted(domain, pages, pfn));
    }
    mappings.get(call.mapping).mapped(pages);
    if (!ops.syncsMaps()) {
      return true;
    }
    call.toSync(pfn, pages);
    call.phase = WindowCall.Phase.SYNC_MAP;
    resumeLater(call);
    return false;
  }

  private static int rights(DomainMessage.DmaCall message) {
    int direction =
        message instanceof DomainMessage.MapPage page
            ? page.direction()
            : message instanceof DomainMessage.MapSg list
                ? list.direction()
                : ((DomainMessage.AllocCoherent) message).direction();
    return PageTable.rights(Direction.of(direction));
  }

  /** Clears entries; the call continues when the units have forgotten them. */
  protected final void clear(C call, long pfn, long pages) {
    ops.unmap(call, pfn, pages, false);
    mappings.get(call.mapping).cleared(pfn, pages);
    call.phase = WindowCall.Phase.SYNC;
    resumeLater(call);
  }

  /** Ranges that follow each other are free again. */
  protected final void freed(C call, long pfn, long pages, IovaDestination destination) {
    mappings.get(call.mapping).freed(pfn, pages);
    host.events().iovaFreed(host.clock().now(), domain, call.id, pfn, pages, destination.ordinal());
  }

  private void resumeLater(C call) {
    host.clock()
        .send(
            call.at - host.clock().now(),
            host.layout().domain(domain),
            new DomainMessage.Resume(call.number));
  }

  @Override
  public final void resume(DomainMessage.Resume m) {
    C call = calls.get(m.call());
    switch (call.phase) {
      case STEP -> go(call);
      case SYNC_MAP -> ops.syncMap(call);
      case SYNC -> ops.sync(call);
    }
  }

  @Override
  public final void invalidated(DomainMessage.Invalidated m) {
    ops.invalidated(calls.get(m.call()));
  }

  @Override
  public final void synced(DomainCall synced) {
    C call = calls.get(synced.number);
    boolean mapped = call.phase == WindowCall.Phase.SYNC_MAP;
    call.phase = WindowCall.Phase.STEP;
    synced(call, mapped);
    go(call);
  }

  /**
   * The units know of entries, or have forgotten them; tells the call's model.
   *
   * @param mapped whether entries were written
   */
  protected abstract void synced(C call, boolean mapped);

  @Override
  public final void flushTimer(DomainMessage.FlushTimer m) {
    throw new IllegalStateException("domain " + domain + " has no flush queue");
  }

  @Override
  public final void depotWork(DomainMessage.DepotWork m) {
    throw new IllegalStateException("domain " + domain + " has no depot");
  }

  // Ends.

  /** The mapping is made, or taken back: answers the client. */
  protected final void done(C call, long[] vectors) {
    WindowMapping mapping = mappings.get(call.mapping);
    DriverMessage.Answer answer;
    if (call.unmaps) {
      answer = new DriverMessage.Unmapped(call.op, call.cpu, call.mapping, call.id);
      if (mapping.isGone()) {
        mappings.give(call.mapping);
      }
    } else {
      mapping.made(vectors);
      answer =
          new DriverMessage.Mapped(
              call.op, call.cpu, call.mapping, call.id, mapping.mappedPages(), vectors);
    }
    answer(call, answer);
  }

  /** There is no room; all that the call took is given back. */
  protected final void failed(C call) {
    mappings.give(call.mapping);
    answer(call, new DriverMessage.CallFailed(call.op, call.cpu, call.id, DmaError.NO_IOVA));
  }

  private void answer(C call, DriverMessage.Answer answer) {
    host.clock().send(call.at - host.clock().now(), host.layout().client(call.client), answer);
    calls.give(call.number);
  }
}
