package dev.mapstorm.load.bench;

import com.typesafe.config.Config;
import dev.mapstorm.actors.pekko.BatchObserver;
import dev.mapstorm.actors.pekko.SimulationResult;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.load.scenario.ScenarioLoader;
import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.EventWords;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Recovery of a long run: strict 4 KiB reads are journaled until there are so many events, the run
 * is stopped, and another one goes on with its journal. Measured is the time from the start of the
 * second to the first batch that the journal did not have, the actor system's start included;
 * beside it the time that the events took the first run, which is what recovery without checkpoints
 * would take.
 */
public final class RecoveryBench {
  private final long events;
  private final Consumer<String> progress;

  /**
   * A bench.
   *
   * @param events to be journaled before the interruption
   * @param progress hears what is being measured
   */
  public RecoveryBench(long events, Consumer<String> progress) {
    this.events = events;
    this.progress = progress;
  }

  /** What a part of the run took, and how many batches the journal has behind it. */
  private record Part(long nanos, long batches) {}

  /** Watches a run for the moment that is waited for, then stops it. */
  private static final class Watch implements BatchObserver {
    private final CompletableFuture<Void> reached = new CompletableFuture<>();
    private final long firstNew;
    private final long wanted;
    private long seen;

    Watch(long firstNew, long wanted) {
      this.firstNew = firstNew;
      this.wanted = wanted;
    }

    @Override
    public void batch(EventWords words, EventBatch batch) {
      seen += batch.count();
      if (batch.index() >= firstNew && seen >= wanted) {
        reached.complete(null);
      }
    }
  }

  /** Runs it. */
  public BenchResult run() {
    HostSpec spec =
        new ScenarioLoader("bench")
            .set("--duration", "duration", "1000s")
            .load("nvme-4k")
            .hosts()
            .get(0);
    BenchResult[] result = new BenchResult[1];
    ScratchJournal.with(store -> result[0] = measure(spec, store.pekkoConfig()));
    return result[0];
  }

  private BenchResult measure(HostSpec spec, Config config) {
    progress.accept("journaling %,d events".formatted(events));
    Part first = until(spec, config, new Watch(0, events));
    progress.accept("continuing after them");
    Watch watch = new Watch(first.batches(), 0);
    Part second = until(spec, config, watch);
    return new BenchResult(
        "recovery of %,d M events".formatted(events / 1_000_000),
        "ms",
        second.nanos() / 1e6,
        "the run up to there",
        first.nanos() / 1e6,
        (double) first.nanos() / second.nanos(),
        0,
        "%,d events were executed again, from the last checkpoint on".formatted(watch.seen));
  }

  private static Part until(HostSpec spec, Config config, Watch watch) {
    long start = System.nanoTime();
    return BenchedHost.simulated(
        spec,
        config,
        watch,
        simulation -> {
          CompletableFuture.anyOf(watch.reached, simulation.result().toCompletableFuture()).get();
          long nanos = System.nanoTime() - start;
          simulation.stop();
          SimulationResult end = simulation.result().toCompletableFuture().get();
          return new Part(nanos, end.hosts().get(0).batches());
        });
  }
}
