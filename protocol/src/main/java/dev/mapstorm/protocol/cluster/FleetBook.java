package dev.mapstorm.protocol.cluster;

/**
 * What the coordinator knows of all fleets, as its snapshots hold it.
 *
 * @param fleets in the order of submission
 */
public record FleetBook(Fleet[] fleets) implements ClusterMessage {
  /** The id of the coordinator's stream, in which a book is a checkpoint. */
  public static final String STREAM = "mapstorm-coordinator";

  /**
   * One fleet.
   *
   * @param outcomes of the hosts that ended, in no order
   * @param moves of its hosts, in the order of their journaling
   */
  public record Fleet(
      String run,
      String name,
      String scenario,
      int hosts,
      boolean stopped,
      HostOutcome[] outcomes,
      HostMove[] moves) {}
}
