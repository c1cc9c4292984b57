package dev.mapstorm.load.conform;

import dev.mapstorm.actors.model.iova.IovaDomain;
import dev.mapstorm.load.conform.Operation.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds the flushes of a lazy domain whose trace has no line for them (AMD-Vi, virtio-iommu, SMMU,
 * VT-d before 5.13), from who allocates the queued ranges next.
 *
 * <p>The first range that is queued after a flush arms the timer of 10 ms; when it fires, its CPU
 * flushes and frees ring after ring into its own caches, from which that CPU takes the ranges
 * again. A CPU that queues a range before the timer has come to its ring frees that ring into its
 * own caches first. So the queued ranges fall into stretches of time, each of at least a timer's
 * length, and the ranges of a ring in a stretch come back on the CPU of the timer, or all on their
 * own. Or a ring of 255 was full: then each CPU frees its own. The stretches are those with the
 * fewest ranges that come back elsewhere, and the fewest new ranges out of the tree while a CPU
 * should have had freed ones; none ends after one of its ranges came back.
 */
final class FlushInference {
  /** A timer of 10 ms fires that much later at the earliest: jiffies are cut off. */
  private static final long TIMER_NS = 8_000_000;

  private static final long TEN_MS_NS = 10_000_000;
  private static final long LONGEST_NS = 400_000_000;
  private static final int MOST_QUEUED = 4096;

  /** {@code IOVA_DEFAULT_FQ_SIZE} less one. */
  private static final int RING = 255;

  // Costs. A range that comes back on another CPU costs RANGE.
  private static final int RANGE = 4;
  private static final int FLUSH_COST = 8;
  private static final int COST_OF_10_MS = 2;
  private static final int TOO_SOON_COST = 100;

  /** Of a ring that its own CPU freed. */
  private static final int OWN_COST = 4;

  /** Of a timer on another CPU than that which armed it, as idle CPUs hand theirs over. */
  private static final int ELSEWHERE_COST = 8;

  private static final int MOST_NEW = 8;

  private static final int NONE = Integer.MAX_VALUE / 2;

  private final Operation[] queued;
  private final Operation[] next;
  private final int cpus;

  // The cheapest stretches up to each range, and what the last of them is.
  private final int[] cost;
  private final int[] from;
  private final int[] timerCpu;

  // Of the stretch that is looked at.
  private final int[] back;
  private final int[] known;
  private final int[] terms;
  private final int[] sums;
  private final int[] ringCounts;
  private final long[] homeAgain;
  private final long[] firstAgain;
  private final int[] newRanges;
  private final int[] newAtHome;

  /** By CPU, the line of its next queueing after the stretch. */
  private final long[] queuesNext;

  /** By CPU and cache order, the lines before allocations of ranges that were never seen before. */
  private final long[][] fresh;

  /** The line of the last range of the stretch. */
  private long lastLine;

  private FlushInference(List<Operation> domain) {
    queued =
        domain.stream()
            .filter(operation -> operation.kind == Kind.QUEUE)
            .sorted(Comparator.comparingLong(operation -> operation.line))
            .toArray(Operation[]::new);
    for (Operation operation : queued) {
      operation.closes = operation.line;
    }
    cpus = 1 + domain.stream().mapToInt(operation -> operation.cpu).max().orElse(0);
    next = new Operation[queued.length];
    Map<Long, Integer> waiting = new HashMap<>();
    int number = 0;
    for (Operation operation : domain) {
      if (operation.kind == Kind.QUEUE) {
        waiting.put(operation.pfn, number++);
      } else if (operation.kind == Kind.ALLOC && waiting.containsKey(operation.pfn)) {
        next[waiting.remove(operation.pfn)] = operation;
      }
    }
    cost = new int[queued.length + 1];
    from = new int[queued.length + 1];
    timerCpu = new int[queued.length + 1];
    back = new int[cpus * cpus];
    known = new int[cpus];
    terms = new int[cpus * cpus];
    sums = new int[cpus];
    ringCounts = new int[cpus];
    homeAgain = new long[cpus];
    firstAgain = new long[cpus];
    newRanges = new int[cpus];
    newAtHome = new int[cpus];
    fresh = freshRanges(domain);
    queuesNext = new long[cpus];
  }

