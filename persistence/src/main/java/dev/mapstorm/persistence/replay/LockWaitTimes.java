package dev.mapstorm.persistence.replay;

import dev.mapstorm.protocol.LockClass;
import dev.mapstorm.protocol.event.EventSink;

/**
 * When the waits of a host for locks begin. A wait is told before it passes where the end of the
 * section in front is known, and when it is over where that section ends with an event: always for
 * {@code cache_lock}, and for {@code fq->lock} unless the CPU has just told that it queues a range,
 * in the same step. Not thread-safe.
 */
public final class LockWaitTimes implements EventSink {
  private static final int CACHE_TAG = LockClass.CACHE_TAG.ordinal();
  private static final int FLUSH_QUEUE = LockClass.FLUSH_QUEUE.ordinal();

  private long queuedAt = -1;
  private int queuedDomain;
  private int queuedBy;

  @Override
  public void flushQueued(long t, int domain, int cpu, long pfn, long pages) {
    queuedAt = t;
    queuedDomain = domain;
    queuedBy = cpu;
  }

  /** When a wait began that a {@code lock-waited} event at {@code t} tells of. */
  public long begin(long t, int lock, int instance, int cpu, long waitNs) {
    boolean over =
        lock == CACHE_TAG || lock == FLUSH_QUEUE && !isQueueing(t, LockClass.owner(instance), cpu);
    return over ? t - waitNs : t;
  }

  private boolean isQueueing(long t, int domain, int cpu) {
    return queuedAt == t && queuedDomain == domain && queuedBy == cpu;
  }
}
