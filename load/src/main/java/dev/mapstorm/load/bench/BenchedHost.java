package dev.mapstorm.load.bench;

import com.typesafe.config.Config;
import dev.mapstorm.actors.pekko.BatchObserver;
import dev.mapstorm.actors.pekko.Simulation;
import dev.mapstorm.actors.pekko.SimulationSpec;
import dev.mapstorm.actors.spec.HostSpec;
import java.util.List;
import java.util.concurrent.ExecutionException;

/** A host that is simulated on one lane, for a benchmark. */
final class BenchedHost {
  private BenchedHost() {}

  /** What is done with a simulation that was started. */
  @FunctionalInterface
  interface Work<T> {
    T with(Simulation simulation) throws InterruptedException, ExecutionException;
  }

  /**
   * Starts a simulation of the host, and ends it when {@code work} returns.
   *
   * @param config of the actor system, which says where the journal is
   * @param observer sees its batches
   * @throws IllegalStateException if the simulation fails
   */
  static <T> T simulated(HostSpec spec, Config config, BatchObserver observer, Work<T> work) {
    SimulationSpec simulationSpec =
        new SimulationSpec("bench", List.of(spec), 1, config, "", "bench", host -> observer);
    try (Simulation simulation = Simulation.start(simulationSpec)) {
      return work.with(simulation);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the benchmark was interrupted", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(
          "a simulation failed: " + e.getCause().getMessage(), e.getCause());
    }
  }
}
