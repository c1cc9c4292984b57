package dev.mapstorm.load.conform;

import java.util.Arrays;
import java.util.BitSet;

/** The values of all {@link Choice choices} of a {@link Schedule}. Not thread safe. */
final class Choices {
  private final int cpus;
  private final int[] cuts;
  private final int[] sweeps;
  private final int[] timers;
  private final BitSet holds = new BitSet();
  private final int[] when;

  /** All at their default, or at what was inferred with the flushes. */
  Choices(Schedule schedule) {
    cpus = schedule.cpus();
    cuts = new int[schedule.flushes() * cpus];
    sweeps = new int[schedule.flushes() * cpus];
    timers = new int[schedule.flushes()];
    Arrays.fill(timers, Choice.DEFAULT);
    when = new int[schedule.operations().length];
    Arrays.fill(when, Choice.DEFAULT);
    Arrays.fill(cuts, Choice.DEFAULT);
    Arrays.fill(sweeps, Choice.DEFAULT);
    for (int flush = 0; flush < schedule.flushes(); flush++) {
      for (int cpu = 0; cpu < cpus; cpu++) {
        int[] options = schedule.sweeps(flush, cpu);
        if (options != null && schedule.freesItself(flush, cpu)) {
          sweeps[flush * cpus + cpu] = Arrays.stream(options).min().orElseThrow();
        }
      }
    }
  }

  int cut(int flush, int cpu) {
    return cuts[flush * cpus + cpu];
  }

  int sweep(int flush, int cpu) {
    return sweeps[flush * cpus + cpu];
  }

  int timer(int flush) {
    return timers[flush];
  }

  boolean holds(int flush) {
    return holds.get(flush);
  }

  /** When an allocation or a free takes place: a value of {@code EARLY} or {@code PROMPT}. */
  int when(int operation) {
    return when[operation];
  }

  /** The value of a choice; {@link Choice#DEFAULT}, or 1 of those that are on or off. */
  int get(Choice choice) {
    return switch (choice.kind()) {
      case CUT -> cuts[choice.of() * cpus + choice.cpu()];
      case SWEEP -> sweeps[choice.of() * cpus + choice.cpu()];
      case TIMER -> timers[choice.of()];
      case HOLD -> holds.get(choice.of()) ? 1 : Choice.DEFAULT;
      case EARLY, PROMPT -> when[choice.of()];
    };
  }

  void set(Choice choice, int value) {
    switch (choice.kind()) {
      case CUT -> cuts[choice.of() * cpus + choice.cpu()] = value;
      case SWEEP -> sweeps[choice.of() * cpus + choice.cpu()] = value;
      case TIMER -> timers[choice.of()] = value;
      case HOLD -> holds.set(choice.of(), value != Choice.DEFAULT);
      case EARLY, PROMPT -> when[choice.of()] = value;
    }
  }
}
