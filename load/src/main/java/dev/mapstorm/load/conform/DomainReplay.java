package dev.mapstorm.load.conform;

import dev.mapstorm.actors.model.iova.IovaDomain;
import dev.mapstorm.load.conform.Operation.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Runs the operations of one domain through the model, each at one instant between the lines it
 * lies between, and counts the allocations that the model does not answer as the kernel did. {@link
 * TraceConformance} states the rules. Can be put back to an earlier {@link State}. Not thread safe.
 */
final class DomainReplay {
  /**
   * An allocation that the model answers otherwise.
   *
   * @param alloc the allocation
   * @param modelPfn what the model answers, 0 if nothing
   * @param step the step at which it could wait no longer
   * @param fromMagazine whether the model answers from a magazine of the CPU
   * @param live whether the model takes the kernel's range for one that is in use
   */
  record Miss(Operation alloc, long modelPfn, int step, boolean fromMagazine, boolean live) {}

  /** Where the model would take a range from. */
  private enum Source {
    MAGAZINE,
    DEPOT,
    TREE
  }

  /** Who frees a range: a ring freed by the flush with this number, or {@link #OWN}. */
  private static final int OWN = -1;

  /** Steps that putting back a state counts for. */
  private static final int RESTORE_COST = 200;

  /** A full ring holds 255 ranges; one that is nearly full may have forced its flush. */
  private static final int NEARLY_FULL = 240;

  /** A CPU that logs nothing for so long may be offline. */
  private static final long SILENT_NS = 20_000_000;

  /** A timer that frees the rings one after the other. */
  private static final class Sweep {
    final Operation flush;
    int ring;
    boolean over;

    Sweep(Operation flush, int ring) {
      this.flush = flush;
      this.ring = ring;
    }
  }

  /** All that a replay changes. */
  static final class State {
    private int step;
    private IovaDomain model;
    private int[][] rings;
    private int started;
    private int finished;
    private BitSet done;
    private int[] openAllocs;
    private int[] openUnmaps;
    private List<Sweep> sweeps;
    private boolean[] left32Bit;
    private int misses;
    private long workerRuns;
    private long offlineCpus;
  }

  private final Schedule schedule;
  private final Operation[] operations;
  private final Choices choices;
  private final DomainRules rules;
  private final int cpus;
  private final int[] freedBy;
  private final int[] ringFreed;
  private final List<Miss> misses = new ArrayList<>();

  private int step;
  private IovaDomain model;

  /** Of each ring, pairs of a queued operation and the flushes that had started then. */
  private final IntList[] rings;

  private int started;
  private int finished;
  private BitSet done;
  private IntList openAllocs = new IntList();
  private IntList openUnmaps = new IntList();
  private List<Sweep> sweeps = new ArrayList<>();
  private boolean[] left32Bit;
  private long workerRuns;
  private long offlineCpus;
  private long applied;

  DomainReplay(Schedule schedule, DomainRules rules, Choices choices) {
    this.schedule = schedule;
    this.rules = rules;
    this.choices = choices;
    operations = schedule.operations();
    cpus = schedule.cpus();
    model = rules.emptyDomain(Math.max(cpus, 1));
    rings = new IntList[cpus];
    Arrays.setAll(rings, cpu -> new IntList());
    done = new BitSet(operations.length);
    freedBy = new int[operations.length];
    ringFreed = new int[operations.length];
    Arrays.fill(freedBy, OWN);
    left32Bit = rules.without32BitFirst();
  }

  // Running.

  /**
   * Runs on.
   *
   * @param end the step before which to stop
   * @param mostMisses stops when there are more
   */
  void run(int end, int mostMisses) {
    int last = Math.min(end, schedule.steps());
    while (step < last && misses.size() <= mostMisses) {
      Operation operation = schedule.operation(step);
      switch (schedule.act(step)) {
        case ALLOC_OPENS -> openAlloc(operation);
        case ALLOC_CLOSES -> closeAlloc(operation);
        case UNMAP_OPENS -> openUnmap(operation);
        case UNMAP_CLOSES -> putAway(operation);
        case FLUSH_STARTS -> start(operation);
        case FLUSH_FINISHES -> finish(operation);
        case FLUSH_ENDS -> end(operation);
      }
      step++;
      applied++;
    }
  }

