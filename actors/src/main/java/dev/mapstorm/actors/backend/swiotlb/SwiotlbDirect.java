package dev.mapstorm.actors.backend.swiotlb;

import dev.mapstorm.actors.backend.CallLog;
import dev.mapstorm.actors.backend.WithoutTwoStep;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.core.HostVisitor;
import dev.mapstorm.actors.core.Slots;
import dev.mapstorm.actors.model.pagetable.Translation;
import dev.mapstorm.actors.model.swiotlb.BounceBuffer;
import dev.mapstorm.actors.model.swiotlb.IoTlbPool;
import dev.mapstorm.actors.model.swiotlb.LinearBatch;
import dev.mapstorm.actors.model.swiotlb.Swiotlb;
import dev.mapstorm.actors.model.swiotlb.SwiotlbDevice;
import dev.mapstorm.actors.spec.DeviceSpec;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.protocol.BounceResult;
import dev.mapstorm.protocol.CallKind;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.message.DomainMessage;
import dev.mapstorm.protocol.message.DriverMessage;

/**
 * dma-direct with bounce buffers (kernel/dma/direct.c, swiotlb.c of Linux 6.12): a buffer that the
 * device does not reach, or every buffer, is copied to slots that the device uses instead.
 *
 * <p>Mapping copies whatever the direction; unmapping copies back unless the device only reads. A
 * list is mapped buffer by buffer; if one fails, those before it are given back without a copy. A
 * batch is linearised into one bounce where all of its buffers would bounce, else mapped buffer by
 * buffer; see {@link LinearBatch}. The two-step calls are refused.
 *
 * <p>Copies take longer than searches, so an area's lock is only taken when the clock is at the
 * caller's own instant: a call is resumed after each copy that it does not end with.
 */
final class SwiotlbDirect implements WithoutTwoStep {
  private final int domain;
  private final SwiotlbSpec spec;
  private final HostContext host;
  private final CallLog log;
  private final Swiotlb swiotlb;
  private final AreaLocks locks;
  private final PageOffers pages;
  private final Slots<SwiotlbCall> calls = new Slots<>();
  private final Slots<BouncedMapping> mappings = new Slots<>();

  /** The highest address that each device of the host reaches, by its number. */
  private final long[] reach;

  private boolean poolWorkPending;

  SwiotlbDirect(int domain, SwiotlbSpec spec, HostSpec machine, HostContext host) {
    this.domain = domain;
    this.spec = spec;
    this.host = host;
    log = new CallLog(domain, host);
    boolean restricted = spec.use() == SwiotlbSpec.Use.RESTRICTED;
    long bytes = (long) spec.size().slots() << IoTlbPool.SLOT_SHIFT;
    long start = spec.start() + (restricted ? domain * bytes : 0);
    boolean forced = spec.use() != SwiotlbSpec.Use.NEEDED;
    swiotlb = new Swiotlb(start, spec.size(), forced, spec.growPools() > 0);
    locks = new AreaLocks(domain, spec.costs(), swiotlb, host);
    pages = new PageOffers(start, bytes, spec.growPools());
    reach = machine.devices().stream().mapToLong(device -> reach(spec.device(), device)).toArray();
  }

  private static long reach(SwiotlbDevice all, DeviceSpec device) {
    if (device.limitPfn() == DeviceSpec.NO_MASK) {
      return all.dmaMask();
    }
    long own = (device.limitPfn() + 1 << Granule.SHIFT) - 1;
    return Long.compareUnsigned(own, all.dmaMask()) < 0 ? own : all.dmaMask();
  }

  /** What swiotlb looks at of the device that a client drives. */
  private SwiotlbDevice deviceOf(SwiotlbCall call) {
    SwiotlbDevice all = spec.device();
    long mask = reach[host.layout().deviceOf(call.client)];
    return mask == all.dmaMask()
        ? all
        : new SwiotlbDevice(all.minAlignMask(), all.segBoundaryMask(), mask);
  }

  @Override
  public Translation translation() {
    return null;
  }

  @Override
  public void show(HostVisitor visitor) {
    // As for a direct map: what is mapped is with the clients.
  }

  // Mapping.

  @Override
  public void mapPage(DomainMessage.MapPage m) {
    SwiotlbCall call = beginMapping(m, CallKind.MAP_PAGE, m.direction());
    mappings.get(call.mapping).add(m.phys(), m.length());
    mapNext(call);
  }

  @Override
  public void mapSg(DomainMessage.MapSg m) {
    SwiotlbCall call = beginMapping(m, CallKind.MAP_SG, m.direction());
    addAll(mappings.get(call.mapping), m.phys(), m.length());
    mapNext(call);
  }

