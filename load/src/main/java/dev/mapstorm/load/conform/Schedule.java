package dev.mapstorm.load.conform;

import dev.mapstorm.load.conform.Operation.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The operations of one domain in the order in which a replay meets their lines, and the {@link
 * Choice choices} that these lines leave open. Immutable but for what it notes in the operations.
 *
 * <p>Steps at one line: first what is over before it, then what may begin after it. CPUs are
 * numbered anew, in their order, so that those without any operation cost nothing.
 */
final class Schedule {
  /** What a step does with its operation. The order is that of steps at one line. */
  enum Act {
    /** The timer of a flush is over. */
    FLUSH_ENDS,
    /** A range that was unmapped must be put away. */
    UNMAP_CLOSES,
    /** An allocation must be done. */
    ALLOC_CLOSES,
    /** A flush is counted as started. */
    FLUSH_STARTS,
    /** A flush is finished. */
    FLUSH_FINISHES,
    /** A range that was unmapped may be put away. */
    UNMAP_OPENS,
    /** An allocation may be done. */
    ALLOC_OPENS
  }

  private static final int NEAR_FLUSH = 24;
  private static final int MOST_STRETCHES = 10;

  /** A flush starts at most so long before its line. */
  private static final long START_NS = 5_000_000;

  /** A timer's callback takes at most so long; emulated CPUs stall, real ones need under 1 ms. */
  private static final long SWEEP_NS = 50_000_000;

  private final Operation[] operations;
  private final int[] cpuNumbers;
  private final Act[] acts;
  private final int[] stepOperation;
  private final int[] flushes;
  private final int[] flushOf;
  private final int[] startStep;
  private final int[] nextFlush;
  private final int[] stepOf;
  private final int[] previous;
  private final int[] previousQueue;
  private final int[][] cuts;
  private final int[][] sweeps;
  private final boolean[] holds;
  private final Map<Long, int[]> unmapsOfPfn = new HashMap<>();

  /**
   * Orders operations and finds the choices.
   *
   * @param all of one domain, in any order; their {@code index} and {@code place} are set
   */
  Schedule(List<Operation> all) {
    operations = all.toArray(new Operation[0]);
    Arrays.sort(operations, Comparator.comparingLong(operation -> operation.line));
    cpuNumbers = Arrays.stream(operations).mapToInt(o -> o.cpu).sorted().distinct().toArray();
    int[] flushIndexes = new int[operations.length];
    int found = 0;
    for (int i = 0; i < operations.length; i++) {
      operations[i].index = i;
      operations[i].place = Arrays.binarySearch(cpuNumbers, operations[i].cpu);
      if (operations[i].kind == Kind.FLUSH) {
        flushIndexes[found++] = i;
      }
    }
    flushes = Arrays.copyOf(flushIndexes, found);
    flushOf = new int[operations.length];
    startStep = new int[found];
    nextFlush = new int[operations.length];
    stepOf = new int[operations.length];
    previous = new int[operations.length];
    previousQueue = new int[operations.length];
    cuts = new int[found * cpuNumbers.length][];
    sweeps = new int[found * cpuNumbers.length][];
    holds = new boolean[found];
    List<long[]> steps = new ArrayList<>();
    for (Operation operation : operations) {
      addSteps(operation, steps);
    }
    steps.sort(
        Comparator.<long[]>comparingLong(step -> step[0])
            .thenComparingLong(step -> step[1])
            .thenComparingLong(step -> step[2]));
    acts = new Act[steps.size()];
    stepOperation = new int[steps.size()];
    for (int i = 0; i < acts.length; i++) {
      acts[i] = Act.values()[(int) steps.get(i)[1]];
      stepOperation[i] = (int) steps.get(i)[2];
      if (acts[i] == Act.ALLOC_OPENS || acts[i] == Act.UNMAP_OPENS || acts[i] == Act.FLUSH_STARTS) {
        stepOf[stepOperation[i]] = i;
      }
    }
    for (int flush = 0; flush < found; flush++) {
      flushOf[flushes[flush]] = flush;
      startStep[flush] = stepOf[flushes[flush]];
    }
    indexUnmaps();
    indexPrevious();
    findChoices();
  }

