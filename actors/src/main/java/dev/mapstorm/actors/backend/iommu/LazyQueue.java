package dev.mapstorm.actors.backend.iommu;

import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.model.flush.FlushQueue;
import dev.mapstorm.actors.model.flush.IovaReclaimer;
import dev.mapstorm.actors.model.lock.LockUser;
import dev.mapstorm.actors.model.lock.SpinLock;
import dev.mapstorm.actors.model.percpu.PerCpu;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.protocol.FlushReason;
import dev.mapstorm.protocol.LockClass;
import dev.mapstorm.protocol.message.DomainMessage;
import dev.mapstorm.protocol.message.DriverMessage;

/**
 * The flush queue of a lazy domain in virtual time: {@code queue_iova} and {@code fq_flush_timeout}
 * (drivers/iommu/dma-iommu.c). {@link FlushQueue} says what is released when; this says under which
 * ring's lock (L4), after which flush, and on whose CPU.
 *
 * <p>A ring's lock is a section of known length while nothing has to be flushed and nothing goes to
 * the tree; otherwise it is held until the flush or the last free is done, as in Linux.
 *
 * <p>Not in Linux: a flush by ranges makes the units forget what a ring holds and nothing else,
 * neighbours as one range, with the ring's lock held. The timer goes through the rings one by one.
 * Not thread-safe.
 */
final class LazyQueue implements IovaReclaimer {

  /** What the domain does for the queue. */
  interface Steps {
    /** Resumes the call at its own instant. */
    void resumeLater(IovaCall call);

    /** Answers the client that its mapping is gone. */
    void unmapped(IovaCall call);

    /** Forgets a call that nobody waits for. */
    void release(IovaCall call);
  }

  private final int domain;
  private final HostContext host;
  private final IovaSpace iova;
  private final Steps steps;
  private final long addNs;
  private final boolean byRange;
  private final FlushQueue queue;

  /** Locks of the rings that were used; a domain in strict mode has none. */
  private final PerCpu<SpinLock> ringLocks;

  private IovaCall reclaiming;

  LazyQueue(
      int domain, DmaIommuSpec own, HostSpec spec, HostContext host, IovaSpace iova, Steps steps) {
    this.domain = domain;
    this.host = host;
    this.iova = iova;
    this.steps = steps;
    FlushSpec flush = own.flush();
    addNs = own.costs().flushQueueAdd();
    byRange = flush.byRange();
    queue = new FlushQueue(spec.cpus(), flush.single(), flush.entries(), flush.timeoutNs(), this);
    ringLocks = new PerCpu<>(queue.rings());
  }

  private SpinLock lockOf(int ring) {
    SpinLock lock = ringLocks.get(ring);
    if (lock == null) {
      int instance = LockClass.instance(domain, ring, 0);
      lock = new SpinLock(LockClass.FLUSH_QUEUE, instance, host.events(), host.locks());
      ringLocks.set(ring, lock);
    }
    return lock;
  }

  /** The queue, to be looked at. */
  FlushQueue model() {
    return queue;
  }

