package dev.mapstorm.persistence.analysis.lock;

import dev.mapstorm.persistence.analysis.HostFigures;
import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.persistence.inflight.LockWaitTimes;
import dev.mapstorm.persistence.primitive.LongIntMap;
import dev.mapstorm.protocol.LockClass;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.Hears;
import dev.mapstorm.protocol.event.PartialSink;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

/**
 * How the locks of a host were used, and which CPU waited for which, up to the last event. Waits
 * and sections that are told before they pass may reach beyond it; {@link #upTo} leaves that out.
 */
@Hears({
  EventKind.LOCK_WAITED,
  EventKind.LOCK_USED,
  EventKind.LOCK_HELD_LONG,
  EventKind.FLUSH_QUEUED,
  EventKind.FLUSH_STARTED
})
final class LockFigures extends PartialSink implements HostFigures {
  /** Bits of a CPU in a pair's key, one more than {@link LockClass#instance} has: -1 is none. */
  private static final int CPU_BITS = 15;

  private static final int CPU_MASK = (1 << CPU_BITS) - 1;

  private static final int FIELDS = 4;
  private static final int PAIR = 0;
  private static final int TOLD = 1;
  private static final int BEGIN = 2;
  private static final int END = 3;

  private final int host;
  private final InFlight inFlight;
  private final LockWaitTimes times = new LockWaitTimes();

  /** Waits that were not over when they were told. */
  private long[] ahead = new long[16 * FIELDS];

  private int aheadWords;
  private final LongIntMap indexOfLock = new LongIntMap();
  private final List<Tally> locks = new ArrayList<>();
  private final LongIntMap indexOfPair = new LongIntMap();
  private final List<Pair> pairs = new ArrayList<>();

  LockFigures(int host, InFlight inFlight) {
    this.host = host;
    this.inFlight = inFlight;
  }

  /** The sums of one lock. */
  private static final class Tally {
    final int lock;
    final int instance;
    final int index;
    long acquisitions;
    long heldNs;

    /** The latest instant at which a section begins that a CPU waited for. */
    long reachesTo;

    long waits;
    long waitsNs;
    long worstNs;
    int worstCpu;
    int worstHolder;
    long worstAt;
    long longestNs;
    int longestCpu;
    long longestAt;

    Tally(int lock, int instance, int index) {
      this.lock = lock;
      this.instance = instance;
      this.index = index;
    }

    void waited(long t, int cpu, int holder, long waitNs) {
      if (waits++ == 0 || waitNs > worstNs) {
        worstNs = waitNs;
        worstCpu = cpu;
        worstHolder = holder;
        worstAt = t;
      }
      waitsNs += waitNs;
    }

    Tally copy() {
      Tally copy = new Tally(lock, instance, index);
      copy.acquisitions = acquisitions;
      copy.heldNs = heldNs;
      copy.reachesTo = reachesTo;
      copy.waits = waits;
      copy.waitsNs = waitsNs;
      copy.worstNs = worstNs;
      copy.worstCpu = worstCpu;
      copy.worstHolder = worstHolder;
      copy.worstAt = worstAt;
      copy.longestNs = longestNs;
      copy.longestCpu = longestCpu;
      copy.longestAt = longestAt;
      return copy;
    }

    void held(long t, int cpu, long ns) {
      if (ns > longestNs) {
        longestNs = ns;
        longestCpu = cpu;
        longestAt = t;
      }
    }

    /**
     * Leaves out what of the sections lies behind {@code last}. From there to the beginning of the
     * last section that was waited for the lock changes hands without a pause; how long that one
     * lasts is not told, but none is held for longer than the run.
     */
    void cut(long first, long last) {
      heldNs = Math.max(0, Math.min(heldNs - Math.max(0, reachesTo - last), last - first));
    }

    LockAnalysis.LockUse use(int host) {
      LockAnalysis.Wait worst =
          waits == 0 ? null : new LockAnalysis.Wait(worstNs, host, worstCpu, worstHolder, worstAt);
      return new LockAnalysis.LockUse(acquisitions, heldNs, waits, waitsNs, worst, longest(host));
    }

    private LockAnalysis.Hold longest(int host) {
      return longestNs == 0
          ? null
          : new LockAnalysis.Hold(
              Math.min(longestNs, heldNs),
              host,
              longestCpu,
              LockClass.values()[lock].describe(instance),
              longestAt);
    }
  }

