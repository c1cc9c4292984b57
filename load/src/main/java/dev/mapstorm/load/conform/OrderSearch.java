package dev.mapstorm.load.conform;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Replays a domain, and where an allocation stays unexplained, tries the other order of the {@link
 * Choice choices} before it: first those that concern the range that the kernel answered or the one
 * that the model did, then the latest ones. A turned choice is kept only if fewer allocations up to
 * and including this one stay unexplained.
 *
 * <p>Bounded: so many choices for each unexplained allocation, so many unexplained allocations
 * after each other that no choice helps, and so many steps altogether.
 */
final class OrderSearch {
  private static final int MOST_TRIED = 12;
  private static final int MOST_IN_VAIN = 4;
  private static final long MOST_STEPS = 3_000_000;

  private final Schedule schedule;
  private final int cpus;
  private final ConformanceOptions options;
  private final List<ReservedWindow> reserved;
  private Set<Choice> turned = Set.of();
  private long steps;

  OrderSearch(
      Schedule schedule, int cpus, ConformanceOptions options, List<ReservedWindow> reserved) {
    this.schedule = schedule;
    this.cpus = cpus;
    this.options = options;
    this.reserved = reserved;
  }

  /** The best replay found. */
  DomainReplay best() {
    DomainReplay best = replay(turned, Operation.OPEN_END);
    int miss = 0;
    int inVain = 0;
    while (miss < best.misses().size() && inVain < MOST_IN_VAIN && steps < MOST_STEPS) {
      if (improve(best, miss)) {
        best = replay(turned, Operation.OPEN_END);
        inVain = 0;
      } else {
        miss++;
        inVain++;
      }
    }
    return best;
  }

  /** Turns the choice that explains a miss, or one before it. */
  private boolean improve(DomainReplay replay, int missIndex) {
    DomainReplay.Miss miss = replay.misses().get(missIndex);
    for (Choice choice : candidates(replay.choices(), miss)) {
      Set<Choice> trial = new HashSet<>(turned);
      if (!trial.remove(choice)) {
        trial.add(choice);
      }
      if (replay(trial, miss.alloc().closes).misses().size() <= missIndex) {
        turned = trial;
        return true;
      }
    }
    return false;
  }

  private static List<Choice> candidates(Map<Choice, long[]> choices, DomainReplay.Miss miss) {
    List<Choice> touching = new ArrayList<>();
    List<Choice> others = new ArrayList<>();
    List<Choice> latestFirst = new ArrayList<>(choices.keySet());
    Collections.reverse(latestFirst);
    for (Choice choice : latestFirst) {
      if (choice.line() < miss.alloc().closes) {
        (touches(choices.get(choice), miss) ? touching : others).add(choice);
      }
    }
    List<Choice> all = new ArrayList<>(head(touching, MOST_TRIED / 2));
    all.addAll(head(others, MOST_TRIED - all.size()));
    return all;
  }

  private static List<Choice> head(List<Choice> choices, int most) {
    return choices.subList(0, Math.min(choices.size(), most));
  }

  private static boolean touches(long[] pfns, DomainReplay.Miss miss) {
    for (long pfn : pfns) {
      if (pfn == miss.alloc().pfn || pfn == miss.modelPfn()) {
        return true;
      }
    }
    return false;
  }

  private DomainReplay replay(Set<Choice> trial, long lastLine) {
    DomainReplay replay = new DomainReplay(schedule, cpus, options, reserved, trial);
    replay.run(lastLine);
    steps += replay.applied();
    return replay;
  }
}