  @Override
  public void allocCoherent(DomainMessage.AllocCoherent m) {
    SwiotlbCall call = beginMapping(m, CallKind.ALLOC_COHERENT, m.direction());
    BouncedMapping mapping = mappings.get(call.mapping);
    mapping.coherent = true;
    addAll(mapping, m.phys(), m.length());
    if (spec.use() == SwiotlbSpec.Use.RESTRICTED) {
      allocFromPool(call, mapping);
      return;
    }
    // The page allocator gives memory that the device reaches.
    call.at += mapping.buffers() * spec.direct().directMap();
    answerMapped(call);
  }

  private static void addAll(BouncedMapping mapping, long[] phys, int[] length) {
    for (int i = 0; i < phys.length; i++) {
      mapping.add(phys[i], length[i]);
    }
  }

  /** {@code swiotlb_alloc}. */
  private void allocFromPool(SwiotlbCall call, BouncedMapping mapping) {
    long bytes = 0;
    for (int i = 0; i < mapping.buffers(); i++) {
      bytes += mapping.length(i);
    }
    BounceBuffer memory = mapping.bounce(0);
    long whole = Granule.pages(bytes) << Granule.SHIFT;
    BounceResult result = swiotlb.alloc(call.cpu, deviceOf(call), whole, 0, memory);
    locks.searched(call, result.tookSlots());
    if (!result.tookSlots()) {
      full(call, whole, result);
      giveUp(call);
      return;
    }
    mapping.bouncedWhole(memory, bytes);
    wrote(call, memory, 0, 0, result);
    answerMapped(call);
  }

  private SwiotlbCall beginMapping(DomainMessage.DmaCall m, CallKind what, int direction) {
    SwiotlbCall call = begin(m);
    log.enter(call, what);
    call.mapping = mappings.take(BouncedMapping::new);
    BouncedMapping mapping = mappings.get(call.mapping);
    mapping.begin(call.id);
    mapping.direction = Direction.of(direction);
    return call;
  }

  private SwiotlbCall begin(DomainMessage.DmaCall m) {
    int number = calls.take(SwiotlbCall::new);
    SwiotlbCall call = calls.get(number);
    call.begin(number, m, host.clock().now());
    return call;
  }

  /** Maps buffers up to the next one that is copied. */
  private void mapNext(SwiotlbCall call) {
    BouncedMapping mapping = mappings.get(call.mapping);
    SwiotlbDevice device = deviceOf(call);
    while (call.next < mapping.buffers()) {
      int buffer = call.next;
      long phys = mapping.phys(buffer);
      long bytes = mapping.length(buffer);
      boolean bounces = swiotlb.bounces(device, phys, bytes);
      if (bounces && call.at > host.clock().now()) {
        resumeLater(call, SwiotlbCall.Step.MAP);
        return;
      }
      call.next++;
      call.at += spec.direct().directMap();
      if (bounces && !bounce(call, device, mapping, buffer)) {
        unroll(call, mapping, buffer);
        return;
      }
    }
    answerMapped(call);
  }

  /** Bounces a buffer; false if its mapping failed. */
  private boolean bounce(
      SwiotlbCall call, SwiotlbDevice device, BouncedMapping mapping, int buffer) {
    long bytes = mapping.length(buffer);
    BounceBuffer bounce = mapping.bounce(buffer);
    BounceResult result =
        swiotlb.mapDirect(
            call.cpu, device, mapping.phys(buffer), bytes, pages.forTransient(bytes), bounce);
    boolean found = result.tookSlots() || result == BounceResult.UNREACHABLE;
    locks.searched(call, found);
    askForPool(call, result, bounce);
    if (!found) {
      full(call, bytes, result);
      return false;
    }
    call.at += spec.costs().bounceCopy().ns(bytes);
    wrote(call, bounce, bytes, 1, result);
    if (result == BounceResult.UNREACHABLE) {
      released(call, bounce);
      return false;
    }
    mapping.bounced(buffer);
    return true;
  }

  /** Gives the buffers before a failed one back, without a copy, and answers. */
  private void unroll(SwiotlbCall call, BouncedMapping mapping, int failed) {
    for (int i = 0; i < failed; i++) {
      if (mapping.isBounced(i)) {
        swiotlb.release(mapping.bounce(i));
        released(call, mapping.bounce(i));
      }
    }
    giveUp(call);
  }

  private void giveUp(SwiotlbCall call) {
    mappings.give(call.mapping);
    fail(call, DmaError.NO_BOUNCE);
  }

  // Batches.

  @Override
  public void batchStart(DomainMessage.BatchStart m) {
    SwiotlbCall call = beginMapping(m, CallKind.MAP_BATCH, Direction.BIDIRECTIONAL.ordinal());
    long limit = spec.device().batchLimit(spec.maxSegmentBytes());
    mappings.get(call.mapping).batch.begin(limit);
    answer(call, new DriverMessage.BatchStarted(call.op, call.cpu, call.mapping));
  }

