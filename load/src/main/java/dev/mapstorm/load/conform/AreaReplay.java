package dev.mapstorm.load.conform;

import dev.mapstorm.actors.model.swiotlb.IoTlbPool;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Runs the calls of a trace through an {@link AreaSpace}, each at one instant between the lines it
 * lies between, and counts the allocations that the model does not answer as the kernel did.
 *
 * <p>An allocation is done as soon as it may be and the model answers it rightly; a range is given
 * back as late as it may be, or as soon as the allocation whose window closes needs it. There is
 * nothing to search: an area that was found shows what was taken before. One that was found in the
 * middle of a list's vector, which is still open, shows where the vector is in parts. Not thread
 * safe.
 */
final class AreaReplay {
  /**
   * An allocation that the model answers otherwise.
   *
   * @param alloc the allocation
   * @param answer what the model answers
   * @param reason why it cannot be judged, if it cannot
   */
  record Miss(DmaCall alloc, long answer, Optional<NotDecidable> reason) {}

  private record Step(long line, boolean opens, int number) {}

  private final AreaSpace space;
  private final List<DmaCall> calls;
  private final boolean begun;
  private final long firstGap;
  private final boolean anyFailed;
  private final boolean[] done;

  /** Of each call, the line after which it took place. */
  private final long[] opens;

  private final List<Integer> openAllocs = new ArrayList<>();
  private final List<Integer> openFrees = new ArrayList<>();
  private final Set<Long> seen = new HashSet<>();

  /**
   * Vectors whose first segment may have been found before what follows it was free: since when.
   */
  private final Map<Integer, Long> opensInParts = new TreeMap<>();

  private final List<Miss> misses = new ArrayList<>();
  private long failedUnseen;

  /**
   * Prepares a replay.
   *
   * @param calls that share the space, by line
   * @param middle whether the trace is known to begin on a running machine
   * @param firstGap line of the first place where events were lost; {@link Long#MAX_VALUE} for none
   */
  AreaReplay(AreaSpace space, List<DmaCall> calls, boolean middle, long firstGap) {
    this.space = space;
    this.calls = new ArrayList<>(calls);
    this.firstGap = firstGap;
    begun = occupyEarlier() || middle;
    anyFailed = calls.stream().anyMatch(call -> call.allocates() && call.failed());
    opens = new long[calls.size()];
    openAfterFrees();
    done = new boolean[calls.size()];
    for (int i = 0; i < done.length; i++) {
      calls.get(i).operation().index = i;
    }
  }

  /**
   * What was freed before an allocation's line was another's: the allocation came after. Matters
   * where a CPU stops between the act's first line and its last. Of a vector that may be several
   * segments, the first may have come before.
   */
  private void openAfterFrees() {
    Map<Long, Operation> freed = new HashMap<>();
    for (int number = 0; number < calls.size(); number++) {
      DmaCall call = calls.get(number);
      Operation operation = call.operation();
      opens[number] = operation.opens;
      if (call.failed()) {
        continue;
      }
      long first = call.address() >>> IoTlbPool.SLOT_SHIFT;
      long last = call.address() + call.bytes() - 1 >>> IoTlbPool.SLOT_SHIFT;
      long firstOpens = operation.opens;
      for (long at = first; at <= last; at++) {
        Operation before = call.allocates() ? freed.get(at) : freed.put(at, operation);
        if (call.allocates() && before != null && before.opens < operation.closes) {
          opens[number] = Math.max(opens[number], before.opens);
        }
        firstOpens = at == first ? opens[number] : firstOpens;
      }
      if (call.segments() > 1 && firstOpens < opens[number]) {
        opensInParts.put(number, firstOpens);
      }
    }
  }

  /** Takes what was mapped before the trace begins and is freed in it; answers whether any is. */
  private boolean occupyEarlier() {
    Map<Long, Integer> live = new HashMap<>();
    boolean any = false;
    for (DmaCall call : calls) {
      if (call.operation().line > firstGap) {
        break;
      }
      long pfn = call.operation().pfn;
      int count = live.getOrDefault(pfn, 0);
      if (call.allocates()) {
        live.put(pfn, count + 1);
      } else if (count > 0) {
        live.put(pfn, count - 1);
      } else {
        any |= space.occupy(call);
      }
    }
    return any;
  }

  /** Runs all calls. */
  void run() {
    List<Step> steps = new ArrayList<>(2 * calls.size());
    for (int i = 0; i < calls.size(); i++) {
      Operation operation = calls.get(i).operation();
      steps.add(new Step(opens[i], true, i));
      steps.add(new Step(operation.closes, false, i));
    }
    // At one line, what is over before it comes first.
    steps.sort(
        Comparator.comparingLong(Step::line)
            .thenComparing(Step::opens)
            .thenComparingInt(Step::number));
    for (Step step : steps) {
      DmaCall call = calls.get(step.number());
      if (!call.allocates()) {
        free(step, call);
      } else if (step.opens()) {
        openAllocs.add(step.number());
        settle();
      } else if (!done[step.number()]) {
        settle();
        close(step.number(), call);
      }
    }
  }

