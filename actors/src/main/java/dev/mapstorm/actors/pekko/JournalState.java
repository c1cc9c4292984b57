package dev.mapstorm.actors.pekko;

import dev.mapstorm.protocol.event.StreamCheckpoint;
import dev.mapstorm.protocol.event.StreamClosed;
import dev.mapstorm.protocol.event.StreamPosition;
import java.util.Optional;

/**
 * What was journaled so far.
 *
 * @param opened whether the stream is open
 * @param closed its close, once it has one
 * @param hash of the last batch
 * @param batches journaled
 * @param events journaled
 * @param bytes of payloads journaled
 * @param checkpoint the one that recovery begins with, or that belongs behind the last batch; it is
 *     not kept longer than it is needed, since it may be large
 */
record JournalState(
    boolean opened,
    Optional<StreamClosed> closed,
    byte[] hash,
    long batches,
    long events,
    long bytes,
    Optional<StreamCheckpoint> checkpoint) {

  static JournalState at(StreamCheckpoint checkpoint) {
    return new JournalState(
        true,
        Optional.empty(),
        checkpoint.hash(),
        checkpoint.batches(),
        checkpoint.events(),
        checkpoint.bytes(),
        Optional.of(checkpoint));
  }

  /** Entries of the stream that it stands for. */
  long entries() {
    return opened
        ? StreamPosition.ENTRIES_BEFORE_BATCHES + batches + (closed.isPresent() ? 1 : 0)
        : 0;
  }

  boolean isAtCheckpoint() {
    return checkpoint.isPresent() && checkpoint.get().batches() == batches;
  }
}
