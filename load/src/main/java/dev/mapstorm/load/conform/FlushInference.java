package dev.mapstorm.load.conform;

import dev.mapstorm.load.conform.Operation.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the flushes of a lazy domain whose trace has no line for them (AMD-Vi, virtio-iommu, SMMU,
 * VT-d before 5.13), from who allocates the queued ranges next.
 *
 * <p>The first range that is queued after a flush arms the timer of 10 ms; when it fires, its CPU
 * flushes and frees all that was queued into its own caches, from which that CPU takes it again. So
 * the queued ranges fall into stretches of time, each of at least a timer's length, whose ranges
 * come back on one CPU. Or a ring of 255 was full: then each CPU frees its own. The stretches are
 * those with the fewest ranges that come back elsewhere; none ends after one of its ranges came
 * back.
 */
final class FlushInference {
  /** A timer of 10 ms fires that much later at the earliest: jiffies are cut off. */
  private static final long TIMER_NS = 8_000_000;

  private static final long LONGEST_NS = 400_000_000;
  private static final int MOST_QUEUED = 4096;

  /** {@code IOVA_DEFAULT_FQ_SIZE} less one. */
  private static final int RING = 255;

  /** Costs, in ranges that come back on another CPU. */
  private static final double FLUSH_COST = 2;

  private static final double COST_OF_10_MS = 0.5;
  private static final double TOO_SOON_COST = 25;

  private final Operation[] queued;
  private final Operation[] next;
  private final int cpus;

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
    Map<Operation, Integer> numbers = new HashMap<>();
    for (int i = 0; i < queued.length; i++) {
      numbers.put(queued[i], i);
    }
    Map<Long, Operation> waiting = new HashMap<>();
    for (Operation operation : domain) {
      if (operation.kind == Kind.QUEUE) {
        waiting.put(operation.pfn, operation);
      } else if (operation.kind == Kind.ALLOC && waiting.containsKey(operation.pfn)) {
        next[numbers.get(waiting.remove(operation.pfn))] = operation;
      }
    }
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
    double[] cost = new double[n + 1];
    int[] from = new int[n + 1];
    int[] timerCpu = new int[n + 1];
    Arrays.fill(cost, Double.POSITIVE_INFINITY);
    cost[0] = 0;
    int[] counts = new int[cpus];
    int[] ringCounts = new int[cpus];
    for (int end = 1; end <= n; end++) {
      best(end, cost, from, timerCpu, counts, ringCounts);
    }
    int last = n;
    double least = Double.POSITIVE_INFINITY;
    int unflushed = 0;
    for (int end = n; end >= Math.max(0, n - MOST_QUEUED); end--) {
      if (cost[end] + unflushed < least) {
        least = cost[end] + unflushed;
        last = end;
      }
      unflushed += end > 0 && next[end - 1] != null ? 1 : 0;
    }
    Deque<Operation> found = new ArrayDeque<>();
    for (int end = last; end > 0; end = from[end]) {
      found.addFirst(flush(from[end], end, timerCpu[end]));
    }
    return new ArrayList<>(found);
  }

  /** The best stretch that ends before {@code end}; its CPU is negative if a ring was full. */
  private void best(
      int end, double[] cost, int[] from, int[] timerCpu, int[] counts, int[] ringCounts) {
    Arrays.fill(counts, 0);
    Arrays.fill(ringCounts, 0);
    long firstBack = Long.MAX_VALUE;
    long firstBackNs = end < queued.length ? queued[end].timeNs : Long.MAX_VALUE;
    int known = 0;
    int atHome = 0;
    int most = 0;
    int full = -1;
    for (int i = end - 1; i >= Math.max(0, end - MOST_QUEUED); i--) {
      if (next[i] != null) {
        firstBack = Math.min(firstBack, next[i].closes);
        firstBackNs = Math.min(firstBackNs, next[i].timeNs);
        known++;
        atHome += next[i].cpu == queued[i].cpu ? 1 : 0;
        counts[next[i].cpu]++;
        most = counts[next[i].cpu] > counts[most] ? next[i].cpu : most;
      }
      if (++ringCounts[queued[i].cpu] >= RING - 1) {
        full = queued[i].cpu;
      }
      if (full >= 0 && ringCounts[full] > RING + 1) {
        return;
      }
      if (firstBack <= queued[end - 1].closes) {
        return;
      }
      long sinceNs = firstBackNs == Long.MAX_VALUE ? LONGEST_NS : firstBackNs - queued[i].timeNs;
      double timer =
          known
              - counts[most]
              + FLUSH_COST
              + (sinceNs < TIMER_NS ? TOO_SOON_COST : 0)
              + COST_OF_10_MS * Math.max(0, queued[end - 1].timeNs - queued[i].timeNs) / 1e7;
      int cpu = known == 0 ? queued[i].cpu : most;
      if (cost[i] + timer < cost[end]) {
        cost[end] = cost[i] + timer;
        from[end] = i;
        timerCpu[end] = cpu;
      }
      double forced = known - atHome + FLUSH_COST;
      if (full >= 0 && cost[i] + forced < cost[end]) {
        cost[end] = cost[i] + forced;
        from[end] = i;
        timerCpu[end] = -1 - full;
      }
    }
  }

  private Operation flush(int from, int end, int timerCpu) {
    long line = 0;
    long back = Long.MAX_VALUE;
    for (int i = from; i < end; i++) {
      line = Math.max(line, queued[i].closes);
      back = next[i] == null ? back : Math.min(back, next[i].closes);
    }
    Operation last = queued[end - 1];
    if (timerCpu < 0) {
      return forcedFlush(from, end, -1 - timerCpu, line);
    }
    Operation flush = Operation.inferredFlush(timerCpu, line, last.timeNs);
    flush.opens = queued[from].closes;
    flush.ends = Math.max(line, Math.min(back, end < queued.length ? queued[end].closes : back));
    flush.ends = flush.ends == Long.MAX_VALUE ? line + 1 : flush.ends;
    return flush;
  }

  /** The unmap that meets a full ring waits for the flush; its range is queued after it. */
  private Operation forcedFlush(int from, int end, int cpu, long line) {
    int forcing = Math.min(end, queued.length - 1);
    while (forcing > from && queued[forcing].cpu != cpu) {
      forcing--;
    }
    Operation flush = Operation.inferredFlush(cpu, line, queued[end - 1].timeNs);
    flush.forced = true;
    queued[forcing].forcedFlush = flush;
    queued[forcing].closes = Math.max(queued[forcing].closes, line + 1);
    return flush;
  }
}
