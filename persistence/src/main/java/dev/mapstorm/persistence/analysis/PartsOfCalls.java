package dev.mapstorm.persistence.analysis;

import dev.mapstorm.persistence.replay.LockWaitTimes;
import dev.mapstorm.protocol.InvalidationKind;
import dev.mapstorm.protocol.LockClass;
import dev.mapstorm.protocol.event.EventSink;
import java.util.Arrays;

/**
 * The waits for locks and the invalidations of a host's CPUs, until the DMA call or the timer
 * callback that they are part of is over. They are told before it is, and their events do not say
 * which it will be: they belong to the first of their CPU and domain to be over that contains them.
 * What none contains (the parts of calls that fail or do not return, and of the depot's worker) is
 * dropped. Not thread-safe.
 */
final class PartsOfCalls implements EventSink {
  private static final int FIELDS = 10;
  private static final int DOMAIN = 0;
  private static final int UNIT = 1;

  /** Which sum of a {@link CallCost} its time belongs to. */
  private static final int SUM = 2;

  private static final int BEGIN = 3;
  private static final int END = 4;
  private static final int NS = 5;

  /** Of an invalidation: how often {@link CallCost#PAGE_SELECTIVE}, 0 or 1. */
  private static final int SELECTIVE = 6;

  private static final int ASKED = 7;
  private static final int COVERED = 8;
  private static final int DROPPED = 9;

  /** The end of an invalidation that is not complete. */
  private static final long OPEN = -1;

  /** The domain of a wait for a unit's lock until the invalidation behind it is posted. */
  private static final int UNKNOWN = -1;

  /** Calls that only fail leave their parts behind; beyond this many a CPU, the older half goes. */
  private static final int MOST = 1024 * FIELDS;

  private static final int QUEUE_LOCK = LockClass.INVALIDATION_QUEUE.ordinal();
  private static final int PSI = InvalidationKind.PSI.ordinal();

  private final FlushesInProgress flushes;
  private final LockWaitTimes waits = new LockWaitTimes();
  private long[][] ofCpu = new long[0][];
  private int[] used = new int[0];
  private int flushedDomain;
  private final long[] cost = new long[CallCost.WORDS];

  PartsOfCalls(FlushesInProgress flushes) {
    this.flushes = flushes;
  }

  /** Drops all parts: no call will be over any more. */
  void clear() {
    ofCpu = new long[0][];
    used = new int[0];
  }

  private int append(int cpu, int domain, int sum, long begin, long end, long ns) {
    if (cpu >= used.length) {
      reach(cpu);
    }
    if (used[cpu] == MOST) {
      used[cpu] = MOST / 2;
      System.arraycopy(ofCpu[cpu], MOST - used[cpu], ofCpu[cpu], 0, used[cpu]);
    }
    int at = used[cpu];
    if (at == ofCpu[cpu].length) {
      ofCpu[cpu] = Arrays.copyOf(ofCpu[cpu], Math.min(MOST, at * 2));
    }
    used[cpu] = at + FIELDS;
    long[] list = ofCpu[cpu];
    Arrays.fill(list, at, at + FIELDS, 0);
    list[at + DOMAIN] = domain;
    list[at + SUM] = sum;
    list[at + BEGIN] = begin;
    list[at + END] = end;
    list[at + NS] = ns;
    return at;
  }

  private void reach(int cpu) {
    int before = used.length;
    int n = Math.max(cpu + 1, Math.max(16, before * 2));
    used = Arrays.copyOf(used, n);
    ofCpu = Arrays.copyOf(ofCpu, n);
    for (int i = before; i < n; i++) {
      ofCpu[i] = new long[4 * FIELDS];
    }
  }

  @Override
  public void lockWaited(long t, int lock, int instance, int cpu, int holder, long waitNs) {
    int owner = LockClass.owner(instance);
    long begin = waits.begin(t, lock, instance, cpu, waitNs);
    int domain = lock == QUEUE_LOCK ? UNKNOWN : owner;
    int at = append(cpu, domain, CallCost.LOCK_WAITS_NS + lock, begin, begin + waitNs, waitNs);
    ofCpu[cpu][at + UNIT] = owner;
  }

