package dev.mapstorm.protocol.event;

import java.util.Arrays;

/**
 * Checks one host's stream while it is read, from its opening or from a {@link StreamPosition} on:
 * opened first, batches one behind the other with an unbroken {@link HashChain}, nothing behind the
 * close. Not thread-safe; one for each stream.
 */
public final class StreamVerifier {
  private final HashChain chain = new HashChain();
  private StreamOpened opened;
  private StreamClosed closed;
  private boolean begun;
  private byte[] hash;
  private long batches;
  private long events;

  /** Whether it saw or was told all that stands before it, the number of events among it. */
  private boolean pastIsKnown = true;

  /** A verifier that has seen nothing. */
  public StreamVerifier() {}

  /** A verifier of what stands behind {@code position}, which it trusts. */
  public StreamVerifier(StreamPosition position) {
    begun = true;
    hash = position.hash();
    batches = position.batches();
    events = position.events();
  }

  /**
   * A verifier of what stands behind so many batches, of which nothing else is known: it takes the
   * first entry as it is and holds what follows against it. {@link #position} and {@link #events}
   * say nothing.
   */
  public static StreamVerifier behindUnknown(long batches) {
    StreamVerifier verifier = new StreamVerifier(new StreamPosition(batches, 0, null));
    verifier.pastIsKnown = false;
    return verifier;
  }

  /**
   * Takes the next entry.
   *
   * @throws DamagedBatchException if it is not what can stand here; the message names the batch
   */
  public void accept(JournalEntry entry) {
    if (closed != null) {
      throw new DamagedBatchException("the stream continues after its close");
    }
    if (entry instanceof StreamOpened o) {
      open(o);
    } else if (!begun) {
      throw new DamagedBatchException("the stream does not begin with its opening");
    } else if (entry instanceof EventBatch batch) {
      follow(batch);
    } else if (entry instanceof StreamClosed c) {
      close(c);
    }
  }

  /** The opening, or null before it, or if verification began behind it. */
  public StreamOpened opened() {
    return opened;
  }

  /** The close, or null if the stream has none so far: its run goes on, or was stopped. */
  public StreamClosed closed() {
    return closed;
  }

  /** Batches before the place where it stands. */
  public long batches() {
    return batches;
  }

  /** Events in them. */
  public long events() {
    return events;
  }

  private void open(StreamOpened entry) {
    if (begun) {
      throw new DamagedBatchException("the stream is opened twice");
    }
    opened = entry;
    begun = true;
    hash = chain.origin(entry);
  }

  private void follow(EventBatch batch) {
    if (batch.index() != batches) {
      throw new DamagedBatchException(
          "batch %d is where batch %d should be".formatted(batch.index(), batches));
    }
    if (hash != null && !chain.follows(hash, batch)) {
      throw new DamagedBatchException(
          "batch %d is not what was written after the batch before it".formatted(batch.index()));
    }
    hash = batch.hash();
    batches++;
    events += batch.count();
  }

  private void close(StreamClosed entry) {
    if (entry.batches() != batches
        || pastIsKnown && entry.events() != events
        || hash != null && !Arrays.equals(entry.hash(), hash)) {
      throw new DamagedBatchException(
          "the close speaks of %d batches with %d events, the stream has %d with %d, or their hash differs"
              .formatted(entry.batches(), entry.events(), batches, events));
    }
    closed = entry;
  }
}
