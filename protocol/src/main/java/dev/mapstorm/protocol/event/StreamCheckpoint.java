package dev.mapstorm.protocol.event;

/**
 * A host as it is at a place in its stream, stored beside the stream so that an interrupted run can
 * go on from there. It is no part of the stream: without it the host is executed from the beginning
 * and comes to the same.
 *
 * @param batches before it
 * @param events in them
 * @param bytes of their payloads
 * @param instant of the last event before it, in virtual nanoseconds
 * @param hash of the last of the batches
 * @param version of mapstorm that wrote it
 * @param machine the host itself, in a form that only the build that wrote it reads; like the hash,
 *     not to be written to
 */
public record StreamCheckpoint(
    long batches,
    long events,
    long bytes,
    long instant,
    byte[] hash,
    String version,
    byte[] machine) {

  /** Where in the stream it is. */
  public StreamPosition position() {
    return new StreamPosition(batches, events, hash);
  }
}