  /** The next step. */
  int step() {
    return step;
  }

  /** Steps run, those that were taken back included. */
  long applied() {
    return applied;
  }

  /** The allocations that were not explained, in order. */
  List<Miss> misses() {
    return misses;
  }

  /** Magazines that the depot worker freed unseen. */
  long workerRuns() {
    return workerRuns;
  }

  /** CPUs whose magazines went back to the tree unseen. */
  long offlineCpus() {
    return offlineCpus;
  }

  /** Number of the flush whose sweep freed what was last unmapped by an operation; else -1. */
  int freedBy(Operation unmap) {
    return freedBy[unmap.index];
  }

  /** The state now. */
  State save() {
    State state = new State();
    state.step = step;
    state.model = model.copy();
    state.rings = new int[cpus][];
    for (int cpu = 0; cpu < cpus; cpu++) {
      state.rings[cpu] = rings[cpu].toArray();
    }
    state.started = started;
    state.finished = finished;
    state.done = (BitSet) done.clone();
    state.openAllocs = openAllocs.toArray();
    state.openUnmaps = openUnmaps.toArray();
    state.sweeps = copy(sweeps);
    state.left32Bit = left32Bit.clone();
    state.misses = misses.size();
    state.workerRuns = workerRuns;
    state.offlineCpus = offlineCpus;
    return state;
  }

  /** Goes back, or forward, to a state; misses after it are forgotten. */
  void restore(State state) {
    applied += RESTORE_COST;
    step = state.step;
    model = state.model.copy();
    for (int cpu = 0; cpu < cpus; cpu++) {
      rings[cpu].set(state.rings[cpu]);
    }
    started = state.started;
    finished = state.finished;
    done = (BitSet) state.done.clone();
    openAllocs.set(state.openAllocs);
    openUnmaps.set(state.openUnmaps);
    sweeps = copy(state.sweeps);
    left32Bit = state.left32Bit.clone();
    misses.subList(state.misses, misses.size()).clear();
    workerRuns = state.workerRuns;
    offlineCpus = state.offlineCpus;
  }

  private static List<Sweep> copy(List<Sweep> sweeps) {
    List<Sweep> copies = new ArrayList<>(sweeps.size());
    for (Sweep sweep : sweeps) {
      Sweep copy = new Sweep(sweep.flush, sweep.ring);
      copy.over = sweep.over;
      copies.add(copy);
    }
    return copies;
  }

  // What the model answers.

  /** First granule that the model would answer, 0 if nothing. */
  long peek(Operation alloc) {
    long low = model.last32BitPfn();
    long limit = rules.limitPfn(alloc);
    if (limit > low && !left32Bit[alloc.deviceNumber]) {
      long pfn = model.peekFast(alloc.place, rules.pages(alloc), low);
      if (pfn != 0) {
        return pfn;
      }
    }
    return model.peekFast(alloc.place, rules.pages(alloc), limit);
  }

  private boolean answers(Operation alloc) {
    return peek(alloc) == alloc.pfn;
  }

  private void take(Operation alloc) {
    long low = model.last32BitPfn();
    long limit = rules.limitPfn(alloc);
    int device = alloc.deviceNumber;
    long pfn = 0;
    if (limit > low && !left32Bit[device]) {
      pfn = model.allocFast(alloc.place, rules.pages(alloc), low, false);
      left32Bit[device] = pfn == 0 && !rules.kernel().retries32Bit();
    }
    if (pfn == 0) {
      pfn = model.allocFast(alloc.place, rules.pages(alloc), limit, true);
    }
    if (pfn != alloc.pfn) {
      throw new IllegalStateException("the model does not answer " + alloc);
    }
    done.set(alloc.index);
    openAllocs.remove(alloc.index);
  }

