package dev.mapstorm.actors.driver;

import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.core.RequestInProgress;
import dev.mapstorm.actors.spec.BatchSize;
import dev.mapstorm.actors.spec.BlockSpec;
import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.message.DomainMessage;
import dev.mapstorm.protocol.message.DriverMessage;

/**
 * One CPU inside the DMA API on behalf of a client: makes the calls that map, sync or unmap a
 * request, one after the other, and writes what came of them. Which calls map depends on the
 * request's {@link MapApi}:
 *
 * <ul>
 *   <li>page: one {@code dma_map_page} a physical range;
 *   <li>sg: one {@code dma_map_sg} for all;
 *   <li>batch: start, add until full, finalise; then the next batch, until all ranges are mapped;
 *       page where the backend has no batch;
 *   <li>iova: try_alloc, link, sync if the ranges meet at granule boundaries, else page; also page
 *       when try_alloc says no. With a {@link BlockSpec} the ranges are first made segments of its
 *       queue, and it decides, as {@code blk_rq_dma_map_iter_start} (block/blk-mq-dma.c) does;
 *   <li>iommu: one {@code iommu_map} for all, at the address that the request is to have.
 * </ul>
 *
 * A request that fails half-way gives back what it had; with a block layer before Linux 7.1 the
 * error of a link is lost, and the request continues as if all of it were mapped. Not thread-safe.
 */
final class DmaCaller implements DriverMessage.Answer.Caller<DmaCaller.State> {

  /** Where a request stands. */
  enum State {
    /** A call is under way. */
    RUNNING,
    /** All of it is mapped, or synced for the device. */
    MAPPED,
    /** All of it is unmapped, or synced for the CPU, or nothing of a failed one is left. */
    UNMAPPED
  }

  /** What the calls of a request are for. */
  private enum Work {
    MAP,
    UNMAP,
    SYNC_FOR_DEVICE,
    SYNC_FOR_CPU
  }

  private final int client;
  private final int cpu;
  private final int domain;
  private final int domainActor;
  private final BatchSize batch;
  private final BlockLayer block;
  private final HostContext host;

  private DmaRequest request;
  private Work work = Work.MAP;
  private boolean twoStep;
  private int next;

  /** The call that made the IOVA of a failed link, and why it failed; while that is destroyed. */
  private long failedCall;

  private DmaError linkError;

  /** Where the batch begins of which the error of a link was lost; 0 if none was. */
  private long lostAt;

  /**
   * For a CPU and what it calls.
   *
   * @param block the block layer above the client, or null
   */
  DmaCaller(int client, int cpu, int domain, BatchSize batch, BlockSpec block, HostContext host) {
    this.client = client;
    this.cpu = cpu;
    this.domain = domain;
    this.domainActor = host.layout().domain(domain);
    this.batch = batch;
    this.block = block == null ? null : new BlockLayer(block);
    this.host = host;
  }

  /** Begins to map a request, in {@code delayNs}. */
  void map(DmaRequest what, long delayNs) {
    request = what;
    work = Work.MAP;
    next = 0;
    lostAt = 0;
    if (what.api == MapApi.IOVA && !(block == null ? meetsAtGranules(what) : block.prepare(what))) {
      what.api = MapApi.PAGE;
    }
    twoStep = what.api == MapApi.IOVA;
    mapNext(delayNs);
  }

  /**
   * Begins to unmap all that a request holds, in {@code delayNs}. Answers {@code UNMAPPED} at once
   * if that is nothing.
   */
  State unmap(DmaRequest what, long delayNs) {
    request = what;
    work = Work.UNMAP;
    next = 0;
    twoStep = what.api == MapApi.IOVA;
    return unmapNext(delayNs);
  }

  /** Begins to hand a request in kept buffers to the device, in {@code delayNs}. */
  void syncForDevice(DmaRequest what, long delayNs) {
    request = what;
    work = Work.SYNC_FOR_DEVICE;
    next = 0;
    syncNext(delayNs);
  }

  /** Begins to take a request in kept buffers back from the device, in {@code delayNs}. */
  void syncForCpu(DmaRequest what, long delayNs) {
    request = what;
    work = Work.SYNC_FOR_CPU;
    next = 0;
    syncNext(delayNs);
  }

