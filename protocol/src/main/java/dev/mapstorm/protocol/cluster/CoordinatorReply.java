package dev.mapstorm.protocol.cluster;

/** What the coordinator answers. */
public sealed interface CoordinatorReply extends ClusterMessage {

  /** What was asked for is journaled. */
  record Accepted(String run) implements CoordinatorReply {}

  /** What was asked for cannot be done. */
  record Refused(String reason) implements CoordinatorReply {}

  /** What a fleet is made from. */
  record Definition(String run, String name, String scenario) implements CoordinatorReply {}

  /**
   * There is a coordinator.
   *
   * @param coordinator address of its node
   * @param epoch of its claim to its stream
   */
  record Present(String coordinator, long epoch) implements CoordinatorReply {}

  /**
   * What the cluster is doing.
   *
   * @param coordinator address of its node
   */
  record Overview(String coordinator, FleetSummary[] fleets, NodeSummary[] nodes)
      implements CoordinatorReply {}

  /** Some hosts of a fleet, in order. */
  record Hosts(FleetSummary fleet, HostSummary[] hosts) implements CoordinatorReply {}

  /**
   * A fleet in figures.
   *
   * @param state {@code running}, {@code complete}, {@code stopped} or {@code failed}
   * @param hosts how many it has
   * @param ended how many of them ended
   * @param running how many run on a node now
   * @param reached the smallest instant of its hosts, in virtual nanoseconds
   * @param events journaled
   * @param bytes of their payloads
   * @param hash of the whole fleet once it is complete, in hexadecimal; empty before
   * @param failure the first reason why a host cannot go on; empty if there is none
   * @param trouble why a host stands still or was not begun; empty if all go on
   * @param moves how its hosts moved
   */
  record FleetSummary(
      String run,
      String name,
      String state,
      int hosts,
      int ended,
      int running,
      long reached,
      long events,
      long bytes,
      String hash,
      String failure,
      String trouble,
      Moves moves) {}

  /**
   * How the hosts of a fleet moved.
   *
   * @param count how many times a host went on elsewhere, or in a new incarnation
   * @param medianGapMs wall time for which a host stood still
   * @param worstGapMs the longest
   * @param redone events that were executed again
   * @param newest some of the last
   */
  record Moves(int count, long medianGapMs, long worstGapMs, long redone, HostMove[] newest) {}

  /**
   * A node in figures.
   *
   * @param node its address
   * @param lanes threads that simulate there
   * @param hosts that run there
   * @param written events that it has journaled since it started
   * @param rate of late, in events a second
   * @param silentMs wall milliseconds since it was heard of
   */
  record NodeSummary(String node, int lanes, int hosts, long written, long rate, long silentMs) {}

  /**
   * A host in figures.
   *
   * @param state {@code waiting}, {@code starting}, {@code running}, {@code complete}, {@code
   *     stopped} or {@code failed}
   * @param node where it runs; empty if it does not
   */
  record HostSummary(
      int host, String state, String node, long instant, long events, long bytes, String trouble) {}
}
