package dev.mapstorm.actors.backend.iommu;

import dev.mapstorm.actors.core.DomainCall;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.model.flush.FlushQueue;
import dev.mapstorm.actors.model.flush.IovaReclaimer;
import dev.mapstorm.actors.model.lock.SpinLock;
import dev.mapstorm.actors.spec.ClientSpec;
import dev.mapstorm.actors.spec.FlushSpec;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.protocol.FlushReason;
import dev.mapstorm.protocol.LockClass;
import dev.mapstorm.protocol.message.DomainMessage;
import dev.mapstorm.protocol.message.DriverMessage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The flush queue of a lazy domain in virtual time: {@code queue_iova} and {@code fq_flush_timeout}
 * (drivers/iommu/dma-iommu.c). {@link FlushQueue} says what is released when; this says under which
 * ring's lock (L4), after which flush, and on whose CPU.
 *
 * <p>A ring's lock is a section of known length while nothing has to be flushed and nothing goes to
 * the tree; otherwise it is held until the flush or the last free is done, as in Linux. Not
 * thread-safe.
 */
final class LazyQueue implements IovaReclaimer {

  /** What the domain does for the queue. */
  interface Steps {
    /**
     * Invalidates what the call wants to have invalidated; {@link LazyQueue#flushed} follows for
     * whole domains.
     */
    void invalidate(DomainCall call);

    /** Resumes the call at its own instant. */
    void resumeLater(DomainCall call);

    /** Answers the client that its mapping is gone. */
    void unmapped(DomainCall call);

    /** Forgets a call that nobody waits for. */
    void release(DomainCall call);
  }

  private final int domain;
  private final HostContext host;
  private final IovaSpace iova;
  private final Steps steps;
  private final FlushQueue queue;
  private final SpinLock<DomainCall>[] ringLocks;
  private final int[][] clientsOfCpu;
  private DomainCall reclaiming;

  LazyQueue(int domain, HostSpec spec, HostContext host, IovaSpace iova, Steps steps) {
    this.domain = domain;
    this.host = host;
    this.iova = iova;
    this.steps = steps;
    FlushSpec flush = spec.domains().get(domain).flush();
    queue = new FlushQueue(spec.cpus(), flush.single(), flush.entries(), flush.timeoutNs(), this);
    ringLocks = SpinLock.array(queue.rings());
    Arrays.setAll(
        ringLocks,
        ring ->
            new SpinLock<>(
                LockClass.FLUSH_QUEUE,
                LockClass.instance(domain, ring, 0),
                host.events(),
                host.locks()));
    clientsOfCpu = new int[spec.cpus()][];
    Arrays.setAll(clientsOfCpu, cpu -> clientsOn(cpu, spec));
  }

  private static int[] clientsOn(int cpu, HostSpec spec) {
    List<Integer> clients = new ArrayList<>();
    for (int client = 0; client < spec.clients().size(); client++) {
      ClientSpec each = spec.clients().get(client);
      if (!(each instanceof ClientSpec.Queue queue) || queue.cpu() == cpu) {
        clients.add(client);
      }
    }
    return clients.stream().mapToInt(Integer::intValue).toArray();
  }

  /** The queue, to be looked at. */
  FlushQueue model() {
    return queue;
  }

  /** {@code queue_iova}: queues the range that the call unmapped. */
  void queue(DomainCall call) {
    long now = host.clock().now();
    call.ring = queue.ringOf(call.cpu);
    SpinLock<DomainCall> lock = ringLocks[call.ring];
    if (lock.isOpen()) {
      lock.lock(now, call);
      return;
    }
    collect(call);
    if (queue.full(call.ring) || !allCached(call)) {
      call.at = lock.lock(now, call);
      reclaim(call);
      return;
    }
    while (call.hasReclaims()) {
      freeOne(call);
    }
    add(call);
    long section = call.at - now;
    call.at = lock.hold(now, call, section) + section;
    steps.unmapped(call);
  }

  private boolean allCached(DomainCall call) {
    return call.allReclaims(pages -> iova.isCached(pages));
  }

  @Override
  public void reclaim(int cpu, long pfn, long pages, int tablePages) {
    reclaiming.toReclaim(pfn, pages);
  }