  @Override
  public void batchAdd(DomainMessage.BatchAdd m) {
    SwiotlbCall call = goOn(m, m.mapping());
    BouncedMapping mapping = mappings.get(m.mapping());
    mapping.direction = Direction.of(m.direction());
    int from = m.from();
    int to = from;
    while (to < m.phys().length && mapping.batch.add(m.phys()[to], m.length()[to])) {
      to++;
    }
    call.at += (to - from) * spec.direct().directMap();
    if (to == from) {
      swiotlb.search().clear();
      full(call, m.length()[from], BounceResult.OVERSIZE);
      giveUp(call);
      return;
    }
    answer(call, new DriverMessage.BatchAdded(call.op, call.cpu, call.mapping, to - from));
  }

  @Override
  public void batchFinalise(DomainMessage.BatchFinalise m) {
    SwiotlbCall call = goOn(m, m.mapping());
    BouncedMapping mapping = mappings.get(call.mapping);
    LinearBatch batch = mapping.batch;
    BounceResult result =
        batch.finalise(call.cpu, swiotlb, deviceOf(call), pages.forTransient(batch.bytes()));
    if (result == BounceResult.DIRECT) {
      for (int i = 0; i < batch.vectors(); i++) {
        mapping.add(batch.phys(i), batch.length(i));
      }
      mapNext(call);
      return;
    }
    locks.searched(call, result.tookSlots() || result == BounceResult.UNREACHABLE);
    askForPool(call, result, batch.bounce());
    if (!result.tookSlots()) {
      if (result == BounceResult.UNREACHABLE) {
        locks.released(call, batch.bounce());
      }
      full(call, batch.bytes(), result);
      giveUp(call);
      return;
    }
    mapping.bouncedWhole(batch.bounce(), batch.bytes());
    call.at += spec.costs().bounceCopy().ns(batch.bytes());
    wrote(call, batch.bounce(), batch.bytes(), batch.vectors(), result);
    answerMapped(call);
  }

  /** A further step, by itself for the driver, of the call that makes a mapping. */
  private SwiotlbCall goOn(DomainMessage.DmaCall m, int mapping) {
    SwiotlbCall call = begin(m);
    call.mapping = mapping;
    log.goOn(call, mappings.get(mapping).id);
    return call;
  }

  // The two-step calls.

  @Override
  public void iovaTryAlloc(DomainMessage.IovaTryAlloc m) {
    SwiotlbCall call = begin(m);
    log.enter(call, CallKind.MAP_IOVA);
    fail(call, DmaError.NOT_SUPPORTED);
  }

  // Unmapping.

  @Override
  public void unmap(DomainMessage.Unmap m) {
    SwiotlbCall call = begin(m);
    call.mapping = m.mapping();
    log.enter(call, CallKind.UNMAP, mappings.get(m.mapping()).id);
    unmapNext(call);
  }

  /** Unmaps buffers up to the next one whose lock has to be waited for. */
  private void unmapNext(SwiotlbCall call) {
    BouncedMapping mapping = mappings.get(call.mapping);
    boolean copies = !mapping.coherent && Swiotlb.copiesForCpu(mapping.direction);
    for (; call.next < mapping.buffers(); call.next++) {
      int buffer = call.next;
      if (!mapping.isBounced(buffer)) {
        continue;
      }
      if (copies) {
        long bytes = mapping.length(buffer);
        BounceBuffer bounce = mapping.bounce(buffer);
        host.events()
            .bounceCopied(
                host.clock().now(),
                domain,
                mapping.id,
                bounce.address(),
                bounce.copied(0, bytes),
                Direction.FROM_DEVICE.ordinal());
        call.at += spec.costs().bounceCopy().ns(bytes);
        resumeLater(call, SwiotlbCall.Step.RELEASE);
        return;
      }
      if (call.at > host.clock().now()) {
        resumeLater(call, SwiotlbCall.Step.UNMAP);
        return;
      }
      release(call, mapping, buffer);
    }
    mappings.give(call.mapping);
    answer(call, new DriverMessage.Unmapped(call.op, call.cpu, call.mapping, call.id));
  }

  private void release(SwiotlbCall call, BouncedMapping mapping, int buffer) {
    swiotlb.release(mapping.bounce(buffer));
    released(call, mapping.bounce(buffer));
  }

  // Syncing.

  @Override
  public void syncForCpu(DomainMessage.SyncForCpu m) {
    boolean copies = Swiotlb.copiesForCpu(Direction.of(m.direction()));
    sync(m, m.mapping(), m.address(), m.offset(), m.length(), copies, Direction.FROM_DEVICE);
  }

  @Override
  public void syncForDevice(DomainMessage.SyncForDevice m) {
    boolean copies = Swiotlb.copiesForDevice(Direction.of(m.direction()));
    sync(m, m.mapping(), m.address(), m.offset(), m.length(), copies, Direction.TO_DEVICE);
  }

