package dev.mapstorm.load.run;

import com.typesafe.config.Config;
import dev.mapstorm.actors.pekko.BatchObserver;
import dev.mapstorm.actors.pekko.ProgramSystem;
import dev.mapstorm.actors.pekko.Progress;
import dev.mapstorm.actors.pekko.Simulation;
import dev.mapstorm.actors.pekko.SimulationResult;
import dev.mapstorm.actors.pekko.SimulationSpec;
import dev.mapstorm.actors.pekko.StorePatience;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.persistence.report.RunAnalysis;
import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.EventSink;
import dev.mapstorm.protocol.event.EventWords;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Runs a scenario to its end, analysing it on the way, as many hosts at a time as fit in memory
 * ({@link RunMemory}). {@link #stop} may be called from any thread, the rest from one.
 */
public final class Runner implements AutoCloseable {
  private static final long PROGRESS_MS = 200;

  private final List<RunAnalysis> analyses = new ArrayList<>();
  private final Simulation simulation;

  /**
   * Starts a run.
   *
   * @param scenario what to run
   * @param runId names it in the journal
   * @param version of the program
   * @param lanes threads that simulate, at least 1
   * @param journal configuration of the journal's store
   * @param beside make what else sees the batches of a host once they are journaled
   */
  public Runner(
      Scenario scenario,
      String runId,
      String version,
      int lanes,
      Config journal,
      Function<HostSpec, BatchObserver> beside) {
    scenario.hosts().forEach(host -> analyses.add(new RunAnalysis()));
    simulation =
        Simulation.start(
            new SimulationSpec(
                runId,
                scenario.hosts(),
                lanes,
                journal.withFallback(ProgramSystem.CONFIG),
                scenario.text(),
                version,
                host -> observer(host, beside.apply(host)),
                StorePatience.DEFAULT,
                RunMemory.ofProcess(scenario).room()));
  }

  private BatchObserver observer(HostSpec host, BatchObserver beside) {
    RunAnalysis analysis = analyses.get(host.host());
    EventSink sink = analysis.host(host.host());
    return new BatchObserver() {
      @Override
      public void batch(EventWords events, EventBatch batch) {
        events.forEach(sink);
        beside.batch(events, batch);
      }

      @Override
      public void ended() {
        analysis.pack(host.host());
        beside.ended();
      }
    };
  }

  /**
   * Waits for the end of the run.
   *
   * @param progress hears several times a second how far it is
   * @throws IllegalStateException with the cause, if the run cannot go on
   */
  public SimulationResult await(Consumer<Progress> progress) throws InterruptedException {
    CompletableFuture<SimulationResult> result = simulation.result().toCompletableFuture();
    while (true) {
      try {
        return result.get(PROGRESS_MS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        progress.accept(simulation.progress());
      } catch (ExecutionException e) {
        Throwable cause = e.getCause();
        throw new IllegalStateException("the run cannot continue: " + cause.getMessage(), cause);
      }
    }
  }

  /** What was found in all batches so far; to be called after the end. */
  public RunAnalysis analysis() {
    RunAnalysis all = new RunAnalysis();
    analyses.forEach(all::merge);
    analyses.clear();
    return all;
  }

  /** Ends the run early; {@link #await} then returns what was journaled. */
  public void stop() {
    simulation.stop();
  }

  /** Ends the actor system. */
  @Override
  public void close() {
    simulation.close();
  }
}