  private void collect(DomainCall call) {
    reclaiming = call;
    queue.reclaim(call.ring, call.cpu);
    reclaiming = null;
  }

  private boolean freeOne(DomainCall call) {
    if (!iova.free(call, call.reclaimPfn(), call.reclaimPages())) {
      return false;
    }
    call.reclaimedOne();
    return true;
  }

  private void add(DomainCall call) {
    long now = host.clock().now();
    boolean arm = queue.add(call.cpu, call.pfn, call.pages, 0);
    call.at += host.costs().flushQueueAdd();
    host.events().flushQueued(now, domain, call.id, call.pfn, call.pages);
    if (arm) {
      host.clock()
          .send(
              queue.timeoutNs(),
              host.layout().domain(domain),
              new DomainMessage.FlushTimer(call.cpu));
    }
  }

  /** The ring's lock has come to a call that waited for it. */
  private void granted(DomainCall call) {
    call.at = host.clock().now();
    collect(call);
    reclaim(call);
  }

  /** Goes on with a call in one of the queue's steps. */
  void resume(DomainCall call) {
    if (call.step == DomainCall.Step.RECLAIM) {
      reclaim(call);
    } else {
      leave(call);
    }
  }

  /**
   * With the ring's lock held: frees what was collected, flushes if the ring is full, adds, leaves.
   */
  private void reclaim(DomainCall call) {
    while (call.hasReclaims()) {
      if (!freeOne(call)) {
        call.step = DomainCall.Step.RECLAIM;
        steps.resumeLater(call);
        return;
      }
    }
    if (!call.timer) {
      if (!call.flushed && queue.full(call.ring)) {
        beginFlush(call, FlushReason.FULL);
        return;
      }
      if (call.flushed) {
        host.events().flushFinished(host.clock().now(), domain, call.id, call.reclaimed);
      }
      add(call);
    }
    call.step = DomainCall.Step.LEAVE_RING;
    steps.resumeLater(call);
  }

  private void beginFlush(DomainCall call, FlushReason reason) {
    queue.flushStarted();
    host.events().flushStarted(host.clock().now(), domain, call.id, reason.ordinal());
    call.reclaimed = 0;
    call.wholeDomain = true;
    call.step = DomainCall.Step.INVALIDATE;
    steps.resumeLater(call);
  }

  /** The flush that a call began is complete. */
  void flushed(DomainCall call) {
    queue.flushFinished();
    call.flushed = true;
    if (call.timer) {
      call.ring = 0;
      nextRing(call);
    } else {
      collect(call);
      reclaim(call);
    }
  }

  private void leave(DomainCall call) {
    DomainCall following = ringLocks[call.ring].unlock(host.clock().now());
    if (following != null) {
      granted(following);
    }
    if (call.timer) {
      call.ring++;
      nextRing(call);
    } else {
      steps.unmapped(call);
    }
  }

  /** {@code fq_flush_timeout} on the call's CPU: flushes, then frees all rings. */
  void timer(DomainCall call) {
    call.timer = true;
    call.startedAt = host.clock().now();
    queue.timerFired();
    beginFlush(call, FlushReason.TIMER);
  }

  private void nextRing(DomainCall call) {
    long now = host.clock().now();
    for (; call.ring < ringLocks.length; call.ring++) {
      SpinLock<DomainCall> lock = ringLocks[call.ring];
      if (lock.isOpen()) {
        lock.lock(now, call);
        return;
      }
      collect(call);
      if (call.hasReclaims()) {
        call.at = lock.lock(now, call);
        reclaim(call);
        return;
      }
    }
    host.events().flushFinished(now, domain, call.id, call.reclaimed);
    steal(call, now - call.startedAt);
    steps.release(call);
  }

  /** The callback ran in the CPU's softirq; what its clients had to do was late by so much. */
  private void steal(DomainCall call, long ns) {
    host.events().cpuStolen(host.clock().now(), domain, call.id, ns);
    for (int client : clientsOfCpu[call.cpu]) {
      host.clock().tell(host.layout().client(client), new DriverMessage.Stolen(call.cpu, ns));
    }
  }
}