  /** Copies a part of a buffer that is mapped, if it is bounced. */
  private void sync(
      DomainMessage.DmaCall m,
      int number,
      long address,
      long offset,
      long length,
      boolean copies,
      Direction way) {
    BouncedMapping mapping = mappings.get(number);
    int buffer = mapping.at(address);
    long ns = 0;
    if (copies && !mapping.coherent && mapping.isBounced(buffer)) {
      long bytes = mapping.bounce(buffer).copied(offset, length);
      ns = spec.costs().bounceCopy().ns(bytes);
      host.events()
          .bounceCopied(
              host.clock().now(), domain, mapping.id, address + offset, bytes, way.ordinal());
    }
    host.clock()
        .send(ns, host.layout().client(m.client()), new DriverMessage.Synced(m.op(), m.cpu()));
  }

  // Pools.

  /** A search that found no slots in the pools asks the worker for a new one. */
  private void askForPool(SwiotlbCall by, BounceResult result, BounceBuffer bounce) {
    boolean found = result == BounceResult.BOUNCED || result == BounceResult.UNREACHABLE;
    if (result == BounceResult.TRANSIENT) {
      by.at += spec.costs().bouncePool();
      pages.tookTransient(bounce.pool());
    }
    if (found || !swiotlb.grows() || swiotlb.search().areas() == 0 || poolWorkPending) {
      return;
    }
    poolWorkPending = true;
    int number = calls.take(SwiotlbCall::new);
    SwiotlbCall work = calls.get(number);
    work.beginWork(number, by.cpu, host.clock().now());
    work.at += spec.costs().poolWork();
    resumeLater(work, SwiotlbCall.Step.ADD_POOL);
  }

  private void addPool(SwiotlbCall work) {
    poolWorkPending = false;
    log.enter(work, CallKind.POOL_WORK);
    IoTlbPool pool = swiotlb.grow(pages.largestBlock(), pages.forPool());
    if (pool != null) {
      pages.tookPool();
    }
    host.events()
        .poolAdded(
            host.clock().now(),
            domain,
            work.id,
            pool == null ? 0 : pool.slots(),
            pool == null ? 0 : pool.areas());
    calls.give(work.number);
  }

  // Going on.

  @Override
  public void resume(DomainMessage.Resume m) {
    SwiotlbCall call = calls.get(m.call());
    switch (call.step) {
      case MAP -> mapNext(call);
      case UNMAP -> unmapNext(call);
      case RELEASE -> {
        release(call, mappings.get(call.mapping), call.next++);
        unmapNext(call);
      }
      case ADD_POOL -> addPool(call);
    }
  }

  private void resumeLater(SwiotlbCall call, SwiotlbCall.Step step) {
    call.step = step;
    host.clock()
        .send(
            call.at - host.clock().now(),
            host.layout().domain(domain),
            new DomainMessage.Resume(call.number));
  }

  // Writing and answering.

  private void wrote(
      SwiotlbCall call, BounceBuffer bounce, long copied, int buffers, BounceResult result) {
    host.events()
        .bounced(
            host.clock().now(),
            domain,
            call.id,
            Granule.pfn(bounce.phys()),
            bounce.address(),
            copied,
            buffers,
            result.ordinal(),
            bounce.slots(),
            swiotlb.search().checked(),
            swiotlb.search().areas(),
            swiotlb.used());
  }

  private void full(SwiotlbCall call, long bytes, BounceResult why) {
    host.events()
        .bounceFailed(
            host.clock().now(),
            domain,
            call.id,
            bytes,
            why.ordinal(),
            swiotlb.search().checked(),
            swiotlb.search().areas(),
            swiotlb.used());
  }

  private void released(SwiotlbCall call, BounceBuffer bounce) {
    locks.released(call, bounce);
    host.events()
        .bounceReleased(
            host.clock().now(), domain, call.id, bounce.address(), bounce.slots(), swiotlb.used());
  }

  private void answerMapped(SwiotlbCall call) {
    long[] vectors = mappings.get(call.mapping).vectors();
    long bytes = 0;
    for (int i = 1; i < vectors.length; i += 2) {
      bytes += vectors[i];
    }
    long span = Granule.spanned(vectors[0], bytes);
    answer(call, new DriverMessage.Mapped(call.op, call.cpu, call.mapping, call.id, span, vectors));
  }

  private void fail(SwiotlbCall call, DmaError error) {
    answer(call, new DriverMessage.CallFailed(call.op, call.cpu, call.id, error));
  }

  private void answer(SwiotlbCall call, DriverMessage.Answer answer) {
    host.clock().send(call.at - host.clock().now(), host.layout().client(call.client), answer);
    calls.give(call.number);
  }
}
