package dev.mapstorm.actors.pekko;

import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.EventWords;

/**
 * Sees every batch of a host once it is in the journal, in order and once; of a host that goes on
 * with its stream, those behind the checkpoint that it goes on from. Called off the lane, by one
 * thread at a time.
 */
@FunctionalInterface
public interface BatchObserver {
  /** {@code events} are the events of {@code batch}, valid during the call. */
  void batch(EventWords events, EventBatch batch);

  /** The host has ended or stopped: no batch follows, and what only batches need can go. */
  default void ended() {
    // Most hold nothing.
  }
}
