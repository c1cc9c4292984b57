package dev.mapstorm.load.bench;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.mapstorm.actors.host.BareLoop;
import dev.mapstorm.actors.pekko.BatchObserver;
import dev.mapstorm.actors.pekko.SimulationResult;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.load.scenario.ScenarioLoader;
import dev.mapstorm.protocol.event.EventKind;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * The event loop and the whole simulation against their baselines, on one lane with strict 4 KiB
 * reads ({@code nvme-4k}): a lane of typed actors against a bare loop over the same models, and the
 * lane with the journal against the lane without. The two of a pair run in turn, after a warm-up;
 * ratios are taken pair by pair and the median is reported.
 */
public final class SimulationBench {
  private static final String SCENARIO = "nvme-4k";
  private static final double LANE_EXPECTED = 0.4;
  private static final double JOURNAL_EXPECTED = 0.85;
  private static final double CHECKPOINTS_EXPECTED = 0.95;
  private static final Config QUIET =
      ConfigFactory.parseString(
          """
          pekko.persistence.journal.plugin = "pekko.persistence.journal.inmem"
          pekko.persistence.snapshot-store.plugin = "pekko.persistence.no-snapshot-store"
          """);

  private final HostSpec silent;
  private final HostSpec journaled;
  private final HostSpec withoutCheckpoints;
  private final int rounds;
  private final Consumer<String> progress;

  /** What one run took. */
  record Run(long nanos, long requests, long events, long bytes) {
    double requestsPerSecond() {
      return requests * 1e9 / nanos;
    }
  }

  /**
   * A bench.
   *
   * @param duration virtual time of a run, such as {@code 500ms}
   * @param rounds pairs that count, at least 1; one more is run before them
   * @param progress hears what is being measured
   */
  public SimulationBench(String duration, int rounds, Consumer<String> progress) {
    HostSpec spec =
        new ScenarioLoader("bench")
            .set("--duration", "duration", duration)
            .load(SCENARIO)
            .hosts()
            .get(0);
    journaled = spec;
    silent = spec.with(spec.journal().withoutCheckpoints().off());
    withoutCheckpoints = spec.with(spec.journal().withoutCheckpoints());
    this.rounds = rounds;
    this.progress = progress;
  }

  /** A lane of typed actors against a bare loop, in messages a second; neither writes events. */
  public BenchResult lane() {
    double[] lane = new double[rounds];
    double[] bare = new double[rounds];
    for (int round = -1; round < rounds; round++) {
      progress.accept("lane against bare loop, round " + (round + 1) + " of " + rounds);
      long start = System.nanoTime();
      long messages = new BareLoop(silent, null).run();
      long bareNanos = System.nanoTime() - start;
      Run run = simulate(silent, QUIET, (events, batch) -> {});
      if (round >= 0) {
        bare[round] = messages * 1e9 / bareNanos;
        lane[round] = messages * 1e9 / run.nanos();
      }
    }
    return new BenchResult(
        "lane of typed actors",
        "messages/s",
        median(lane),
        "bare loop over the same models",
        median(bare),
        medianRatio(lane, bare),
        LANE_EXPECTED,
        "");
  }

  /**
   * The lane with the embedded journal against the lane without, in strict 4 KiB requests a second.
   */
  public BenchResult journal() {
    long messages = new BareLoop(silent, null).run();
    double[] with = new double[rounds];
    double[] without = new double[rounds];
    double bytesPerEvent = 0;
    double eventsPerSecond = 0;
    double messagesPerSecond = 0;
    for (int round = -1; round < rounds; round++) {
      progress.accept("journal on against off, round " + (round + 1) + " of " + rounds);
      Run on = simulateJournaled(journaled);
      Run off = simulate(silent, QUIET, (events, batch) -> {});
      if (round >= 0) {
        with[round] = on.requestsPerSecond();
        without[round] = on.requests() * 1e9 / off.nanos();
        bytesPerEvent = (double) on.bytes() / on.events();
        eventsPerSecond = on.events() * 1e9 / on.nanos();
        messagesPerSecond = messages * 1e9 / on.nanos();
      }
    }
    double requestsPerSecond = median(with);
    return new BenchResult(
        "strict 4 KiB map+unmap with the journal",
        "requests/s",
        requestsPerSecond,
        "without the journal",
        median(without),
        medianRatio(with, without),
        JOURNAL_EXPECTED,
        "%.1f M messages/s, %.1f M events/s, %.2f journal bytes an event"
            .formatted(messagesPerSecond / 1e6, eventsPerSecond / 1e6, bytesPerEvent));
  }

  /**
   * The journaled lane with checkpoints at the default interval against the same without, in events
   * a second.
   */
  public BenchResult checkpoints() {
    double[] with = new double[rounds];
    double[] without = new double[rounds];
    for (int round = -1; round < rounds; round++) {
      progress.accept("checkpoints on against off, round " + (round + 1) + " of " + rounds);
      Run on = simulateJournaled(journaled);
      Run off = simulateJournaled(withoutCheckpoints);
      if (round >= 0) {
        with[round] = on.events() * 1e9 / on.nanos();
        without[round] = off.events() * 1e9 / off.nanos();
      }
    }
    return new BenchResult(
        "journal with checkpoints",
        "events/s",
        median(with),
        "without checkpoints",
        median(without),
        medianRatio(with, without),
        CHECKPOINTS_EXPECTED,
        "one every %,d events".formatted(journaled.journal().checkpointEvents()));
  }

  private Run simulateJournaled(HostSpec spec) {
    long[] requests = new long[1];
    BatchObserver counter = (events, batch) -> requests[0] += batch.count(EventKind.REQUEST_DONE);
    Run[] run = new Run[1];
    ScratchJournal.with(store -> run[0] = simulate(spec, store.pekkoConfig(), counter));
    return new Run(run[0].nanos(), requests[0], run[0].events(), run[0].bytes());
  }

  static Run simulate(HostSpec spec, Config config, BatchObserver observer) {
    return BenchedHost.simulated(
        spec,
        config,
        observer,
        simulation -> {
          simulation.started().toCompletableFuture().get();
          long start = System.nanoTime();
          SimulationResult result = simulation.result().toCompletableFuture().get();
          long nanos = System.nanoTime() - start;
          return new Run(nanos, 0, result.events(), result.journalBytes());
        });
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  static double medianRatio(double[] values, double[] baselines) {
    double[] ratios = new double[values.length];
    Arrays.setAll(ratios, i -> values[i] / baselines[i]);
    return median(ratios);
  }
}