  /** The same as the two above for memory that nobody syncs: only {@code delayNs} passes. */
  void handOver(DmaRequest what, boolean toDevice, long delayNs) {
    request = what;
    work = toDevice ? Work.SYNC_FOR_DEVICE : Work.SYNC_FOR_CPU;
    next = what.vectorCount();
    int itself = host.layout().client(client);
    host.clock().send(delayNs, itself, new DriverMessage.Synced(what.op, cpu));
  }

  /** The request whose call is, or was last, under way. */
  DmaRequest request() {
    return request;
  }

  /** The request whose call is under way, as it is between two steps. */
  RequestInProgress show() {
    return switch (work) {
      case MAP, SYNC_FOR_DEVICE -> request.show(RequestInProgress.Phase.MAPPING, 0);
      case UNMAP -> request.show(RequestInProgress.Phase.UNMAPPING, next - 1);
      case SYNC_FOR_CPU -> request.show(RequestInProgress.Phase.UNMAPPING, 0);
    };
  }

  /** Goes on after an answer of the domain. */
  State on(DriverMessage.Answer answer) {
    return answer.to(this);
  }

  @Override
  public State batchStarted(DriverMessage.BatchStarted m) {
    return call(
        new DomainMessage.BatchAdd(
            client, cpu, request.op, direction(), m.mapping(), request.phys, request.length, next),
        0);
  }

  @Override
  public State batchAdded(DriverMessage.BatchAdded m) {
    next += m.accepted();
    return call(new DomainMessage.BatchFinalise(client, cpu, request.op, m.mapping()), 0);
  }

  @Override
  public State iovaReady(DriverMessage.IovaReady m) {
    return call(
        new DomainMessage.IovaLink(
            client, cpu, request.op, direction(), m.mapping(), 0, request.phys, request.length),
        0);
  }

  @Override
  public State linked(DriverMessage.Linked m) {
    next = request.phys.length;
    return call(new DomainMessage.IovaSync(client, cpu, request.op, m.mapping(), 0, m.bytes()), 0);
  }

  @Override
  public State linkFailed(DriverMessage.LinkFailed m) {
    next = request.phys.length;
    if (block != null && block.losesLinkErrors()) {
      lostAt = m.address();
      return call(
          new DomainMessage.IovaSync(client, cpu, request.op, m.mapping(), 0, m.bytes()), 0);
    }
    failedCall = m.call();
    linkError = m.error();
    return call(new DomainMessage.IovaDestroy(client, cpu, request.op, m.mapping(), m.bytes()), 0);
  }

  @Override
  public State unlinked(DriverMessage.Unlinked m) {
    throw new IllegalStateException("client %d expected no %s".formatted(client, m));
  }

  @Override
  public State mapped(DriverMessage.Mapped m) {
    long[] vectors = lostAt != 0 ? new long[] {lostAt, request.bytes} : m.vectors();
    request.mapped(m.mapping(), m.call(), vectors);
    host.events()
        .mapped(
            host.clock().now(),
            domain,
            m.call(),
            Granule.pfn(vectors[0]),
            m.pages(),
            Granule.offset(vectors[0]),
            DmaRequest.total(vectors),
            vectors.length / 2);
    if (next == request.phys.length) {
      return State.MAPPED;
    }
    mapNext(0);
    return State.RUNNING;
  }

  @Override
  public State unmapped(DriverMessage.Unmapped m) {
    host.events().unmapped(host.clock().now(), domain, m.call());
    if (linkError != null) {
      DmaError error = linkError;
      linkError = null;
      return failed(failedCall, error);
    }
    return unmapNext(0);
  }

  @Override
  public State synced(DriverMessage.Synced m) {
    if (next == request.vectorCount()) {
      return work == Work.SYNC_FOR_DEVICE ? State.MAPPED : State.UNMAPPED;
    }
    syncNext(0);
    return State.RUNNING;
  }

  @Override
  public State callFailed(DriverMessage.CallFailed m) {
    DmaError error = m.error();
    if (work != Work.MAP) {
      throw new IllegalStateException(
          "client %d could not %s its request %d: %s"
              .formatted(client, work, request.op, error.label()));
    }
    boolean none = error == DmaError.NOT_SUPPORTED || twoStep && error == DmaError.NO_IOVA;
    if (next == 0 && none) {
      // dma_iova_try_alloc() returned false, or there is no batch: each range on its own.
      host.events().mapDeclined(host.clock().now(), domain, m.call(), error.ordinal());
      twoStep = false;
      request.api = MapApi.PAGE;
      mapNext(0);
      return State.RUNNING;
    }
    return failed(m.call(), error);
  }

