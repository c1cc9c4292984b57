package dev.mapstorm.load.conform;

import dev.mapstorm.actors.model.iova.IovaDomain;
import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.load.conform.Operation.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.agrona.collections.IntArrayList;

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
   * @param elsewhere whether the model has the kernel's range in a cache; in strict mode not near
   *     the top of the magazine that the CPU takes from
   */
  record Miss(
      Operation alloc,
      long modelPfn,
      int step,
      boolean fromMagazine,
      boolean live,
      boolean elsewhere) {}

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

  /** Ranges of a magazine that frees in another order may have put in each other's places. */
  private static final int NEAR_TOP = 16;

  /** Ranges of a ring, at most. */
  private static final int MOST_PULLED = 256;

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
    private BitSet foundNothing;
    private BitSet forgotten;
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
  private final boolean unseen;
  private final DomainRules rules;
  private final int cpus;
  private final int[] freedBy;
  private final List<Miss> misses = new ArrayList<>();

  private int step;
  private IovaDomain model;

  /** Of each ring, pairs of a queued operation and the flushes that had started then. */
  private final IntArrayList[] rings;

  private int started;
  private int finished;
  private BitSet done;

  /** Open allocations that found the magazines and the depot empty before these got something. */
  private BitSet foundNothing = new BitSet();

  /** Unmaps whose ranges are free, but nobody knows where. */
  private BitSet forgotten = new BitSet();

  private IntArrayList openAllocs = new IntArrayList();
  private IntArrayList openUnmaps = new IntArrayList();
  private List<Sweep> sweeps = new ArrayList<>();
  private boolean[] left32Bit;
  private long workerRuns;
  private long offlineCpus;
  private long applied;

  /**
   * Prepares a replay.
   *
   * @param unseen whether the flushes were inferred, so that it is uncertain who freed what
   */
  DomainReplay(Schedule schedule, DomainRules rules, Choices choices, boolean unseen) {
    this.unseen = unseen;
    this.schedule = schedule;
    this.rules = rules;
    this.choices = choices;
    operations = schedule.operations();
    cpus = schedule.cpus();
    model = rules.emptyDomain(Math.max(cpus, 1));
    rings = new IntArrayList[cpus];
    Arrays.setAll(rings, cpu -> new IntArrayList());
    done = new BitSet(operations.length);
    freedBy = new int[operations.length];
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
      if (openUnmaps.size() > 0) {
        putAwayThoseThatHurry();
      }
      if (openAllocs.size() > 0) {
        takeThoseThatHurry();
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
      state.rings[cpu] = rings[cpu].toIntArray();
    }
    state.started = started;
    state.finished = finished;
    state.done = (BitSet) done.clone();
    state.foundNothing = (BitSet) foundNothing.clone();
    state.forgotten = (BitSet) forgotten.clone();
    state.openAllocs = openAllocs.toIntArray();
    state.openUnmaps = openUnmaps.toIntArray();
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
      rings[cpu].wrap(state.rings[cpu].clone(), state.rings[cpu].length);
    }
    started = state.started;
    finished = state.finished;
    done = (BitSet) state.done.clone();
    foundNothing = (BitSet) state.foundNothing.clone();
    forgotten = (BitSet) state.forgotten.clone();
    openAllocs.wrap(state.openAllocs.clone(), state.openAllocs.length);
    openUnmaps.wrap(state.openUnmaps.clone(), state.openUnmaps.length);
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
    int before = schedule.previous(alloc);
    return (before < 0 || done.get(before)) && peek(alloc) == alloc.pfn;
  }

  /**
   * Takes a range out of the tree if the magazines had nothing when the call looked, and an
   * interrupt put something there before it came to the tree.
   */
  private boolean takePastCaches(Operation alloc) {
    int before = schedule.previous(alloc);
    if (!foundNothing.get(alloc.index) || before >= 0 && !done.get(before)) {
      return false;
    }
    long low = model.last32BitPfn();
    long limit =
        left32Bit[alloc.deviceNumber]
            ? rules.limitPfn(alloc)
            : Math.min(low, rules.limitPfn(alloc));
    if (model.peekTree(rules.pages(alloc), limit) != alloc.pfn) {
      return false;
    }
    model.allocTree(rules.pages(alloc), limit);
    done.set(alloc.index);
    openAllocs.removeInt(alloc.index);
    return true;
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
    openAllocs.removeInt(alloc.index);
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
    openAllocs.addInt(alloc.index);
  }

  /** Takes the open allocations that go as soon as the model answers them. */
  private void takeThoseThatHurry() {
    for (int i = openAllocs.size() - 1; i >= 0; i--) {
      int index = openAllocs.getInt(i);
      if (Choice.stepOf(choices.when(index)) <= step && answers(operations[index])) {
        take(operations[index]);
      }
    }
  }

  /** Puts away the open unmaps that go after a step. */
  private void putAwayThoseThatHurry() {
    for (int i = openUnmaps.size() - 1; i >= 0; i--) {
      int index = openUnmaps.getInt(i);
      if (Choice.stepOf(choices.when(index)) <= step) {
        putAway(operations[index]);
      }
    }
  }

  private void closeAlloc(Operation alloc) {
    if (done.get(alloc.index)) {
      return;
    }
    openAllocs.removeInt(alloc.index);
    if (takeNow(alloc) || takePastCaches(alloc) || takeAfterOthers(alloc)) {
      return;
    }
    long answer = peek(alloc);
    boolean fromMagazine = source(alloc) == Source.MAGAZINE;
    boolean elsewhere = isCachedElsewhere(alloc);
    misses.add(new Miss(alloc, answer, step, fromMagazine, !impose(alloc), elsewhere));
    done.set(alloc.index);
  }

  private boolean isCachedElsewhere(Operation alloc) {
    int order = rules.order(alloc);
    boolean strict = schedule.flushes() == 0;
    if (order > model.maxCachedOrder()
        || strict
            && Arrays.stream(model.loaded(alloc.place, order, NEAR_TOP))
                .anyMatch(pfn -> pfn == alloc.pfn)) {
      return false;
    }
    boolean[] found = new boolean[1];
    model.forEachCached((cpu, ofOrder, pfn) -> found[0] |= pfn == alloc.pfn);
    return found[0];
  }

  /** The allocation cannot wait: something that overlaps it must have come first. */
  private boolean takeAfterOthers(Operation alloc) {
    for (int index : openAllocs.toIntArray()) {
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
      for (int index : openUnmaps.toIntArray()) {
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
   * that one miss does not make all that follow. Where no line shows who freed it, so is what was
   * freed with it.
   *
   * @return whether the model had it free, or knew nothing of it
   */
  private boolean impose(Operation alloc) {
    int order = rules.order(alloc);
    Operation unmap = unseen ? schedule.lastUnmap(alloc.pfn, step) : null;
    if (unmap != null && unmap.kind == Kind.QUEUE && order <= model.maxCachedOrder()) {
      boolean free = takeAway(unmap, order);
      if (free) {
        pullBatch(unmap, alloc.place, order);
        return true;
      }
    } else if (order <= model.maxCachedOrder() && model.uncache(alloc.pfn, order)
        || takeFromRing(alloc.pfn)) {
      return true;
    }
    boolean added = insertAligned(alloc);
    if (added && unseen) {
      emptyCaches(alloc, order);
    }
    return added;
  }

  private boolean takeFromRing(long pfn) {
    for (IntArrayList ring : rings) {
      for (int i = 0; i < ring.size(); i += 2) {
        if (operations[ring.getInt(i)].pfn == pfn) {
          ring.removeAt(i + 1);
          ring.removeAt(i);
          return true;
        }
      }
    }
    return false;
  }

  /** Takes an unmapped range from where the model has it; false if it is in use again. */
  private boolean takeAway(Operation unmap, int order) {
    if (forgotten.get(unmap.index)) {
      forgotten.clear(unmap.index);
      return true;
    }
    return model.uncache(unmap.pfn, order) || takeFromRing(unmap.pfn);
  }

  /**
   * A ring is freed in the order of its queueing into the caches of one CPU, and comes back in the
   * reverse order. So what its CPU queued before a range that came back here is here, too.
   */
  private void pullBatch(Operation unmap, int cpu, int order) {
    int[] batch = new int[MOST_PULLED];
    int count = 0;
    for (int index = schedule.previousQueue(unmap.index);
        index >= 0 && count < MOST_PULLED && freedBy[index] == freedBy[unmap.index];
        index = schedule.previousQueue(index)) {
      Operation queue = operations[index];
      if (rules.order(queue) == order) {
        if (schedule.lastUnmap(queue.pfn, step) != queue || !takeAway(queue, order)) {
          break;
        }
        batch[count++] = index;
      }
    }
    while (count > 0) {
      Operation queue = operations[batch[--count]];
      release(cpu, queue, false);
    }
  }

  /**
   * The kernel went to the tree, so the magazines and the depot were empty: what the model has
   * there was freed by another CPU, or not yet. Where no line shows who frees, it is forgotten
   * until it comes back.
   */
  private void emptyCaches(Operation alloc, int order) {
    if (order > model.maxCachedOrder()) {
      return;
    }
    while (model.cachedRanges(alloc.place, order) > 0 || model.depotMagazines(order) > 0) {
      long pfn = model.rcacheGet(alloc.place, 1L << order, Long.MAX_VALUE >>> 1);
      Operation unmap = pfn == 0 ? null : schedule.lastUnmap(pfn, step);
      if (unmap == null) {
        return;
      }
      forgotten.set(unmap.index);
    }
  }

  /**
   * The same for an allocation. Ranges lie at multiples of their size, rounded up to a power of
   * two; one that does not is the end of a list that the trace begins within.
   */
  private boolean insertAligned(Operation alloc) {
    long block = model.roundSize(rules.pages(alloc));
    long aligned = Math.max(1, Long.highestOneBit(2 * block - 1));
    while ((alloc.pfn & -aligned) + aligned < alloc.end()) {
      aligned *= 2;
    }
    long start = alloc.pfn & -aligned;
    return insert(start, start == alloc.pfn ? block : model.roundSize(alloc.end() - start));
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
    openUnmaps.addInt(unmap.index);
  }

  private void putAway(Operation unmap) {
    if (done.get(unmap.index)) {
      return;
    }
    done.set(unmap.index);
    openUnmaps.removeInt(unmap.index);
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
    release(cpu, unmap, toTree);
  }

  /** Frees a range; one that was allocated before the trace begins is made known first. */
  private void release(int cpu, Operation unmap, boolean toTree) {
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
    for (int index : openAllocs.toIntArray()) {
      Operation alloc = operations[index];
      boolean spoils =
          toTree
              ? choices.when(index) == Choice.BEFORE_SPOILT
                  && unmap.pfn >= alloc.pfn
                  && source(alloc) == Source.TREE
              : rules.order(alloc) == order
                  && (alloc.place == cpu || toDepot && source(alloc) != Source.MAGAZINE);
      if (spoils && !done.get(index) && answers(alloc)) {
        take(alloc);
      } else if (spoils && !toTree && alloc.place == cpu && source(alloc) == Source.TREE) {
        foundNothing.set(index);
      }
    }
  }

  // The flush queue.

  private boolean isEligible(int ring) {
    return rings[ring].size() > 0 && rings[ring].getInt(1) < finished;
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
    rings[cpu].addInt(queue.index);
    rings[cpu].addInt(counter);
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
    if (rules.ownCpuFrees()) {
      return ringAt(sweep);
    }
    int chosen = choices.timer(schedule.flushOf(sweep.flush));
    return chosen == Choice.DEFAULT ? sweep.flush.place : chosen;
  }

  private void freeRing(int ring, int cpu, int flush) {
    IntArrayList queued = rings[ring];
    int end = 0;
    while (end < queued.size() && queued.getInt(end + 1) < finished) {
      end += 2;
    }
    if (end == 0) {
      return;
    }
    int[] freed = queued.toIntArray();
    queued.wrap(Arrays.copyOfRange(freed, end, freed.length), freed.length - end);
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
    for (int index : openUnmaps.toIntArray()) {
      Operation queue = operations[index];
      if (queue.kind == Kind.QUEUE && !done.get(index)) {
        int cut = choices.cut(number, queue.place);
        if (cut != Choice.DEFAULT && index < cut) {
          done.set(index);
          openUnmaps.removeInt(index);
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

  /** Whether a range is too long for the magazines, those of Linux as well as the model's. */
  boolean isBeyondCaches(Operation operation) {
    return rules.order(operation)
        > Math.max(model.maxCachedOrder(), IovaParameters.LINUX.maxCachedOrder());
  }

  /** The topmost ranges of the magazine that an allocation would take from, at most {@code n}. */
  long[] topRanges(Operation alloc, int n) {
    int order = rules.order(alloc);
    return order > model.maxCachedOrder() ? new long[0] : model.loaded(alloc.place, order, n);
  }
}
