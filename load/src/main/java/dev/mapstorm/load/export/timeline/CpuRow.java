package dev.mapstorm.load.export.timeline;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * One CPU: DMA calls on its thread, flush-queue timer callbacks on that of its softirqs. Waits for
 * locks, invalidations and flushes are told before the call or callback that they belong to is
 * over, and events do not say which that is: it is the first to be over that contains them. What
 * none contains stands apart. Not thread-safe.
 */
final class CpuRow {
  /** Thread numbers of softirqs start here, above all CPUs. */
  private static final int SOFTIRQS = 20_000;

  private static final int OTHERS = 40_000;

  /** So many parts that belong to nothing are kept in case something is to come. */
  private static final int MOST_WAITING = 256;

  private final ThreadRows calls;
  private final ThreadRows softirqs;
  private final ThreadRows others;
  private final List<Span> waiting = new ArrayList<>();
  private long lockFreeFrom;

  CpuRow(Canvas canvas, int cpu) {
    calls = new ThreadRows(canvas, cpu, "CPU " + cpu);
    softirqs = new ThreadRows(canvas, SOFTIRQS + cpu, "CPU " + cpu + " softirq");
    others = new ThreadRows(canvas, OTHERS + cpu, "CPU " + cpu + " outside calls");
  }

  /** Part of a call or callback that is still going on. */
  void part(Span span) {
    if (waiting.size() == MOST_WAITING) {
      Span oldest = waiting.remove(0);
      others.add(Optional.empty(), oldest, List.of());
    }
    waiting.add(span);
  }

  /**
   * A wait for a lock. A CPU waits for one at a time: where a step takes several locks ahead of the
   * clock, all bear its instant and follow each other.
   */
  void lockWait(long begin, long ns, String name, Arguments arguments) {
    long since = Math.max(begin, lockFreeFrom);
    lockFreeFrom = since + ns;
    part(new Span(since, since + ns, name, arguments));
  }

  /** A DMA call has returned, and what led to it. */
  void call(Optional<Span> before, Span call) {
    calls.add(before, call, take(call));
  }

  /** Something happened in a call. */
  void instant(long t, String name, Arguments arguments) {
    calls.instant(t, name, arguments);
  }

  /** A timer callback has returned. */
  void softirq(Span callback) {
    softirqs.add(Optional.empty(), callback, take(callback));
  }

  private List<Span> take(Span whole) {
    if (waiting.isEmpty()) {
      return List.of();
    }
    List<Span> parts = new ArrayList<>();
    for (Iterator<Span> each = waiting.iterator(); each.hasNext(); ) {
      Span part = each.next();
      if (part.isWithin(whole)) {
        parts.add(part);
        each.remove();
      }
    }
    return parts;
  }

  /** The trace ends at {@code t}: what is left belonged to nothing that is over by then. */
  void finish(long t) {
    for (Span part : waiting) {
      if (part.end() <= t) {
        others.add(Optional.empty(), part, List.of());
      }
    }
  }
}
