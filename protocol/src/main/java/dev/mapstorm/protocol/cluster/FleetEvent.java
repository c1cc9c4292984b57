package dev.mapstorm.protocol.cluster;

/** What the coordinator journals. */
public sealed interface FleetEvent extends ClusterMessage {

  /** A fleet was accepted. */
  record Submitted(String run, String name, String scenario, int hosts) implements FleetEvent {}

  /** A host ended. */
  record Ended(String run, HostOutcome outcome) implements FleetEvent {}

  /** A host went on elsewhere. */
  record Moved(String run, HostMove move) implements FleetEvent {}

  /** A fleet was stopped; hosts that have not ended will not be started again. */
  record Stopped(String run) implements FleetEvent {}
}