  /** What was not explained, in order. */
  List<Miss> misses() {
    return misses;
  }

  /** Lists that found no room and left no line. */
  long failedUnseen() {
    return failedUnseen;
  }

  private void free(Step step, DmaCall call) {
    if (step.opens()) {
      openFrees.add(step.number());
    } else if (!done[step.number()]) {
      give(step.number(), call);
      settle();
    }
  }

  private void give(int number, DmaCall call) {
    done[number] = true;
    openFrees.remove((Integer) number);
    space.free(call);
    see(call);
  }

  private void see(DmaCall call) {
    if (isUnsure(call.operation().line)) {
      for (long pfn = call.operation().pfn; pfn < call.operation().end(); pfn++) {
        seen.add(pfn);
      }
    }
  }

  private boolean isUnsure(long line) {
    return begun || line > firstGap;
  }

  /** Does the open allocations that the model answers rightly, until there is none left. */
  private void settle() {
    boolean any = true;
    while (any) {
      any = false;
      for (int i = 0; i < openAllocs.size(); i++) {
        any |= tryTake(openAllocs.get(i));
      }
    }
  }

  private boolean tryTake(int number) {
    DmaCall call = calls.get(number);
    if (waits(call) || !space.take(call)) {
      return false;
    }
    finish(number, call);
    return true;
  }

  /** The vectors of a list are found one after the other. */
  private boolean waits(DmaCall call) {
    DmaCall before = call.before();
    return call.kind() == DmaCall.Kind.VECTOR
        && before != null
        && before.operation() != call.operation()
        && !done[before.operation().index];
  }

  private void finish(int number, DmaCall call) {
    done[number] = true;
    openAllocs.remove((Integer) number);
    see(call);
  }

  private void close(int number, DmaCall call) {
    if (done[number] || takeAfterFrees(number, call)) {
      return;
    }
    if (takeAmongParts(call) || space.takeAmongLists(call) || takeAfterUnseenFailure(call)) {
      finish(number, call);
      return;
    }
    space.take(call);
    Miss miss = new Miss(call, space.answer(), reason(call));
    misses.add(miss);
    if (miss.reason().isEmpty() || !takeAfterPassing(call)) {
      space.adopt(call);
    }
    finish(number, call);
  }

  /**
   * A single page that is found higher up passed over pages that were taken before the trace
   * begins: all below it that the model has free.
   */
  private boolean takeAfterPassing(DmaCall call) {
    boolean taken = false;
    while (!taken
        && call.operation().pages == 1
        && space.answer() != AreaSpace.NO_ROOM
        && space.answer() < call.address()
        && space.passOver()) {
      taken = space.take(call);
    }
    return taken;
  }

  private boolean takeAfterFrees(int number, DmaCall alloc) {
    for (int free : List.copyOf(openFrees)) {
      Operation range = calls.get(free).operation();
      boolean needed = range.pfn < alloc.operation().end() && alloc.operation().pfn < range.end();
      if (needed) {
        give(free, calls.get(free));
      }
    }
    settle();
    for (int free : done[number] ? List.<Integer>of() : List.copyOf(openFrees)) {
      give(free, calls.get(free));
      settle();
      if (done[number]) {
        break;
      }
    }
    return done[number];
  }

  /** What was found in the middle of a list's vector was so between two of its segments. */
  private boolean takeAmongParts(DmaCall alloc) {
    for (Map.Entry<Integer, Long> inParts : opensInParts.entrySet()) {
      int number = inParts.getKey();
      DmaCall list = calls.get(number);
      boolean within =
          !done[number]
              && !waits(list)
              && inParts.getValue() < alloc.operation().closes
              && alloc.operation().closes < list.operation().closes
              && list.address() < alloc.address()
              && alloc.address() < list.address() + list.bytes();
      Optional<DmaCall> rest = within ? space.takeUpTo(list, alloc.address()) : Optional.empty();
      if (rest.isPresent()) {
        calls.set(number, rest.get());
        return space.take(alloc);
      }
    }
    return false;
  }

  /** Where single pages found no room, so did lists, of which no line tells. */
  private boolean takeAfterUnseenFailure(DmaCall call) {
    boolean taken = anyFailed && space.takeAfterUnseenFailure(call);
    failedUnseen += taken ? 1 : 0;
    return taken;
  }

  private Optional<NotDecidable> reason(DmaCall alloc) {
    boolean lost = alloc.operation().line > firstGap;
    if (!begun && !lost) {
      return Optional.empty();
    }
    // The lower of the two areas: that the kernel took it, or passed it over, must be in the trace.
    boolean below = space.answer() == AreaSpace.NO_ROOM || alloc.address() < space.answer();
    long first = (below ? alloc.address() : space.answer()) >>> Operation.SHIFT;
    boolean allSeen = !alloc.failed();
    for (long pfn = first; allSeen && pfn < first + alloc.operation().pages; pfn++) {
      allSeen = seen.contains(pfn);
    }
    if (allSeen && space.knowsStart(alloc)) {
      return Optional.empty();
    }
    return Optional.of(lost ? NotDecidable.LOST_EVENTS : NotDecidable.TAKEN_BEFORE);
  }
}