  private Source source(Operation alloc) {
    int order = rules.order(alloc);
    if (order > model.maxCachedOrder()) {
      return Source.TREE;
    }
    if (model.cachedRanges(alloc.place, order) > 0) {
      return Source.MAGAZINE;
    }
    return model.depotMagazines(order) > 0 ? Source.DEPOT : Source.TREE;
  }

  // Allocations.

  private void openAlloc(Operation alloc) {
    if (choices.early(alloc.index) == Choice.AT_ONCE && answers(alloc)) {
      take(alloc);
    } else {
      openAllocs.add(alloc.index);
    }
  }

  private void closeAlloc(Operation alloc) {
    if (done.get(alloc.index)) {
      return;
    }
    openAllocs.remove(alloc.index);
    if (takeNow(alloc) || takeAfterOthers(alloc)) {
      return;
    }
    long answer = peek(alloc);
    boolean fromMagazine = source(alloc) == Source.MAGAZINE;
    misses.add(new Miss(alloc, answer, step, fromMagazine, !impose(alloc)));
    done.set(alloc.index);
  }

  /** The allocation cannot wait: something that overlaps it must have come first. */
  private boolean takeAfterOthers(Operation alloc) {
    for (int index : openAllocs.toArray()) {
      if (!done.get(index) && answers(operations[index])) {
        take(operations[index]);
        if (takeNow(alloc)) {
          return true;
        }
      }
    }
    for (Sweep sweep : sweeps) {
      int flush = schedule.flushOf(sweep.flush);
      while (sweep.ring < cpus && choices.sweep(flush, ringAt(sweep)) == Choice.DEFAULT) {
        freeRing(ringAt(sweep), timerCpu(sweep), flush);
        sweep.ring++;
        if (takeNow(alloc)) {
          return true;
        }
      }
    }
    return takeAfterUnmaps(alloc) || takeAfterUnseen(alloc);
  }

  private boolean takeNow(Operation alloc) {
    if (!answers(alloc)) {
      return false;
    }
    take(alloc);
    return true;
  }

  /** After an unmap of the same range or CPU that has not closed yet. */
  private boolean takeAfterUnmaps(Operation alloc) {
    for (int pass = 0; pass < 3; pass++) {
      for (int index : openUnmaps.toArray()) {
        Operation free = operations[index];
        boolean first = pass == 0 ? free.pfn == alloc.pfn : pass == 2 || free.place == alloc.place;
        if (first && free.kind == Kind.FREE && !done.get(index)) {
          putAway(free);
          if (takeNow(alloc)) {
            return true;
          }
        }
      }
    }
    return false;
  }

  /** After what no line shows: the depot worker, or a CPU that went offline. */
  private boolean takeAfterUnseen(Operation alloc) {
    if (source(alloc) == Source.MAGAZINE) {
      return false;
    }
    int own = rules.order(alloc);
    if (takeAfterDepotWork(alloc, own)) {
      return true;
    }
    for (int order = 0; order <= model.maxCachedOrder(); order++) {
      if (order != own && takeAfterDepotWork(alloc, order)) {
        return true;
      }
    }
    for (int cpu = 0; cpu < cpus; cpu++) {
      if (cpu != alloc.place && holdsRanges(cpu) && rules.mayBeOffline(cpu, alloc, SILENT_NS)) {
        State before = save();
        model.flushCpu(cpu);
        if (takeNow(alloc)) {
          offlineCpus++;
          return true;
        }
        restore(before);
      }
    }
    return false;
  }

  private boolean takeAfterDepotWork(Operation alloc, int order) {
    while (order <= model.maxCachedOrder() && model.depotWork(order) > 0) {
      workerRuns++;
      if (takeNow(alloc)) {
        return true;
      }
    }
    return false;
  }

