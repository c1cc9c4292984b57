package dev.mapstorm.actors.cluster;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What nodes that were ended by an error of their own, such as a full heap, have left behind about
 * the hosts that they executed. Nodes that were killed leave nothing. Thread-safe.
 */
@FunctionalInterface
public interface NodeDeaths {
  /** Nothing is kept. */
  NodeDeaths NONE = persistenceId -> CompletableFuture.completedFuture(Suspicion.NONE);

  /**
   * What is known against a host.
   *
   * @param persistenceId of its stream
   * @return fails if the store does
   */
  CompletionStage<Suspicion> of(String persistenceId);
}
