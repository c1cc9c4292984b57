package dev.mapstorm.protocol.cluster;

/** What a host's entity hears, wherever in the cluster it is. */
public sealed interface HostOrder extends ClusterMessage {

  /** Simulate the host, from its beginning or from where its journal ends. Idempotent. */
  record RunHost(String run, int host) implements HostOrder {}

  /** Stop at the next message, and keep what was journaled. */
  record StopHost(String run, int host) implements HostOrder {}

  /** The coordinator has journaled how the host ended; the entity is not needed any more. */
  record OutcomeKept(String run, int host) implements HostOrder {}

  /** Said on the host's own node only, never sent. */
  non-sealed interface Local extends HostOrder {}
}