  private boolean holdsRanges(int cpu) {
    for (int order = 0; order <= model.maxCachedOrder(); order++) {
      if (model.cachedRanges(cpu, order) > 0) {
        return true;
      }
    }
    return false;
  }

  /**
   * Adopts the kernel's answer: its range is in use from here on, wherever the model had it, so
   * that one miss does not make all that follow.
   *
   * @return whether the model had it free, or knew nothing of it
   */
  private boolean impose(Operation alloc) {
    int order = rules.order(alloc);
    if (order <= model.maxCachedOrder() && model.uncache(alloc.pfn, order)) {
      return true;
    }
    for (IntList ring : rings) {
      for (int i = 0; i < ring.size(); i += 2) {
        if (operations[ring.get(i)].pfn == alloc.pfn) {
          ring.removeRange(i, i + 2);
          return true;
        }
      }
    }
    return insert(alloc.pfn, model.roundSize(rules.pages(alloc)));
  }

  /** Makes a range known to the model's tree if the model holds nothing there. */
  private boolean insert(long pfn, long pages) {
    for (long each = pfn; each < pfn + pages; each++) {
      if (model.contains(each)) {
        return false;
      }
    }
    model.reserve(pfn, pfn + pages - 1);
    return true;
  }

  // Unmaps.

  private void openUnmap(Operation unmap) {
    if (done.get(unmap.index)) {
      return;
    }
    if (unmap.kind == Kind.FREE && choices.prompt(unmap.index)) {
      putAway(unmap);
    } else {
      openUnmaps.add(unmap.index);
    }
  }

  private void putAway(Operation unmap) {
    if (done.get(unmap.index)) {
      return;
    }
    done.set(unmap.index);
    openUnmaps.remove(unmap.index);
    if (unmap.kind == Kind.FREE) {
      free(unmap.place, unmap);
    } else {
      queue(unmap, false);
    }
  }

  private void free(int cpu, Operation unmap) {
    int order = IovaDomain.order(unmap.pages);
    boolean toTree = order > model.maxCachedOrder();
    boolean toDepot =
        !toTree && model.cachedRanges(cpu, order) == 2 * rules.kernel().iova().magazineSize();
    if (openAllocs.size() > 0) {
      takeThoseItSpoils(cpu, unmap, order, toTree, toDepot);
    }
    if (!toTree && model.rangeEnd(unmap.pfn) < 0) {
      insert(unmap.pfn, model.roundSize(unmap.pages));
    }
    if (toTree || model.rangeEnd(unmap.pfn) >= 0) {
      model.freeFast(cpu, unmap.pfn, unmap.pages);
    }
  }

  /**
   * Takes the open allocations that the model answers rightly now but would not after a free: it
   * covers the top of their magazine; or pushes a magazine to the depot while the CPU's own are
   * empty; or leaves a hole in the tree above the answer.
   */
  private void takeThoseItSpoils(
      int cpu, Operation unmap, int order, boolean toTree, boolean toDepot) {
    for (int index : openAllocs.toArray()) {
      Operation alloc = operations[index];
      boolean spoils =
          toTree
              ? choices.early(index) > 0 && unmap.pfn >= alloc.pfn && source(alloc) == Source.TREE
              : rules.order(alloc) == order
                  && (alloc.place == cpu || toDepot && source(alloc) != Source.MAGAZINE);
      if (spoils && !done.get(index) && answers(alloc)) {
        take(alloc);
      }
    }
  }

  // The flush queue.

  private boolean isEligible(int ring) {
    return rings[ring].size() > 0 && rings[ring].get(1) < finished;
  }

