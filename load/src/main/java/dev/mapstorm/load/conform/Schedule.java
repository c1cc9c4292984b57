package dev.mapstorm.load.conform;

import dev.mapstorm.load.conform.Operation.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The operations of one domain in the order in which a replay meets their lines: a step where an
 * operation may first take place, and a step before the line at which it is over. Immutable.
 */
final class Schedule {
  /** A line at which an operation opens or closes. */
  record Step(long line, boolean opens, Operation operation) {}

  private final List<Operation> operations;
  private final List<Step> steps;
  private final List<List<Operation>> queuedBy = new ArrayList<>();

  /**
   * Orders operations.
   *
   * @param operations of one domain, in any order; their {@code index} and {@code nextCpu} are set
   * @param cpus CPUs of the trace
   */
  Schedule(List<Operation> operations, int cpus) {
    this.operations = new ArrayList<>(operations);
    this.operations.sort(Comparator.comparingLong(operation -> operation.line));
    steps = new ArrayList<>(2 * operations.size());
    for (int cpu = 0; cpu < cpus; cpu++) {
      queuedBy.add(new ArrayList<>());
    }
    Map<Long, Operation> queued = new HashMap<>();
    for (Operation operation : this.operations) {
      add(operation, queued);
    }
    // What is over before a line is over before anything begins after it.
    steps.sort(Comparator.comparingLong(Step::line).thenComparing(Step::opens));
  }

  private void add(Operation operation, Map<Long, Operation> queued) {
    operation.index = steps.size();
    steps.add(new Step(operation.opens, true, operation));
    if (operation.closes != Operation.OPEN_END) {
      steps.add(new Step(operation.closes, false, operation));
    }
    if (operation.kind == Kind.QUEUE) {
      queuedBy.get(operation.cpu).add(operation);
      queued.put(operation.pfn, operation);
    } else if (operation.kind == Kind.ALLOC && queued.containsKey(operation.pfn)) {
      queued.remove(operation.pfn).nextCpu = operation.cpu;
    }
  }

  /** The operations, by line. */
  List<Operation> operations() {
    return operations;
  }

  /** The steps, in the order of their lines. */
  List<Step> steps() {
    return steps;
  }

  /** One more than the highest index of an operation. */
  int indexes() {
    return steps.size();
  }

  /** Whether a CPU begins to queue a range between two lines. */
  boolean queues(int cpu, long afterLine, long beforeLine) {
    List<Operation> queued = queuedBy.get(cpu);
    int low = 0;
    int high = queued.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (queued.get(middle).line <= afterLine) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low < queued.size() && queued.get(low).line < beforeLine;
  }
}
