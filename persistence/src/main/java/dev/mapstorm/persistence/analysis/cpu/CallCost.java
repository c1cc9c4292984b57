package dev.mapstorm.persistence.analysis.cpu;

import dev.mapstorm.protocol.LockClass;
import java.util.ArrayList;
import java.util.List;

/**
 * What DMA calls, or callbacks of the flush timer, cost: the places of the sums in an array, so
 * that the cost of a call, of a request and of all are added up alike.
 */
final class CallCost {
  static final int NS = 0;
  static final int UNIT_WAIT_NS = 1;
  static final int PAGE_SELECTIVE = 2;
  static final int DOMAIN_SELECTIVE = 3;
  static final int PAGES_ASKED = 4;
  static final int PAGES_COVERED = 5;
  static final int DROPPED = 6;
  static final int IOVAS = 7;

  /** From here on the waits for locks in nanoseconds, by {@link LockClass}. */
  static final int LOCK_WAITS_NS = 8;

  static final int WORDS = LOCK_WAITS_NS + LockClass.values().length;

  private CallCost() {}

  /** Adds one cost to another. */
  static void add(long[] into, long[] from) {
    for (int i = 0; i < WORDS; i++) {
      into[i] += from[i];
    }
  }

  /** The cost as a record of the result. */
  static CpuTimeAnalysis.Spent spent(long[] cost) {
    List<CpuTimeAnalysis.LockTime> locks = new ArrayList<>();
    long waits = 0;
    for (LockClass lock : LockClass.values()) {
      long ns = cost[LOCK_WAITS_NS + lock.ordinal()];
      if (ns > 0) {
        locks.add(new CpuTimeAnalysis.LockTime(lock.label(), ns));
        waits += ns;
      }
    }
    return new CpuTimeAnalysis.Spent(
        cost[NS],
        waits,
        List.copyOf(locks),
        cost[UNIT_WAIT_NS],
        cost[PAGE_SELECTIVE],
        cost[DOMAIN_SELECTIVE],
        cost[PAGES_ASKED],
        cost[PAGES_COVERED],
        cost[DROPPED],
        cost[IOVAS]);
  }
}