  /** A call that maps failed; what the request holds is given back. */
  private State failed(long call, DmaError error) {
    host.events().mapFailed(host.clock().now(), domain, call, error.ordinal());
    request.failed = true;
    return unmap(request, 0);
  }

  private void mapNext(long delayNs) {
    long op = request.op;
    if (twoStep) {
      call(
          new DomainMessage.IovaTryAlloc(client, cpu, op, request.phys[0], request.bytes), delayNs);
      return;
    }
    switch (request.api) {
      case SG -> {
        next = request.phys.length;
        call(
            new DomainMessage.MapSg(client, cpu, op, direction(), request.phys, request.length),
            delayNs);
      }
      case COHERENT -> {
        next = request.phys.length;
        call(
            new DomainMessage.AllocCoherent(
                client, cpu, op, direction(), request.phys, request.length),
            delayNs);
      }
      case IOMMU -> {
        next = request.phys.length;
        call(
            new DomainMessage.IommuMap(
                client, cpu, op, direction(), request.iova, request.phys, request.length),
            delayNs);
      }
      case BATCH -> call(new DomainMessage.BatchStart(client, cpu, op, capacity()), delayNs);
      case KEPT, REUSED ->
          throw new IllegalStateException("%s is no way to map".formatted(request.api));
      case PAGE, IOVA -> {
        int index = next++;
        call(
            new DomainMessage.MapPage(
                client, cpu, op, direction(), request.phys[index], request.length[index]),
            delayNs);
      }
    }
  }

  private int direction() {
    return request.direction.ordinal();
  }

  /**
   * Bytes of IOVA to start the next batch with: what is left of as many ranges as a batch takes, at
   * most its bytes, at least the next range.
   */
  private long capacity() {
    long left = 0;
    int end = (int) Math.min(request.phys.length, (long) next + batch.vectors());
    for (int i = next; i < end && left < batch.bytes(); i++) {
      left += padded(i);
    }
    return Math.max(Math.min(left, batch.bytes()), padded(next));
  }

  private long padded(int range) {
    return Granule.spanned(request.phys[range], request.length[range]) << Granule.SHIFT;
  }

  private State unmapNext(long delayNs) {
    if (next == request.mappings()) {
      return State.UNMAPPED;
    }
    int index = next++;
    int mapping = request.mapping(index);
    call(
        twoStep
            ? new DomainMessage.IovaDestroy(
                client, cpu, request.op, mapping, request.mappedBytes(index))
            : new DomainMessage.Unmap(client, cpu, request.op, mapping, request.mappedBy(index)),
        delayNs);
    return State.RUNNING;
  }

  private void syncNext(long delayNs) {
    int i = next++;
    long op = request.op;
    int mapping = request.reused(i);
    long by = request.reusedOf(i);
    long offset = request.reusedOffset(i);
    long start = request.vectorAddress(i) - offset;
    long bytes = request.vectorBytes(i);
    call(
        work == Work.SYNC_FOR_DEVICE
            ? new DomainMessage.SyncForDevice(
                client, cpu, op, direction(), mapping, by, start, offset, bytes)
            : new DomainMessage.SyncForCpu(
                client, cpu, op, direction(), mapping, by, start, offset, bytes),
        delayNs);
  }

  private State call(DomainMessage message, long delayNs) {
    if (delayNs == 0) {
      host.clock().tell(domainActor, message);
    } else {
      host.clock().send(delayNs, domainActor, message);
    }
    return State.RUNNING;
  }

  /** Whether only the first range starts, and only the last one ends, inside a granule. */
  private static boolean meetsAtGranules(DmaRequest request) {
    int last = request.phys.length - 1;
    for (int i = 0; i <= last; i++) {
      boolean startsInside = Granule.offset(request.phys[i]) != 0;
      boolean endsInside = Granule.offset(request.phys[i] + request.length[i]) != 0;
      if ((i > 0 && startsInside) || (i < last && endsInside)) {
        return false;
      }
    }
    return true;
  }
}
