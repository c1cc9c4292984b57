package dev.mapstorm.load.conform;

import dev.mapstorm.load.conform.ObservedDomain.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Runs the operations of one domain through the model, each at one instant between the lines it
 * lies between, and counts the allocations that the model does not answer as the kernel did. {@link
 * TraceConformance} states the rule. One run an instance.
 */
final class DomainReplay {
  /** An allocation that the model answers otherwise, and what was under way then. */
  record Miss(Operation alloc, long modelPfn, List<Operation> overlapping) {}

  private final Schedule schedule;
  private final ObservedDomain domain;
  private final FlushReplay flushes;
  private final boolean[] done;
  private final List<Operation> openAllocs = new ArrayList<>();
  private final List<Operation> openFrees = new ArrayList<>();
  private final List<Miss> misses = new ArrayList<>();
  private long applied;

  /**
   * @param schedule the operations
   * @param cpus CPUs of the machine
   * @param options parameters of the model
   * @param reserved windows of the domain
   * @param turned choices to make the other way round
   */
  DomainReplay(
      Schedule schedule,
      int cpus,
      ConformanceOptions options,
      List<ReservedWindow> reserved,
      Set<Choice> turned) {
    this.schedule = schedule;
    domain = new ObservedDomain(cpus, options.parameters(), options.limitPfn(), reserved);
    flushes =
        new FlushReplay(
            cpus, schedule, turned, (cpu, pfn, pages, tablePages) -> free(cpu, pfn, pages));
    done = new boolean[schedule.indexes()];
  }

  /** Runs all steps up to and including those at a line. */
  void run(long lastLine) {
    for (Schedule.Step step : schedule.steps()) {
      if (step.line() > lastLine) {
        return;
      }
      applied++;
      if (step.opens()) {
        open(step.operation());
      } else {
        close(step.operation());
      }
    }
  }

  /** The allocations that were not explained, in order. */
  List<Miss> misses() {
    return misses;
  }

  /** The choices met, in order, each with the ranges that it concerns. */
  Map<Choice, long[]> choices() {
    return flushes.choices();
  }

  /** Steps run. */
  long applied() {
    return applied;
  }

  private void open(Operation operation) {
    switch (operation.kind) {
      case ALLOC -> openAllocs.add(operation);
      case FREE -> openFrees.add(operation);
      case QUEUE -> {
        openFrees.add(operation);
        flushes.opens(operation);
      }
      case FLUSH_START -> {}
      case FLUSH_END -> flushes.flushFinished(operation);
    }
  }

  private void close(Operation operation) {
    if (done[operation.index]) {
      return;
    }
    switch (operation.kind) {
      case ALLOC -> closeAlloc(operation);
      case FREE, QUEUE -> apply(operation);
      case FLUSH_START -> {
        flushes.queuedBefore(operation).forEach(this::apply);
        flushes.flushStarted(operation);
      }
      case FLUSH_END -> flushes.timerOver(operation);
    }
  }

  private void closeAlloc(Operation alloc) {
    openAllocs.remove(alloc);
    if (take(alloc) || takeAfterOthers(alloc)) {
      return;
    }
    List<Operation> overlapping = new ArrayList<>(openAllocs);
    overlapping.addAll(openFrees);
    misses.add(new Miss(alloc, domain.peek(alloc.cpu, alloc.pages), overlapping));
    domain.impose(alloc);
  }

  /** The allocation cannot wait: something that overlaps it must have come first. */
  private boolean takeAfterOthers(Operation alloc) {
    for (Operation other : List.copyOf(openAllocs)) {
      if (!done[other.index] && take(other) && take(alloc)) {
        return true;
      }
    }
    for (Operation free : nearestFirst(alloc)) {
      if (!done[free.index]) {
        apply(free);
        if (take(alloc)) {
          return true;
        }
      }
    }
    while (domain.workDepot(alloc.pages)) {
      if (take(alloc)) {
        return true;
      }
    }
    return false;
  }

  /** Open frees: of the range itself, then those of the same CPU, then the others. */
  private List<Operation> nearestFirst(Operation alloc) {
    List<Operation> frees = new ArrayList<>(openFrees);
    frees.sort(
        (a, b) ->
            Integer.compare(
                (a.pfn == alloc.pfn ? 0 : 2) + (a.cpu == alloc.cpu ? 0 : 1),
                (b.pfn == alloc.pfn ? 0 : 2) + (b.cpu == alloc.cpu ? 0 : 1)));
    return frees;
  }

  private boolean take(Operation alloc) {
    if (!domain.answers(alloc)) {
      return false;
    }
    // Not open while the others are looked at: each is taken before those it would spoil.
    boolean wasOpen = openAllocs.remove(alloc);
    if (domain.source(alloc.cpu, alloc.pages) == Source.TREE) {
      takeThose(other -> allocSpoils(alloc, other));
    }
    if (domain.answers(alloc)) {
      domain.take(alloc);
      done[alloc.index] = true;
      return true;
    }
    if (wasOpen) {
      openAllocs.add(alloc);
    }
    return false;
  }

  private void apply(Operation free) {
    openFrees.remove(free);
    done[free.index] = true;
    if (free.kind == Operation.Kind.QUEUE) {
      flushes.queue(free);
    } else {
      free(free.cpu, free.pfn, free.pages);
    }
  }

  private void free(int cpu, long pfn, long pages) {
    Source destination = domain.destination(cpu, pages);
    takeThose(alloc -> freeSpoils(cpu, pfn, pages, destination, alloc));
    domain.free(cpu, pfn, pages);
  }

  /** Takes the open allocations that the model answers rightly now but would not after an act. */
  private void takeThose(Predicate<Operation> spoilt) {
    List<Operation> found = List.of();
    for (Operation alloc : openAllocs) {
      if (spoilt.test(alloc)) {
        found = found.isEmpty() ? new ArrayList<>() : found;
        found.add(alloc);
      }
    }
    for (Operation alloc : found) {
      if (!done[alloc.index]) {
        take(alloc);
      }
    }
  }

  /**
   * Whether a free would change what the model answers: it covers the top of the allocation's
   * magazine; or pushes a magazine to the depot while the CPU's own are empty; or leaves a hole in
   * the tree, above the answer, that the allocation fits in.
   */
  private boolean freeSpoils(int cpu, long pfn, long pages, Source destination, Operation alloc) {
    if (destination == Source.TREE) {
      return domain.source(alloc.cpu, alloc.pages) == Source.TREE
          && pfn > alloc.pfn
          && domain.roundSize(alloc.pages) <= pages;
    }
    return domain.order(alloc.pages) == domain.order(pages)
        && (alloc.cpu == cpu
            || (destination == Source.DEPOT
                && domain.source(alloc.cpu, alloc.pages) != Source.MAGAZINE));
  }

  /**
   * Whether an allocation would change what the model answers to another: both take from the tree,
   * and the first takes the lower range, below which the search then begins. (From the same
   * magazine only one of them can be answered rightly.)
   */
  private boolean allocSpoils(Operation first, Operation alloc) {
    return first.pfn < alloc.pfn && domain.source(alloc.cpu, alloc.pages) == Source.TREE;
  }
}