  /** The waits of one CPU for another at one lock. */
  private static final class Pair {
    final Tally lock;
    final int cpu;
    final int holder;
    long waits;
    long waitNs;

    Pair(Tally lock, int cpu, int holder) {
      this.lock = lock;
      this.cpu = cpu;
      this.holder = holder;
    }

    Pair copy(Tally ofLock) {
      Pair copy = new Pair(ofLock, cpu, holder);
      copy.waits = waits;
      copy.waitNs = waitNs;
      return copy;
    }

    void waited(long t, long ns) {
      waits++;
      waitNs += ns;
      lock.waited(t, cpu, holder, ns);
    }
  }

  private static long key(int lock, int instance) {
    return (long) lock << 32 | instance & 0xffff_ffffL;
  }

  private Tally of(int lock, int instance) {
    long key = key(lock, instance);
    int index = indexOfLock.get(key);
    if (index == LongIntMap.ABSENT) {
      index = locks.size();
      locks.add(new Tally(lock, instance, index));
      indexOfLock.put(key, index);
    }
    return locks.get(index);
  }

  private int pair(Tally lock, int cpu, int holder) {
    long key = ((long) lock.index << CPU_BITS | cpu & CPU_MASK) << CPU_BITS | holder & CPU_MASK;
    int index = indexOfPair.get(key);
    if (index == LongIntMap.ABSENT) {
      index = pairs.size();
      pairs.add(new Pair(lock, cpu, holder));
      indexOfPair.put(key, index);
    }
    return index;
  }

  @Override
  public void lockWaited(
      long t, int lock, int instance, int domain, long call, int holder, long waitNs) {
    int cpu = inFlight.call(domain, call).cpu();
    Tally tally = of(lock, instance);
    long begin = times.begin(t, lock, domain, call, waitNs);
    long end = begin + waitNs;
    tally.reachesTo = Math.max(tally.reachesTo, end);
    int pair = pair(tally, cpu, holder);
    if (end <= t) {
      pairs.get(pair).waited(t, waitNs);
      return;
    }
    if (aheadWords == ahead.length) {
      settle(t);
    }
    ahead[aheadWords + PAIR] = pair;
    ahead[aheadWords + TOLD] = t;
    ahead[aheadWords + BEGIN] = begin;
    ahead[aheadWords + END] = end;
    aheadWords += FIELDS;
  }

  /** Counts the waits that are over at {@code t}, and makes room for others. */
  private void settle(long t) {
    int kept = 0;
    for (int at = 0; at < aheadWords; at += FIELDS) {
      if (ahead[at + END] <= t) {
        pairs
            .get((int) ahead[at + PAIR])
            .waited(ahead[at + TOLD], ahead[at + END] - ahead[at + BEGIN]);
      } else {
        System.arraycopy(ahead, at, ahead, kept, FIELDS);
        kept += FIELDS;
      }
    }
    aheadWords = kept;
    if (kept > ahead.length / 2) {
      ahead = Arrays.copyOf(ahead, ahead.length * 2);
    }
  }

  @Override
  public void lockHeldLong(long t, int lock, int instance, int domain, long call, long heldNs) {
    of(lock, instance).held(t, inFlight.call(domain, call).cpu(), heldNs);
  }

  @Override
  public void flushQueued(long t, int domain, long call, long pfn, long pages) {
    times.flushQueued(t, domain, call, pfn, pages);
  }

  @Override
  public void flushStarted(long t, int domain, long call, int reason) {
    times.flushStarted(t, domain, call, reason);
  }

  /** The figures of what lies between the first and the last event, at these instants. */
  LockFigures upTo(long first, long last) {
    LockFigures cut = new LockFigures(host, inFlight);
    for (Tally lock : locks) {
      Tally copy = lock.copy();
      copy.cut(first, last);
      cut.locks.add(copy);
      cut.indexOfLock.put(key(copy.lock, copy.instance), copy.index);
    }
    for (Pair pair : pairs) {
      cut.pairs.add(pair.copy(cut.locks.get(pair.lock.index)));
    }
    for (int at = 0; at < aheadWords; at += FIELDS) {
      Pair pair = cut.pairs.get((int) ahead[at + PAIR]);
      if (ahead[at + END] > last) {
        pair.lock.acquisitions = Math.max(0, pair.lock.acquisitions - 1);
      }
      long ns = Math.min(ahead[at + END], last) - ahead[at + BEGIN];
      if (ns > 0) {
        pair.waited(ahead[at + TOLD], ns);
      }
    }
    return cut;
  }

