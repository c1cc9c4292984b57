package dev.mapstorm.protocol.cluster;

/**
 * How a host of a fleet ended.
 *
 * @param host its number
 * @param complete whether it reached the end of its run
 * @param end the virtual instant
 * @param batches in the journal
 * @param events in them
 * @param bytes of their payloads
 * @param hash the final hash; empty if the host failed
 * @param failure why it cannot go on; empty if it ended or was stopped
 */
public record HostOutcome(
    int host,
    boolean complete,
    long end,
    long batches,
    long events,
    long bytes,
    byte[] hash,
    String failure) {

  /** A host that cannot go on. */
  public static HostOutcome failed(int host, String failure) {
    return new HostOutcome(host, false, 0, 0, 0, 0, new byte[0], failure);
  }

  /** Whether the host cannot go on. */
  public boolean isFailure() {
    return !failure.isEmpty();
  }
}
