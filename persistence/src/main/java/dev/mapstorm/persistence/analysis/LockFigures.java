package dev.mapstorm.persistence.analysis;

import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.persistence.replay.LongIntMap;
import dev.mapstorm.protocol.LockClass;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.Hears;
import dev.mapstorm.protocol.event.PartialSink;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

/** How the locks of a host were used, and which CPU waited for which. */
@Hears({
  EventKind.LOCK_WAITED,
  EventKind.LOCK_USED
})
final class LockFigures extends PartialSink {
  /** Bits of a CPU in a pair's key, one more than {@link LockClass#instance} has: -1 is none. */
  private static final int CPU_BITS = 15;

  private static final int CPU_MASK = (1 << CPU_BITS) - 1;

  private final int host;
  private final InFlight inFlight;
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
    long waitedNs;
    long waits;
    long waitsNs;
    long worstNs;
    int worstCpu;
    int worstHolder;
    long worstAt;

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

    AnalysisResult.LockUse use(int host) {
      AnalysisResult.Wait worst =
          waits == 0
              ? null
              : new AnalysisResult.Wait(worstNs, host, worstCpu, worstHolder, worstAt);
      return new AnalysisResult.LockUse(acquisitions, heldNs, waitedNs, waits, waitsNs, worst);
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
  }

  private Tally of(int lock, int instance) {
    long key = (long) lock << 32 | instance & 0xffff_ffffL;
    int index = indexOfLock.get(key);
    if (index == LongIntMap.ABSENT) {
      index = locks.size();
      locks.add(new Tally(lock, instance, index));
      indexOfLock.put(key, index);
    }
    return locks.get(index);
  }

  private Pair pair(Tally lock, int cpu, int holder) {
    long key = ((long) lock.index << CPU_BITS | cpu & CPU_MASK) << CPU_BITS | holder & CPU_MASK;
    int index = indexOfPair.get(key);
    if (index == LongIntMap.ABSENT) {
      index = pairs.size();
      pairs.add(new Pair(lock, cpu, holder));
      indexOfPair.put(key, index);
    }
    return pairs.get(index);
  }

  @Override
  public void lockWaited(
      long t, int lock, int instance, int domain, long call, int holder, long waitNs) {
    int cpu = inFlight.call(domain, call).cpu();
    Tally tally = of(lock, instance);
    tally.waited(t, cpu, holder, waitNs);
    Pair pair = pair(tally, cpu, holder);
    pair.waits++;
    pair.waitNs += waitNs;
  }

  @Override
  public void lockUsed(
      long t, int lock, int instance, long acquisitions, long heldNs, long waitedNs) {
    Tally tally = of(lock, instance);
    tally.acquisitions += acquisitions;
    tally.heldNs += heldNs;
    tally.waitedNs += waitedNs;
  }

  /** A row for each lock class that was used, of all hosts together. */
  static List<AnalysisResult.Lock> result(List<LockFigures> hosts, int top) {
    List<AnalysisResult.Lock> result = new ArrayList<>();
    for (LockClass lock : LockClass.values()) {
      List<AnalysisResult.LockInstance> instances = new ArrayList<>();
      List<AnalysisResult.Pair> pairs = new ArrayList<>();
      for (LockFigures host : hosts) {
        host.collect(lock, instances, pairs);
      }
      if (instances.isEmpty()) {
        continue;
      }
      instances.sort(longest(AnalysisResult.LockInstance::use));
      pairs.sort(Comparator.comparingLong(AnalysisResult.Pair::waitNs).reversed());
      result.add(
          new AnalysisResult.Lock(
              lock.label(),
              together(instances),
              List.copyOf(instances),
              List.copyOf(pairs.subList(0, Math.min(top, pairs.size())))));
    }
    result.sort(longest(AnalysisResult.Lock::use));
    return List.copyOf(result);
  }

  private static AnalysisResult.LockUse together(List<AnalysisResult.LockInstance> instances) {
    AnalysisResult.LockUse sum = new AnalysisResult.LockUse(0, 0, 0, 0, 0, null);
    for (AnalysisResult.LockInstance instance : instances) {
      AnalysisResult.LockUse use = instance.use();
      boolean worse =
          use.worst() != null
              && (sum.worst() == null || use.worst().waitNs() > sum.worst().waitNs());
      sum =
          new AnalysisResult.LockUse(
              sum.acquisitions() + use.acquisitions(),
              sum.heldNs() + use.heldNs(),
              sum.waitedNs() + use.waitedNs(),
              sum.waits() + use.waits(),
              sum.waitsNs() + use.waitsNs(),
              worse ? use.worst() : sum.worst());
    }
    return sum;
  }

  private static <T> Comparator<T> longest(Function<T, AnalysisResult.LockUse> use) {
    Comparator<T> byWaits = Comparator.comparingLong(x -> use.apply(x).waitsNs());
    Comparator<T> byHeld = Comparator.comparingLong(x -> use.apply(x).heldNs());
    return byWaits.reversed().thenComparing(byHeld.reversed());
  }

  /** Rows in an order that does not depend on that of the events, for equal figures to stay put. */
  private void collect(
      LockClass lock,
      List<AnalysisResult.LockInstance> instances,
      List<AnalysisResult.Pair> pairs) {
    for (long key : indexOfLock.sortedKeys()) {
      Tally tally = locks.get(indexOfLock.get(key));
      if (tally.lock == lock.ordinal()) {
        instances.add(
            new AnalysisResult.LockInstance(host, lock.describe(tally.instance), tally.use(host)));
      }
    }
    List<Pair> own = new ArrayList<>(this.pairs);
    own.removeIf(pair -> pair.lock.lock != lock.ordinal());
    own.sort(
        Comparator.comparingInt((Pair pair) -> pair.lock.instance)
            .thenComparingInt(pair -> pair.cpu)
            .thenComparingInt(pair -> pair.holder));
    for (Pair pair : own) {
      pairs.add(
          new AnalysisResult.Pair(
              host,
              lock.describe(pair.lock.instance),
              pair.cpu,
              pair.holder,
              pair.waits,
              pair.waitNs));
    }
  }
}