  private static void addSteps(Operation operation, List<long[]> steps) {
    switch (operation.kind) {
      case ALLOC -> {
        add(steps, operation.opens, Act.ALLOC_OPENS, operation);
        add(steps, operation.closes, Act.ALLOC_CLOSES, operation);
      }
      case FREE, QUEUE -> {
        add(steps, operation.opens, Act.UNMAP_OPENS, operation);
        add(steps, operation.closes, Act.UNMAP_CLOSES, operation);
      }
      case FLUSH -> {
        add(steps, operation.closes, Act.FLUSH_STARTS, operation);
        add(steps, operation.finishes, Act.FLUSH_FINISHES, operation);
        add(steps, operation.ends, Act.FLUSH_ENDS, operation);
      }
    }
  }

  private static void add(List<long[]> steps, long line, Act act, Operation operation) {
    steps.add(new long[] {line, act.ordinal(), operation.index});
  }

  private void indexUnmaps() {
    Map<Long, List<Integer>> found = new HashMap<>();
    for (Operation operation : operations) {
      if (operation.kind == Kind.QUEUE || operation.kind == Kind.FREE) {
        found.computeIfAbsent(operation.pfn, key -> new ArrayList<>()).add(operation.index);
      }
    }
    found.forEach(
        (pfn, list) -> unmapsOfPfn.put(pfn, list.stream().mapToInt(Integer::intValue).toArray()));
  }

  /** Of each allocation the last unmap of its range before its line. */
  private void indexPrevious() {
    Map<Long, Integer> last = new HashMap<>();
    int[] lastQueue = new int[cpuNumbers.length];
    Arrays.fill(lastQueue, Operation.UNKNOWN);
    for (Operation operation : operations) {
      previousQueue[operation.index] = lastQueue[operation.place];
      if (operation.kind == Kind.QUEUE) {
        lastQueue[operation.place] = operation.index;
      }
      if (operation.kind == Kind.ALLOC) {
        previous[operation.index] = last.getOrDefault(operation.pfn, Operation.UNKNOWN);
      } else if (operation.kind != Kind.FLUSH) {
        last.put(operation.pfn, operation.index);
      }
    }
  }

  private void findChoices() {
    int cpus = cpuNumbers.length;
    for (int cpu = 0; cpu < cpus; cpu++) {
      int[] queues = of(Kind.QUEUE, cpu);
      int[] allocs = of(Kind.ALLOC, cpu);
      for (int flush = 0; flush < flushes.length; flush++) {
        Operation start = operations[flushes[flush]];
        int from =
            flush == 0 ? 0 : firstClosingAfter(queues, operations[flushes[flush - 1]].closes);
        int over = firstClosingAfter(queues, start.closes);
        for (int i = from; i < over; i++) {
          nextFlush[queues[i]] = flush;
        }
        cuts[flush * cpus + cpu] = cutsOf(start, queues, over);
        if (!start.forced) {
          sweeps[flush * cpus + cpu] = sweepsOf(start, queues, allocs);
          holds[flush] = start.ends > start.finishes + 1;
        }
      }
    }
  }

  /** Where the start of a flush may cut what a CPU queued, other than at its line. */
  private int[] cutsOf(Operation start, int[] queues, int over) {
    int[] options = new int[NEAR_FLUSH + 2];
    int count = 0;
    for (int i = over - 1; i >= Math.max(0, over - NEAR_FLUSH); i--) {
      Operation queue = operations[queues[i]];
      if (queue.closes >= start.opens && queue.timeNs > start.timeNs - START_NS) {
        options[count++] = queues[i];
      }
    }
    for (int i = over; i < Math.min(queues.length, over + 2); i++) {
      if (operations[queues[i]].opens < start.closes) {
        options[count++] = queues[i] + 1;
      }
    }
    return count == 0 ? null : Arrays.copyOf(options, count);
  }

  /**
   * Which queueings of a CPU may have freed its ring before the timer came to it: of those between
   * two allocations of that CPU the last, as they are alike, and the very first.
   */
  private int[] sweepsOf(Operation flush, int[] queues, int[] allocs) {
    int[] options = new int[MOST_STRETCHES + 1];
    int count = 0;
    int first = firstClosingFrom(queues, flush.finishes);
    for (int i = first; i < queues.length && count < MOST_STRETCHES; i++) {
      if (!isDuring(flush, operations[queues[i]])) {
        break;
      }
      boolean last = i + 1 == queues.length || !isDuring(flush, operations[queues[i + 1]]);
      int alloc = firstClosingAfter(allocs, operations[queues[i]].closes);
      if (last
          || alloc < allocs.length
              && operations[allocs[alloc]].closes < operations[queues[i + 1]].closes) {
        options[count++] = queues[i];
      }
    }
    if (count == 0) {
      return null;
    }
    if (options[0] != queues[first]) {
      options[count++] = queues[first];
    }
    return Arrays.copyOf(options, count);
  }

