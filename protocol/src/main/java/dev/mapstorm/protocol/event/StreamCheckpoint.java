package dev.mapstorm.protocol.event;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * A host as it is at a place in its stream, stored beside the stream so that an interrupted run can
 * go on from there. It is no part of the stream: without it the host is executed from the beginning
 * and comes to the same. A seal binds the host to that place, so that it is used nowhere else.
 *
 * @param stream of the host, see {@link StreamId#text}
 * @param batches before it
 * @param events in them
 * @param bytes of their payloads
 * @param instant of the last event before it, in virtual nanoseconds
 * @param hash of the last of the batches
 * @param version of mapstorm that wrote it
 * @param machine the host itself, in a form that only the build that wrote it reads; like the hash
 *     and the seal, not to be written to
 * @param seal SHA-256 over all of the above, see {@link #sealed}
 */
public record StreamCheckpoint(
    String stream,
    long batches,
    long events,
    long bytes,
    long instant,
    byte[] hash,
    String version,
    byte[] machine,
    byte[] seal) {
  private static final byte[] SEALED = "mapstorm checkpoint 1".getBytes(StandardCharsets.US_ASCII);

  /** A checkpoint with its seal; the parameters are those of the record. */
  public static StreamCheckpoint sealed(
      String stream,
      long batches,
      long events,
      long bytes,
      long instant,
      byte[] hash,
      String version,
      byte[] machine) {
    byte[] seal = seal(stream, batches, events, bytes, instant, hash, version, machine);
    return new StreamCheckpoint(
        stream, batches, events, bytes, instant, hash, version, machine, seal);
  }

  private static byte[] seal(
      String stream,
      long batches,
      long events,
      long bytes,
      long instant,
      byte[] hash,
      String version,
      byte[] machine) {
    MessageDigest digest = HashChain.sha256();
    digest.update(SEALED);
    add(digest, stream.getBytes(StandardCharsets.UTF_8));
    digest.update(
        ByteBuffer.allocate(4 * Long.BYTES)
            .putLong(batches)
            .putLong(events)
            .putLong(bytes)
            .putLong(instant)
            .array());
    add(digest, hash);
    add(digest, version.getBytes(StandardCharsets.UTF_8));
    add(digest, machine);
    return digest.digest();
  }

  /** With its length before it, so that nothing can move from one part into the next. */
  private static void add(MessageDigest digest, byte[] part) {
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(part.length).array());
    digest.update(part);
  }

  /** Whether its seal is that of its content. */
  public boolean isSealed() {
    return MessageDigest.isEqual(
        seal, seal(stream, batches, events, bytes, instant, hash, version, machine));
  }

  /** Where in the stream it is. */
  public StreamPosition position() {
    return new StreamPosition(batches, events, hash);
  }

  /** Number of the stream's entry after which it was taken: that of the last batch. */
  public long entry() {
    return StreamPosition.ENTRIES_BEFORE_BATCHES + batches;
  }
}