  @Override
  public void lockUsed(
      long t, int lock, int instance, long acquisitions, long heldNs, long waitedNs) {
    Tally tally = of(lock, instance);
    tally.acquisitions += acquisitions;
    tally.heldNs += heldNs;
  }

  /**
   * A row for each lock class that was used, of all hosts together, each as {@link #upTo} gives it.
   */
  static List<LockAnalysis.Lock> result(List<LockFigures> hosts, int top) {
    List<LockAnalysis.Lock> result = new ArrayList<>();
    for (LockClass lock : LockClass.values()) {
      List<LockAnalysis.LockInstance> instances = new ArrayList<>();
      List<LockAnalysis.Pair> pairs = new ArrayList<>();
      for (LockFigures host : hosts) {
        host.collect(lock, instances, pairs);
      }
      if (instances.isEmpty()) {
        continue;
      }
      instances.sort(longest(LockAnalysis.LockInstance::use));
      pairs.sort(Comparator.comparingLong(LockAnalysis.Pair::waitNs).reversed());
      result.add(
          new LockAnalysis.Lock(
              lock.label(),
              together(instances),
              List.copyOf(instances),
              List.copyOf(pairs.subList(0, Math.min(top, pairs.size())))));
    }
    result.sort(longest(LockAnalysis.Lock::use));
    return List.copyOf(result);
  }

  private static LockAnalysis.LockUse together(List<LockAnalysis.LockInstance> instances) {
    LockAnalysis.LockUse sum = new LockAnalysis.LockUse(0, 0, 0, 0, null, null);
    for (LockAnalysis.LockInstance instance : instances) {
      LockAnalysis.LockUse use = instance.use();
      boolean worse =
          use.worst() != null
              && (sum.worst() == null || use.worst().waitNs() > sum.worst().waitNs());
      sum =
          new LockAnalysis.LockUse(
              sum.acquisitions() + use.acquisitions(),
              sum.heldNs() + use.heldNs(),
              sum.waits() + use.waits(),
              sum.waitsNs() + use.waitsNs(),
              worse ? use.worst() : sum.worst(),
              longer(use.longest(), sum.longest()));
    }
    return sum;
  }

  private static LockAnalysis.Hold longer(LockAnalysis.Hold one, LockAnalysis.Hold other) {
    boolean first = one != null && (other == null || one.heldNs() > other.heldNs());
    return first ? one : other;
  }

  private static <T> Comparator<T> longest(Function<T, LockAnalysis.LockUse> use) {
    Comparator<T> byWaits = Comparator.comparingLong(x -> use.apply(x).waitsNs());
    Comparator<T> byHeld = Comparator.comparingLong(x -> use.apply(x).heldNs());
    return byWaits.reversed().thenComparing(byHeld.reversed());
  }

  /** Rows in an order that does not depend on that of the events, for equal figures to stay put. */
  private void collect(
      LockClass lock, List<LockAnalysis.LockInstance> instances, List<LockAnalysis.Pair> pairs) {
    for (long key : indexOfLock.sortedKeys()) {
      Tally tally = locks.get(indexOfLock.get(key));
      if (tally.lock == lock.ordinal()) {
        instances.add(
            new LockAnalysis.LockInstance(host, lock.describe(tally.instance), tally.use(host)));
      }
    }
    List<Pair> own = new ArrayList<>(this.pairs);
    own.removeIf(pair -> pair.waits == 0 || pair.lock.lock != lock.ordinal());
    own.sort(
        Comparator.comparingInt((Pair pair) -> pair.lock.instance)
            .thenComparingInt(pair -> pair.cpu)
            .thenComparingInt(pair -> pair.holder));
    for (Pair pair : own) {
      pairs.add(
          new LockAnalysis.Pair(
              host,
              lock.describe(pair.lock.instance),
              pair.cpu,
              pair.holder,
              pair.waits,
              pair.waitNs));
    }
  }
}
