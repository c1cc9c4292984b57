package dev.mapstorm.actors.cluster;

/**
 * What the ends of nodes say against a host.
 *
 * @param nodes how many nodes ended by an error of their own while they executed it
 * @param alone whether it was the only host on the last of them
 * @param cause of the last one's end, in words; empty if there is none
 */
public record Suspicion(int nodes, boolean alone, String cause) {
  /** Nothing is known against it. */
  public static final Suspicion NONE = new Suspicion(0, false, "");

  private static final int NODES_AT_MOST = 2;

  /** Whether it may have been the host that ended a node: it has the next one to itself. */
  boolean exists() {
    return nodes > 0;
  }

  /** Whether it was the host, and is not to be executed again. */
  boolean isProven() {
    return nodes >= NODES_AT_MOST && alone;
  }

  /** Why the host cannot go on. */
  String verdict() {
    return "set aside: %d nodes ended while they executed it, the last one with no other host: %s"
        .formatted(nodes, cause);
  }
}
