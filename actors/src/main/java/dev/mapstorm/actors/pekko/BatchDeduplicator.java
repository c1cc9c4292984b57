package dev.mapstorm.actors.pekko;

import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.EventWords;

/** Hands batches on, and leaves out those that it has handed on before: a host's store failed. */
final class BatchDeduplicator implements BatchObserver {
  private final BatchObserver observer;
  private long next;

  BatchDeduplicator(BatchObserver observer) {
    this.observer = observer;
  }

  @Override
  public void batch(EventWords events, EventBatch batch) {
    if (batch.index() >= next) {
      next = batch.index() + 1;
      observer.batch(events, batch);
    }
  }

  @Override
  public void ended() {
    observer.ended();
  }
}
