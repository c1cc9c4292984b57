package dev.mapstorm.persistence.inflight;

import dev.mapstorm.protocol.LockClass;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.Hears;
import dev.mapstorm.protocol.event.PartialSink;

/**
 * When the waits of a host for locks begin. A wait is told before it passes where the end of the
 * section in front is known, and when it is over where that section ends with an event: always for
 * {@link LockClass#toldWhenOver}, and for {@code fq->lock} unless the call has just told that it
 * queues a range or begins a flush, in the same step. Not thread-safe.
 */
@Hears({EventKind.FLUSH_QUEUED, EventKind.FLUSH_STARTED})
public final class LockWaitTimes extends PartialSink {
  private static final int FLUSH_QUEUE = LockClass.FLUSH_QUEUE.ordinal();

  private long comesAt = -1;
  private int domainThere;
  private long callThere;

  @Override
  public void flushQueued(long t, int domain, long call, long pfn, long pages) {
    comes(t, domain, call);
  }

  @Override
  public void flushStarted(long t, int domain, long call, int reason) {
    comes(t, domain, call);
  }

  private void comes(long t, int domain, long call) {
    comesAt = t;
    domainThere = domain;
    callThere = call;
  }

  /** When a wait began that a {@code lock-waited} event at {@code t} tells of. */
  public long begin(long t, int lock, int domain, long call, long waitNs) {
    boolean over =
        LockClass.of(lock).toldWhenOver() || lock == FLUSH_QUEUE && !hasJustCome(t, domain, call);
    return over ? t - waitNs : t;
  }

  private boolean hasJustCome(long t, int domain, long call) {
    return comesAt == t && domainThere == domain && callThere == call;
  }
}
