package dev.mapstorm.protocol.cluster;

/** What the coordinator of the cluster hears. */
public sealed interface CoordinatorMessage extends ClusterMessage {

  /**
   * Run a fleet.
   *
   * @param run its id, unique in the database
   * @param name of the scenario
   * @param scenario the resolved scenario
   * @param hosts how many it has
   * @param replyTo hears {@link CoordinatorReply.Accepted} once the fleet is journaled, or {@link
   *     CoordinatorReply.Refused}
   */
  record SubmitFleet(String run, String name, String scenario, int hosts, String replyTo)
      implements CoordinatorMessage {}

  /** Stop a fleet; what its hosts journaled is kept. Answered like {@link SubmitFleet}. */
  record StopFleet(String run, String replyTo) implements CoordinatorMessage {}

  /** Asks for {@link CoordinatorReply.Definition}. */
  record AskDefinition(String run, String replyTo) implements CoordinatorMessage {}

  /** Asks for {@link CoordinatorReply.Overview}. */
  record AskOverview(String replyTo) implements CoordinatorMessage {}

  /**
   * Asks for {@link CoordinatorReply.Hosts}.
   *
   * @param first host that is wanted
   * @param count how many from there on
   */
  record AskHosts(String run, int first, int count, String replyTo) implements CoordinatorMessage {}

  /** A host ended, or stopped, or cannot go on; repeated until {@link HostOrder.OutcomeKept}. */
  record HostEnded(String run, HostOutcome outcome) implements CoordinatorMessage {}

  /** A host leaves its node, since its shard moves: it can be told to run at its new place. */
  record HostLeft(String run, int host) implements CoordinatorMessage {}

  /**
   * What a node is doing; said several times a second.
   *
   * @param node its address
   * @param lanes threads that simulate there
   * @param written events that it has journaled since it started
   * @param hosts that are there
   */
  record NodeReport(String node, int lanes, long written, HostReport[] hosts)
      implements CoordinatorMessage {}

  /** Said by the coordinator to itself, never sent. */
  non-sealed interface Local extends CoordinatorMessage {}
}
