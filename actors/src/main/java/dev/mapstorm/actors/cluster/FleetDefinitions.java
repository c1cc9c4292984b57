package dev.mapstorm.actors.cluster;

import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.protocol.cluster.CoordinatorReply;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;

/** What the fleets are made from whose hosts are on this node, asked for once. Thread-safe. */
final class FleetDefinitions {
  private static final int KEPT = 4;

  /**
   * A fleet.
   *
   * @param scenario the resolved scenario
   * @param hosts its machines, by number
   */
  record Fleet(String scenario, List<HostSpec> hosts) {}

  private final Map<String, CompletableFuture<Fleet>> known =
      new LinkedHashMap<>(KEPT * 2, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, CompletableFuture<Fleet>> eldest) {
          return size() > KEPT;
        }
      };

  private final Function<String, CompletionStage<CoordinatorReply>> coordinator;
  private final FleetSpecs specs;
  private final Executor blocking;

  /**
   * Nothing known so far.
   *
   * @param coordinator is asked for the definition of a run
   * @param blocking makes machines, which may read files
   */
  FleetDefinitions(
      Function<String, CompletionStage<CoordinatorReply>> coordinator,
      FleetSpecs specs,
      Executor blocking) {
    this.coordinator = coordinator;
    this.specs = specs;
    this.blocking = blocking;
  }

  /** The fleet of a run; fails with one sentence, and is then asked for anew the next time. */
  synchronized CompletionStage<Fleet> of(String run) {
    CompletableFuture<Fleet> fleet = known.get(run);
    if (fleet == null || fleet.isCompletedExceptionally()) {
      fleet = coordinator.apply(run).toCompletableFuture().thenApplyAsync(this::make, blocking);
      known.put(run, fleet);
    }
    return fleet;
  }

  private Fleet make(CoordinatorReply reply) {
    if (reply instanceof CoordinatorReply.Definition definition) {
      String scenario = definition.scenario();
      return new Fleet(scenario, specs.of(definition.name(), scenario));
    }
    throw new IllegalStateException(
        reply instanceof CoordinatorReply.Refused refused ? refused.reason() : "no definition");
  }
}