  @Override
  public void flushQueued(long t, int domain, int cpu, long pfn, long pages) {
    waits.flushQueued(t, domain, cpu, pfn, pages);
  }

  @Override
  public void invalidationPosted(
      long t, int iommu, int domain, int cpu, int kind, long pfn, long pages, long covered) {
    long inLock = cpu < used.length ? waitToPost(t, iommu, domain, cpu) : 0;
    int at = append(cpu, domain, CallCost.UNIT_WAIT_NS, t, OPEN, -inLock);
    long[] list = ofCpu[cpu];
    list[at + UNIT] = iommu;
    if (kind == PSI) {
      list[at + SELECTIVE] = 1;
      list[at + ASKED] = pages;
      list[at + COVERED] = covered;
    }
  }

  /** How long the CPU waits for the unit's lock to post what it posts now for {@code domain}. */
  private long waitToPost(long t, int iommu, int domain, int cpu) {
    long[] list = ofCpu[cpu];
    int last = used[cpu] - FIELDS;
    if (last >= 0
        && list[last + DOMAIN] == UNKNOWN
        && list[last + BEGIN] == t
        && list[last + UNIT] == iommu) {
      list[last + DOMAIN] = domain;
      return list[last + NS];
    }
    return 0;
  }

  @Override
  public void invalidationCompleted(
      long t, int iommu, int domain, int cpu, long latencyNs, int dropped) {
    if (cpu >= used.length) {
      return;
    }
    long[] list = ofCpu[cpu];
    for (int at = 0; at < used[cpu]; at += FIELDS) {
      if (list[at + END] == OPEN && list[at + DOMAIN] == domain && list[at + UNIT] == iommu) {
        list[at + END] = t;
        list[at + NS] += latencyNs;
        list[at + DROPPED] = dropped;
        return;
      }
    }
  }

  @Override
  public void flushFinished(long t, int domain, int cpu, long freed) {
    flushedDomain = domain;
  }

  /** Takes the parts of a timer callback of {@code cpu} that is over; see {@link #ofCall}. */
  long[] ofTimer(long t, int cpu, long ns) {
    return take(t, flushedDomain, cpu, ns, true);
  }

  /**
   * Takes the parts of a call of {@code cpu} into {@code domain} that is over after {@code ns}.
   * Where two overlap on a CPU, one never gets more than it lasted.
   *
   * @param cpu -1 if the call met nothing that it could wait for
   * @return a {@link CallCost}, valid until the next call of this method
   */
  long[] ofCall(long t, int domain, int cpu, long ns) {
    return take(t, domain, cpu, ns, flushes.reason(domain, cpu) >= 0);
  }

  /** {@code more}: whether another of the CPU may be under way, which older parts belong to. */
  private long[] take(long t, int domain, int cpu, long ns, boolean more) {
    Arrays.fill(cost, 0);
    cost[CallCost.NS] = ns;
    if (cpu < 0 || cpu >= used.length || used[cpu] == 0) {
      return cost;
    }
    long[] list = ofCpu[cpu];
    long left = ns;
    int kept = 0;
    for (int at = 0; at < used[cpu]; at += FIELDS) {
      boolean over = list[at + DOMAIN] == domain && list[at + END] != OPEN && list[at + END] <= t;
      if (over && list[at + BEGIN] >= t - ns && list[at + NS] <= left) {
        left -= list[at + NS];
        add(list, at);
      } else if (!over || more || list[at + END] > t - ns) {
        System.arraycopy(list, at, list, kept, FIELDS);
        kept += FIELDS;
      }
    }
    used[cpu] = kept;
    return cost;
  }

  private void add(long[] list, int at) {
    int sum = (int) list[at + SUM];
    cost[sum] += list[at + NS];
    if (sum == CallCost.UNIT_WAIT_NS) {
      cost[CallCost.PAGE_SELECTIVE] += list[at + SELECTIVE];
      cost[CallCost.DOMAIN_SELECTIVE] += 1 - list[at + SELECTIVE];
      cost[CallCost.PAGES_ASKED] += list[at + ASKED];
      cost[CallCost.PAGES_COVERED] += list[at + COVERED];
      cost[CallCost.DROPPED] += list[at + DROPPED];
    }
  }
}