  private long[][] freshRanges(List<Operation> domain) {
    Set<Long> seen = new HashSet<>();
    List<List<Long>> lines = new ArrayList<>();
    for (int i = 0; i < cpus * Long.SIZE; i++) {
      lines.add(new ArrayList<>());
    }
    for (Operation operation : domain) {
      if (operation.kind == Kind.ALLOC && seen.add(operation.pfn)) {
        lines.get(slot(operation)).add(operation.opens);
      }
    }
    return lines.stream()
        .map(list -> list.stream().mapToLong(Long::longValue).sorted().toArray())
        .toArray(long[][]::new);
  }

  private static int slot(Operation alloc) {
    return alloc.cpu * Long.SIZE + IovaDomain.order(alloc.pages);
  }

  /** New ranges that a CPU takes after a line and before an allocation of a freed one. */
  private int newRangesBetween(long line, Operation again) {
    long[] lines = fresh[slot(again)];
    return Math.min(MOST_NEW, Math.max(0, below(lines, again.opens) - below(lines, line)));
  }

  private static int below(long[] sorted, long line) {
    int found = Arrays.binarySearch(sorted, line);
    if (found < 0) {
      return -found - 1;
    }
    while (found > 0 && sorted[found - 1] == line) {
      found--;
    }
    return found;
  }

  /**
   * The flushes of a domain.
   *
   * @param domain its operations, by line
   */
  static List<Operation> of(List<Operation> domain) {
    return new FlushInference(domain).flushes();
  }

  private List<Operation> flushes() {
    int n = queued.length;
    Arrays.fill(cost, NONE);
    cost[0] = 0;
    for (int end = 1; end <= n; end++) {
      best(end);
    }
    int last = n;
    int least = NONE;
    int unflushed = 0;
    for (int end = n; end >= Math.max(0, n - MOST_QUEUED); end--) {
      if (cost[end] + unflushed < least) {
        least = cost[end] + unflushed;
        last = end;
      }
      unflushed += end > 0 && next[end - 1] != null ? RANGE : 0;
    }
    Deque<Operation> found = new ArrayDeque<>();
    long nextLine = Long.MAX_VALUE;
    for (int end = last; end > 0; end = from[end]) {
      Operation flush =
          timerCpu[end] < 0
              ? forcedFlush(from[end], end, -1 - timerCpu[end])
              : timerFlush(from[end], end, timerCpu[end], nextLine);
      nextLine = flush.line;
      found.addFirst(flush);
    }
    return new ArrayList<>(found);
  }

  // The cheapest stretches.

  /** The best stretch that ends before {@code end}; its CPU is negative if a ring was full. */
  private void best(int end) {
    begin(end);
    long firstBack = Long.MAX_VALUE;
    long firstBackNs = end < queued.length ? queued[end].timeNs : Long.MAX_VALUE;
    int full = -1;
    for (int i = end - 1; i >= Math.max(0, end - MOST_QUEUED); i--) {
      if (next[i] != null) {
        firstBack = Math.min(firstBack, next[i].closes);
        firstBackNs = Math.min(firstBackNs, next[i].timeNs);
        add(queued[i].cpu, next[i]);
      }
      if (++ringCounts[queued[i].cpu] >= RING - 1) {
        full = queued[i].cpu;
      }
      if (full >= 0 && ringCounts[full] > RING + 1 || firstBack <= queued[end - 1].closes) {
        return;
      }
      if (cost[i] == NONE) {
        continue;
      }
      long sinceNs = firstBackNs == Long.MAX_VALUE ? LONGEST_NS : firstBackNs - queued[i].timeNs;
      long lastsNs = Math.min(LONGEST_NS, Math.max(0, queued[end - 1].timeNs - queued[i].timeNs));
      int timer =
          FLUSH_COST
              + (sinceNs < TIMER_NS ? TOO_SOON_COST : 0)
              + (int) (COST_OF_10_MS * lastsNs / TEN_MS_NS);
      offer(end, i, timer, queued[i].cpu);
      if (full >= 0) {
        int elsewhere = 0;
        for (int ring = 0; ring < cpus; ring++) {
          elsewhere += RANGE * (known[ring] - back[ring * cpus + ring]);
        }
        if (cost[i] + FLUSH_COST + elsewhere < cost[end]) {
          cost[end] = cost[i] + FLUSH_COST + elsewhere;
          from[end] = i;
          timerCpu[end] = -1 - full;
        }
      }
    }
  }

  /** Offers each CPU as that of the timer. */
  private void offer(int end, int start, int flush, int armed) {
    for (int cpu = 0; cpu < cpus; cpu++) {
      int all =
          cost[start]
              + flush
              + sums[cpu]
              + RANGE * newRanges[cpu]
              + (cpu == armed ? 0 : ELSEWHERE_COST);
      if (all < cost[end]) {
        cost[end] = all;
        from[end] = start;
        timerCpu[end] = cpu;
      }
    }
  }

