package dev.mapstorm.load.runs;

import dev.mapstorm.load.runs.ListedRun.State;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * A rule that says which runs may go. Runs that are running or damaged never do, nor those of
 * clusters whose database does not say what they are.
 */
@FunctionalInterface
public interface Pruning {
  /** Runs in these states are left alone. */
  Set<State> STAYING =
      Set.of(State.RUNNING, State.DAMAGED, State.UNREACHABLE, State.NOT_ASKED, State.ELSEWHERE);

  /**
   * Whether a run goes.
   *
   * @param run the newest that was not asked about yet
   * @param keptRuns runs that were kept so far, all newer
   * @param keptBytes of them
   */
  boolean goes(ListedRun run, int keptRuns, long keptBytes);

  /** Runs that began more than {@code age} before {@code now} go. */
  static Pruning olderThan(Duration age, Instant now) {
    Instant limit = now.minus(age);
    return (run, runs, bytes) -> run.started().isBefore(limit);
  }

  /** All but the {@code runs} newest go. */
  static Pruning keep(int runs) {
    return (run, keptRuns, bytes) -> keptRuns >= runs;
  }

  /** The oldest go until the others take no more than {@code limit} bytes. */
  static Pruning maxSize(long limit) {
    return new Pruning() {
      private boolean full;

      @Override
      public boolean goes(ListedRun run, int runs, long keptBytes) {
        full |= keptBytes + run.bytes() > limit;
        return full;
      }
    };
  }

  /** The runs that go by {@code rule}, the oldest first. */
  static List<ListedRun> of(List<ListedRun> runs, Pruning rule) {
    List<ListedRun> newestFirst =
        runs.stream().sorted(Comparator.comparing(ListedRun::started).reversed()).toList();
    List<ListedRun> go = new ArrayList<>();
    int kept = 0;
    long bytes = 0;
    for (ListedRun run : newestFirst) {
      if (!STAYING.contains(run.state()) && rule.goes(run, kept, bytes)) {
        go.add(0, run);
      } else {
        kept++;
        bytes += run.bytes();
      }
    }
    return go;
  }
}
