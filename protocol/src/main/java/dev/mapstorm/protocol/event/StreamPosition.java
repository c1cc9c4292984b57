package dev.mapstorm.protocol.event;

/**
 * A place in a host's stream: behind so many batches, with what the chain had come to. Reading can
 * go on from here as if it had begun at the opening.
 *
 * @param batches before it
 * @param events in them
 * @param hash of the last of them, or {@link HashChain#origin} if there is none; empty if the
 *     opening has not been read either; not to be written to
 */
public record StreamPosition(long batches, long events, byte[] hash) {
  /** Before the opening of any stream. */
  public static final StreamPosition START = new StreamPosition(0, 0, new byte[0]);

  /** Entries of a stream before its first batch: the opening. */
  public static final long ENTRIES_BEFORE_BATCHES = 1;
}