  /**
   * {@code queue_iova}: frees what of its ring is flushed, then queues.
   *
   * @param beforeFlush whether a flush that is about to start frees the range
   */
  private void queue(Operation queue, boolean beforeFlush) {
    int cpu = queue.place;
    if (isEligible(cpu)) {
      int sweeping = beforeFlush ? OWN : sweepOf(cpu);
      if (sweeping == OWN) {
        if (!beforeFlush || sweeps.isEmpty()) {
          freeRing(cpu, cpu, OWN);
        }
      } else if (choices.sweep(sweeping, cpu) == queue.index) {
        freeRing(cpu, cpu, sweeping);
      }
    }
    int counter = started;
    int next = schedule.nextFlush(queue);
    if (!beforeFlush && next < schedule.flushes()) {
      int cut = choices.cut(next, cpu);
      boolean after = cut != Choice.DEFAULT && queue.index >= cut;
      counter += after && schedule.startStep(next) >= step ? 1 : 0;
    }
    rings[cpu].add(queue.index);
    rings[cpu].add(counter);
    for (Sweep sweep : List.copyOf(sweeps)) {
      advance(sweep);
    }
  }

  /** The first sweep that has not come to a ring yet, by the number of its flush. */
  private int sweepOf(int ring) {
    for (Sweep sweep : sweeps) {
      if (sweep.ring <= rules.ringAt(ring, cpus)) {
        return schedule.flushOf(sweep.flush);
      }
    }
    return OWN;
  }

  private int ringAt(Sweep sweep) {
    return rules.ringAt(sweep.ring, cpus);
  }

  private int timerCpu(Sweep sweep) {
    return rules.ownCpuFrees() ? ringAt(sweep) : sweep.flush.place;
  }

  private void freeRing(int ring, int cpu, int flush) {
    IntList queued = rings[ring];
    int end = 0;
    while (end < queued.size() && queued.get(end + 1) < finished) {
      end += 2;
    }
    if (end == 0) {
      return;
    }
    int[] freed = queued.firstOf(end);
    queued.removeRange(0, end);
    for (int i = 0; i < end; i += 2) {
      freedBy[freed[i]] = flush;
      free(cpu, operations[freed[i]]);
    }
  }

  private void advance(Sweep sweep) {
    int flush = schedule.flushOf(sweep.flush);
    if (choices.holds(flush) && !sweep.over) {
      return;
    }
    while (sweep.ring < cpus) {
      int ring = ringAt(sweep);
      int choice = choices.sweep(flush, ring);
      if (choice != Choice.DEFAULT && !done.get(choice) && isEligible(ring) && !sweep.over) {
        return;
      }
      freeRing(ring, timerCpu(sweep), flush);
      sweep.ring++;
    }
  }

  private void start(Operation flush) {
    int number = schedule.flushOf(flush);
    for (int index : openUnmaps.toArray()) {
      Operation queue = operations[index];
      if (queue.kind == Kind.QUEUE && !done.get(index)) {
        int cut = choices.cut(number, queue.place);
        if (cut != Choice.DEFAULT && index < cut) {
          done.set(index);
          openUnmaps.remove(index);
          queue(queue, true);
        }
      }
    }
    started++;
  }

  private void finish(Operation flush) {
    if (finished < started) {
      finished++;
    }
    if (flush.forced && rings[flush.place].size() / 2 > NEARLY_FULL) {
      freeRing(flush.place, flush.place, schedule.flushOf(flush));
    } else {
      Sweep sweep = new Sweep(flush, 0);
      sweeps.add(sweep);
      advance(sweep);
    }
  }

  private void end(Operation flush) {
    for (Sweep sweep : List.copyOf(sweeps)) {
      if (sweep.flush == flush) {
        sweep.over = true;
        advance(sweep);
        sweeps.remove(sweep);
      }
    }
  }

  // For the search.

  /** The topmost ranges of the magazine that an allocation would take from, at most {@code n}. */
  long[] topRanges(Operation alloc, int n) {
    int order = rules.order(alloc);
    return order > model.maxCachedOrder() ? new long[0] : model.loaded(alloc.place, order, n);
  }
}