  private void begin(int end) {
    Arrays.fill(back, 0);
    Arrays.fill(known, 0);
    Arrays.fill(terms, 0);
    Arrays.fill(sums, 0);
    Arrays.fill(ringCounts, 0);
    Arrays.fill(homeAgain, Long.MAX_VALUE);
    Arrays.fill(firstAgain, Long.MAX_VALUE);
    Arrays.fill(newRanges, 0);
    Arrays.fill(newAtHome, 0);
    lastLine = queued[end - 1].closes;
    queuesAfter(end);
  }

  private void queuesAfter(int end) {
    Arrays.fill(queuesNext, Long.MAX_VALUE);
    int missing = cpus;
    for (int i = end; i < Math.min(queued.length, end + MOST_QUEUED) && missing > 0; i++) {
      if (queuesNext[queued[i].cpu] == Long.MAX_VALUE) {
        queuesNext[queued[i].cpu] = queued[i].closes;
        missing--;
      }
    }
  }

  /** Adds a range of a ring that comes back somewhere to the stretch. */
  private void add(int ring, Operation again) {
    known[ring]++;
    back[ring * cpus + again.cpu]++;
    if (again.cpu == ring && again.closes < homeAgain[ring]) {
      homeAgain[ring] = again.closes;
      newAtHome[ring] =
          queuesNext[ring] < again.closes ? newRangesBetween(queuesNext[ring], again) : 0;
    }
    if (again.closes < firstAgain[again.cpu]) {
      firstAgain[again.cpu] = again.closes;
      newRanges[again.cpu] = newRangesBetween(lastLine, again);
    }
    for (int cpu = 0; cpu < cpus; cpu++) {
      int term = term(ring, cpu);
      sums[cpu] += term - terms[ring * cpus + cpu];
      terms[ring * cpus + cpu] = term;
    }
  }

  /** What a ring costs if the timer is on a CPU. */
  private int term(int ring, int cpu) {
    int byTimer = RANGE * (known[ring] - back[ring * cpus + cpu]);
    return ring == cpu ? byTimer : Math.min(byTimer, byItself(ring));
  }

  /** What a ring costs if its CPU frees it; it must queue a range before it can. */
  private int byItself(int ring) {
    return queuesNext[ring] < homeAgain[ring]
        ? OWN_COST + RANGE * (newAtHome[ring] + known[ring] - back[ring * cpus + ring])
        : NONE;
  }

  // The flushes of the cheapest stretches.

  private Operation timerFlush(int start, int end, int cpu, long nextLine) {
    begin(end);
    long line = 0;
    for (int i = start; i < end; i++) {
      line = Math.max(line, queued[i].closes);
      if (next[i] != null) {
        add(queued[i].cpu, next[i]);
      }
    }
    Operation flush = Operation.inferredFlush(cpu, line, queued[end - 1].timeNs);
    flush.opens = queued[start].closes;
    for (int ring = 0; ring < cpus; ring++) {
      int byTimer = RANGE * (known[ring] - back[ring * cpus + cpu]);
      if (ring != cpu && byItself(ring) < byTimer) {
        flush.freeThemselves.set(ring);
      }
    }
    long firstBack = nextLine;
    for (int i = start; i < end; i++) {
      if (next[i] != null && !flush.freeThemselves.get(queued[i].cpu)) {
        firstBack = Math.min(firstBack, next[i].closes);
      }
    }
    flush.ends = Math.max(line, firstBack);
    flush.ends = flush.ends == Long.MAX_VALUE ? line + 1 : flush.ends;
    return flush;
  }

  /** The unmap that meets a full ring waits for the flush; its range is queued after it. */
  private Operation forcedFlush(int start, int end, int cpu) {
    long line = 0;
    for (int i = start; i < end; i++) {
      line = Math.max(line, queued[i].closes);
    }
    int forcing = Math.min(end, queued.length - 1);
    while (forcing > start && queued[forcing].cpu != cpu) {
      forcing--;
    }
    Operation flush = Operation.inferredFlush(cpu, line, queued[end - 1].timeNs);
    flush.forced = true;
    queued[forcing].forcedFlush = flush;
    queued[forcing].closes = Math.max(queued[forcing].closes, line + 1);
    return flush;
  }
}