  private static boolean isDuring(Operation flush, Operation queue) {
    return queue.opens <= flush.ends && queue.timeNs <= flush.timeNs + SWEEP_NS;
  }

  private int[] of(Kind kind, int cpu) {
    return Arrays.stream(operations)
        .filter(operation -> operation.kind == kind && operation.place == cpu)
        .mapToInt(operation -> operation.index)
        .toArray();
  }

  private int firstClosingAfter(int[] sorted, long line) {
    return firstClosingFrom(sorted, line + 1);
  }

  private int firstClosingFrom(int[] sorted, long line) {
    int low = 0;
    int high = sorted.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (operations[sorted[middle]].closes < line) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Steps of a replay. */
  int steps() {
    return acts.length;
  }

  /** What a step does. */
  Act act(int step) {
    return acts[step];
  }

  /** The operation of a step. */
  Operation operation(int step) {
    return operations[stepOperation[step]];
  }

  /** The operations, by line. */
  Operation[] operations() {
    return operations;
  }

  /** CPUs that have any operation. */
  int cpus() {
    return cpuNumbers.length;
  }

  /** Flushes. */
  int flushes() {
    return flushes.length;
  }

  /** Number of a flush. */
  int flushOf(Operation flush) {
    return flushOf[flush.index];
  }

  /** A flush by its number. */
  Operation flush(int flush) {
    return operations[flushes[flush]];
  }

  /** The step at which a flush starts. */
  int startStep(int flush) {
    return startStep[flush];
  }

  /** The step at which an allocation or unmap opens. */
  int opensAt(Operation operation) {
    return stepOf[operation.index];
  }

  /** Flushes that start before a step. */
  int flushesBefore(int step) {
    int low = Arrays.binarySearch(startStep, step);
    return low < 0 ? -low - 1 : low;
  }

  /** The first flush whose line comes when a queueing is over. */
  int nextFlush(Operation queue) {
    return nextFlush[queue.index];
  }

  /** Other values of a {@link Choice.Kind#CUT}; null if the choice is not open. */
  int[] cuts(int flush, int cpu) {
    return cuts[flush * cpuNumbers.length + cpu];
  }

  /** Other values of a {@link Choice.Kind#SWEEP}; null if the choice is not open. */
  int[] sweeps(int flush, int cpu) {
    return sweeps[flush * cpuNumbers.length + cpu];
  }

  /** Whether a CPU frees its own ring before the timer comes to it, as inferred with the flush. */
  boolean freesItself(int flush, int cpu) {
    return flush(flush).freeThemselves.get(cpuNumbers[cpu]);
  }

  /** Whether the sweep of a flush can be held. */
  boolean canHold(int flush) {
    return holds[flush];
  }

  /**
   * Index of the unmap that an allocation comes after, as it is of the same range; {@link
   * Operation#UNKNOWN} if there is none.
   */
  int previous(Operation alloc) {
    return previous[alloc.index];
  }

  /** Index of what the CPU of a queueing queued before it; {@link Operation#UNKNOWN} if nothing. */
  int previousQueue(int queue) {
    return previousQueue[queue];
  }

  /** The last unmap of a range that opens before a step, or null. */
  Operation lastUnmap(long pfn, int step) {
    Operation last = null;
    for (int index : unmapsOfPfn.getOrDefault(pfn, new int[0])) {
      if (stepOf[index] >= step) {
        break;
      }
      last = operations[index];
    }
    return last;
  }

  /** The line at which a step takes place. */
  long line(int step) {
    Operation operation = operation(step);
    return switch (acts[step]) {
      case ALLOC_OPENS, UNMAP_OPENS -> operation.opens;
      case ALLOC_CLOSES, UNMAP_CLOSES, FLUSH_STARTS -> operation.closes;
      case FLUSH_FINISHES -> operation.finishes;
      case FLUSH_ENDS -> operation.ends;
    };
  }
}
