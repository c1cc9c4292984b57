package dev.mapstorm.load.conform;

import dev.mapstorm.load.conform.Choice.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Replays a domain with every {@link Choice} at its default, and where an allocation stays
 * unexplained, goes back before each choice that touches the kernel's range or the model's, and
 * takes the value that gets furthest.
 *
 * <p>Bounded: so many choices for each unexplained allocation; few tries once many allocations in a
 * row could not be helped; and so many steps altogether, after which nothing is tried any more
 * ({@link #searchedTo}). Deterministic: the bounds count steps, not time.
 */
final class OrderSearch {
  /**
   * How hard to search.
   *
   * @param choices tried for an unexplained allocation at most
   * @param tries of values of these at most
   * @param lookAhead steps that a try runs on
   * @param farEnough steps without another miss that settle a try
   * @param inVain allocations in a row that could not be helped before few are tried
   */
  private record Effort(int choices, int tries, int lookAhead, int farEnough, int inVain) {}

  private static final Effort FULL = new Effort(40, 480, 4000, 1500, 30);

  /** Without flushes, an order shows soon. */
  private static final Effort STRICT = new Effort(40, 480, 1500, 400, 30);

  /** Where the flushes themselves are inferred, much stays unexplained. */
  private static final Effort LIGHT = new Effort(14, 16, 300, 150, 3);

  private static final int SELDOM = 32;
  private static final int STATE_EVERY = 256;
  private static final int MOST_STATES = 400;
  private static final int RECENT_FLUSHES = 8;
  private static final int RECENT_CUTS = 3;
  private static final int TOPS = 3;
  private static final int NEAR_STEPS = 400;
  private static final int MOST_NEAR = 24;
  private static final int MOST_BETWEEN = 16;
  private static final long STEPS_A_STEP = 300;
  private static final long LEAST_BUDGET = 8_000_000;

  private record Best(int reached, Choice choice, int value, int from) {}

  private final Schedule schedule;
  private final Choices choices;
  private final DomainReplay replay;
  private final Undecided undecided;
  private final Effort effort;
  private final boolean unseen;
  private final long mostSteps;
  private final NavigableMap<Integer, DomainReplay.State> states = new TreeMap<>();
  private int accepted;
  private int tries;
  private int searchedTo = Integer.MAX_VALUE;

  /**
   * Prepares a search.
   *
   * @param unseen whether the flushes were inferred
   */
  OrderSearch(Schedule schedule, DomainRules rules, Undecided undecided, boolean unseen) {
    this.schedule = schedule;
    this.unseen = unseen;
    effort = unseen ? LIGHT : schedule.flushes() == 0 ? STRICT : FULL;
    this.undecided = undecided;
    choices = new Choices(schedule);
    replay = new DomainReplay(schedule, rules, choices, unseen);
    mostSteps = Math.max(LEAST_BUDGET, STEPS_A_STEP * schedule.steps());
  }

  /** The best replay found. */
  DomainReplay best() {
    int misses = 0;
    int inVain = 0;
    while (true) {
      runSaving(misses);
      if (replay.misses().size() <= misses) {
        return replay;
      }
      DomainReplay.Miss miss = replay.misses().get(misses);
      if (replay.applied() > mostSteps) {
        searchedTo = Math.min(searchedTo, miss.step());
      }
      boolean tried =
          searchedTo == Integer.MAX_VALUE
              && (inVain < effort.inVain() || misses % SELDOM == 0)
              && !undecided.isBeyondOrders(miss);
      if (tried && improve(miss, misses)) {
        accepted++;
        inVain = 0;
      } else {
        misses++;
        inVain += tried ? 1 : 0;
      }
    }
  }

  /** Choices that were turned from their default. */
  int accepted() {
    return accepted;
  }

  /** The first step that was not searched any more as the bound was reached. */
  int searchedTo() {
    return searchedTo;
  }

  private void runSaving(int mostMisses) {
    while (replay.step() < schedule.steps() && replay.misses().size() <= mostMisses) {
      int step = replay.step();
      if (states.isEmpty()
          || schedule.act(step) == Schedule.Act.FLUSH_STARTS
          || step >= states.lastKey() + STATE_EVERY) {
        states.put(step, replay.save());
        thin();
      }
      int flushes = schedule.flushesBefore(step + 1);
      int nextStart = flushes < schedule.flushes() ? schedule.startStep(flushes) : schedule.steps();
      replay.run(
          Math.min(Math.max(nextStart, step + 1), states.lastKey() + STATE_EVERY), mostMisses);
    }
  }

  /** Of the older half, every second is enough: what lies between is run again. */
  private void thin() {
    if (states.size() <= MOST_STATES) {
      return;
    }
    boolean drop = false;
    List<Integer> older = new ArrayList<>(states.keySet()).subList(0, MOST_STATES / 2);
    for (Integer step : older) {
      if (drop) {
        states.remove(step);
      }
      drop = !drop;
    }
  }

  private boolean improve(DomainReplay.Miss miss, int misses) {
    Set<Choice> candidates = candidates(miss);
    DomainReplay.State here = replay.save();
    List<DomainReplay.Miss> known = new ArrayList<>(replay.misses());
    Best best = new Best(miss.step(), null, 0, 0);
    int count = 0;
    tries = 0;
    for (Choice choice : candidates) {
      if (count++ == effort.choices()
          || tries >= effort.tries()
          || best.reached() >= miss.step() + effort.farEnough()) {
        break;
      }
      best = better(best, choice, miss, misses);
    }
    if (best.choice() == null) {
      replay.restore(here);
      replay.misses().clear();
      replay.misses().addAll(known);
      return false;
    }
    choices.set(best.choice(), best.value());
    replay.restore(states.get(best.from()));
    states.tailMap(best.from(), false).clear();
    return true;
  }

  private Best better(Best best, Choice choice, DomainReplay.Miss miss, int misses) {
    Best better = best;
    int now = choices.get(choice);
    int first = firstStep(choice);
    for (int value : values(choice, miss)) {
      int differs =
          choice.isOrder()
              ? Math.max(first, Math.min(firstStep(now, miss), firstStep(value, miss)))
              : first;
      Map.Entry<Integer, DomainReplay.State> from = states.floorEntry(differs);
      if (value == now || from == null || tries >= effort.tries()) {
        continue;
      }
      tries++;
      choices.set(choice, value);
      replay.restore(from.getValue());
      if (replay.misses().size() <= misses) {
        replay.run(miss.step() + effort.lookAhead(), misses);
        int reached =
            replay.misses().size() > misses ? replay.misses().get(misses).step() : replay.step();
        if (reached > better.reached()) {
          better = new Best(reached, choice, value, from.getKey());
        }
      }
    }
    choices.set(choice, now);
    return better;
  }

  private int[] values(Choice choice, DomainReplay.Miss miss) {
    int[] others =
        switch (choice.kind()) {
          case CUT -> schedule.cuts(choice.of(), choice.cpu());
          case SWEEP -> schedule.sweeps(choice.of(), choice.cpu());
          case TIMER -> IntStream.range(0, schedule.cpus()).toArray();
          case HOLD -> new int[] {1};
          case EARLY -> between(choice, miss, Choice.BEFORE_SPOILT, Choice.AS_SOON);
          case PROMPT -> between(choice, miss, Choice.AS_SOON);
        };
    int[] values = new int[others.length + 1];
    values[0] = Choice.DEFAULT;
    System.arraycopy(others, 0, values, 1, others.length);
    return values;
  }

  /** Some values, and after what may have changed the tree before an unexplained allocation. */
  private int[] between(Choice choice, DomainReplay.Miss miss, int... first) {
    Operation operation = schedule.operations()[choice.of()];
    if (schedule.flushes() > 0 || !replay.isBeyondCaches(operation)) {
      return first;
    }
    int[] values = Arrays.copyOf(first, first.length + MOST_BETWEEN);
    int count = first.length;
    int opens = schedule.opensAt(operation);
    for (int step = miss.step() - 1; step > opens && count < values.length; step--) {
      Operation other = schedule.operation(step);
      Schedule.Act act = schedule.act(step);
      if (other == operation) {
        // It is over there.
        count = first.length;
      } else if (act == Schedule.Act.ALLOC_CLOSES
          || act == Schedule.Act.UNMAP_CLOSES && replay.isBeyondCaches(other)) {
        values[count++] = Choice.after(step);
      }
    }
    return Arrays.copyOf(values, count);
  }

  /** The step up to which a value of an order does the same as any that is later. */
  private static int firstStep(int value, DomainReplay.Miss miss) {
    return value == Choice.DEFAULT
        ? miss.step()
        : value == Choice.BEFORE_SPOILT ? 0 : Choice.stepOf(value);
  }

  /** The step before which a choice makes no difference. */
  private int firstStep(Choice choice) {
    return switch (choice.kind()) {
      case SWEEP, HOLD, TIMER -> schedule.startStep(choice.of());
      case EARLY, PROMPT -> schedule.opensAt(schedule.operations()[choice.of()]);
      case CUT -> {
        int first = schedule.startStep(choice.of());
        for (int index : schedule.cuts(choice.of(), choice.cpu())) {
          int queue = Math.min(index, schedule.operations().length - 1);
          if (schedule.operations()[queue].kind == Operation.Kind.QUEUE) {
            first = Math.min(first, schedule.opensAt(schedule.operations()[queue]));
          }
        }
        yield first;
      }
    };
  }

  // Which choices may have to do with an unexplained allocation.

  private Set<Choice> candidates(DomainReplay.Miss miss) {
    Set<Choice> found = new LinkedHashSet<>();
    Operation alloc = miss.alloc();
    if (schedule.flushes() == 0) {
      addOrders(miss, found);
      return found;
    }
    addOf(alloc.pfn, miss.step(), found);
    addOf(miss.modelPfn(), miss.step(), found);
    for (long pfn : replay.topRanges(alloc, TOPS)) {
      Operation unmap = schedule.lastUnmap(pfn, miss.step());
      if (unmap != null) {
        addSweep(replay.freedBy(unmap), unmap.place, found);
      }
    }
    int started = schedule.flushesBefore(miss.step());
    for (int flush = started - 1; flush >= Math.max(0, started - RECENT_FLUSHES); flush--) {
      addSweep(flush, alloc.place, found);
      for (int cpu = 0; cpu < schedule.cpus(); cpu++) {
        addSweep(flush, cpu, found);
      }
      if (schedule.canHold(flush)) {
        found.add(new Choice(Kind.HOLD, flush, 0));
      }
    }
    for (int flush = started - 1; flush >= Math.max(0, started - RECENT_CUTS); flush--) {
      for (int cpu = 0; cpu < schedule.cpus(); cpu++) {
        addCut(flush, cpu, found);
      }
    }
    if (found.size() < effort.choices()) {
      addOrders(miss, found);
    }
    return found;
  }

  /** What decided who freed a range, and whether. */
  private void addOf(long pfn, int step, Set<Choice> found) {
    Operation unmap = schedule.lastUnmap(pfn, step);
    if (unmap == null || unmap.kind != Operation.Kind.QUEUE) {
      return;
    }
    int freed = replay.freedBy(unmap);
    if (unseen && freed >= 0 && !schedule.flush(freed).forced) {
      found.add(new Choice(Kind.TIMER, freed, 0));
    }
    addSweep(freed, unmap.place, found);
    int next = schedule.nextFlush(unmap);
    for (int flush = Math.max(0, next - 1);
        flush <= Math.min(next + 1, schedule.flushes() - 1);
        flush++) {
      addCut(flush, unmap.place, found);
      addSweep(flush, unmap.place, found);
    }
  }

  private void addSweep(int flush, int cpu, Set<Choice> found) {
    if (flush >= 0 && schedule.sweeps(flush, cpu) != null) {
      found.add(new Choice(Kind.SWEEP, flush, cpu));
    }
  }

  private void addCut(int flush, int cpu, Set<Choice> found) {
    if (schedule.cuts(flush, cpu) != null) {
      found.add(new Choice(Kind.CUT, flush, cpu));
    }
  }

  /** Allocations and frees just before that overlapped something. */
  private void addOrders(DomainReplay.Miss miss, Set<Choice> found) {
    addOrder(schedule.lastUnmap(miss.alloc().pfn, miss.step()), found);
    addOrder(schedule.lastUnmap(miss.modelPfn(), miss.step()), found);
    addOpen(miss, found);
    int near = 0;
    for (int step = miss.step();
        step >= Math.max(0, miss.step() - NEAR_STEPS) && near < MOST_NEAR;
        step--) {
      Operation operation = schedule.operation(step);
      Schedule.Act act = schedule.act(step);
      boolean closes = act == Schedule.Act.ALLOC_CLOSES || act == Schedule.Act.UNMAP_CLOSES;
      if (closes && schedule.opensAt(operation) < step - 1) {
        addOrder(operation, found);
        near++;
      }
    }
  }

  /** What had begun and was not over: it may have been done already. */
  private void addOpen(DomainReplay.Miss miss, Set<Choice> found) {
    int last = Math.min(schedule.steps(), miss.step() + NEAR_STEPS);
    for (int step = miss.step(); step < last; step++) {
      Operation operation = schedule.operation(step);
      Schedule.Act act = schedule.act(step);
      if ((act == Schedule.Act.ALLOC_CLOSES || act == Schedule.Act.UNMAP_CLOSES)
          && schedule.opensAt(operation) < miss.step()
          && replay.isBeyondCaches(operation)) {
        addOrder(operation, found);
      }
    }
  }

  private static void addOrder(Operation operation, Set<Choice> found) {
    if (operation != null && operation.kind == Operation.Kind.ALLOC) {
      found.add(new Choice(Kind.EARLY, operation.index, 0));
    } else if (operation != null && operation.kind == Operation.Kind.FREE) {
      found.add(new Choice(Kind.PROMPT, operation.index, 0));
    }
  }
}