  /** {@code queue_iova}: queues the range that the call unmapped. */
  void queue(IovaCall call) {
    long now = host.clock().now();
    call.ring = queue.ringOf(call.cpu);
    SpinLock lock = lockOf(call.ring);
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

  private boolean allCached(IovaCall call) {
    return call.allReclaims(pages -> iova.isCached(pages));
  }

  @Override
  public void reclaim(int cpu, long pfn, long pages, int tablePages) {
    reclaiming.toReclaim(pfn, pages);
  }

  private void collect(IovaCall call) {
    reclaiming = call;
    queue.reclaim(call.ring, call.cpu);
    reclaiming = null;
  }

  private boolean freeOne(IovaCall call) {
    if (!iova.free(call, call.reclaimPfn(), call.reclaimPages())) {
      return false;
    }
    call.reclaimedOne();
    return true;
  }

  private void add(IovaCall call) {
    long now = host.clock().now();
    boolean arm = queue.add(call.cpu, call.pfn, call.pages, 0);
    call.at += addNs;
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
  private void granted(IovaCall call) {
    call.at = ringLocks.get(call.ring).since();
    if (byRange && call.isTimer()) {
      flushRing(call);
      return;
    }
    collect(call);
    reclaim(call);
  }

  /** Goes on with a call in one of the queue's steps. */
  void resume(IovaCall call) {
    if (call.step == IovaCall.Step.RECLAIM) {
      reclaim(call);
    } else {
      leave(call);
    }
  }

  /**
   * With the ring's lock held: frees what was collected, flushes if the ring is full, adds, leaves.
   */
  private void reclaim(IovaCall call) {
    while (call.hasReclaims()) {
      if (!freeOne(call)) {
        call.step = IovaCall.Step.RECLAIM;
        steps.resumeLater(call);
        return;
      }
    }
    if (!call.isTimer()) {
      if (!call.flushed && queue.full(call.ring)) {
        beginFlush(call, FlushReason.FULL);
        return;
      }
      if (call.flushed) {
        host.events().flushFinished(host.clock().now(), domain, call.id, call.reclaimed);
      }
      add(call);
    }
    call.step = IovaCall.Step.LEAVE_RING;
    steps.resumeLater(call);
  }

  private void beginFlush(IovaCall call, FlushReason reason) {
    host.events().flushStarted(host.clock().now(), domain, call.id, reason.ordinal());
    call.reclaimed = 0;
    call.flushing = true;
    if (byRange) {
      if (call.isTimer()) {
        call.ring = 0;
        nextRing(call);
      } else {
        flushRing(call);
      }
      return;
    }
    queue.flushStarted();
    call.step = IovaCall.Step.FLUSH;
    steps.resumeLater(call);
  }

  /** With the ring's lock held: takes all that it holds, and has the units forget just that. */
  private void flushRing(IovaCall call) {
    if (queue.size(call.ring) == 0) {
      // Whoever had the lock before has flushed it.
      reclaim(call);
      return;
    }
    reclaiming = call;
    queue.drain(call.ring, call.cpu);
    reclaiming = null;
    call.syncReclaims();
    call.step = IovaCall.Step.FLUSH;
    steps.resumeLater(call);
  }

  /** The flush that a call began is complete. */
  void flushed(IovaCall call) {
    call.flushed = true;
    if (byRange) {
      reclaim(call);
      return;
    }
    queue.flushFinished();
    if (call.isTimer()) {
      call.ring = 0;
      nextRing(call);
    } else {
      collect(call);
      reclaim(call);
    }
  }

  private void leave(IovaCall call) {
    LockUser following = ringLocks.get(call.ring).unlock(host.clock().now());
    if (following != null) {
      granted((IovaCall) following);
    }
    if (call.isTimer()) {
      call.ring++;
      nextRing(call);
    } else {
      steps.unmapped(call);
    }
  }

  /** {@code fq_flush_timeout} on the call's CPU: flushes, then frees all rings. */
  void timer(IovaCall call) {
    call.startedAt = host.clock().now();
    queue.timerFired();
    beginFlush(call, FlushReason.TIMER);
  }

  private void nextRing(IovaCall call) {
    long now = host.clock().now();
    for (; call.ring < queue.rings(); call.ring++) {
      SpinLock lock = ringLocks.get(call.ring);
      if (lock == null) {
        // Nothing was ever queued there.
        continue;
      }
      if (lock.isOpen()) {
        lock.lock(now, call);
        return;
      }
      if (byRange) {
        if (queue.size(call.ring) > 0) {
          call.at = lock.lock(now, call);
          flushRing(call);
          return;
        }
        continue;
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
  private void steal(IovaCall call, long ns) {
    host.events().cpuStolen(host.clock().now(), domain, call.id, ns);
    for (int client : host.layout().clientsOn(call.cpu)) {
      host.clock().tell(host.layout().client(client), new DriverMessage.Stolen(call.cpu, ns));
    }
  }
}
