package dev.mapstorm.load.diff;

import dev.mapstorm.protocol.event.EventBatch;
import java.util.function.LongConsumer;

/** Batches that were journaled, counted as they are read. Not thread-safe. */
public final class CountedBatches implements BatchSource {
  private final JournalBatches journal;
  private final LongConsumer progress;
  private long batches;
  private EventBatch last;
  private boolean ended;

  /**
   * Counts.
   *
   * @param progress hears the number of batches so far
   */
  public CountedBatches(JournalBatches journal, LongConsumer progress) {
    this.journal = journal;
    this.progress = progress;
  }

  @Override
  public EventBatch next() {
    EventBatch batch = journal.next();
    if (batch == null) {
      ended = true;
    } else {
      batches++;
      last = batch;
      progress.accept(batches);
    }
    return batch;
  }

  /** Batches so far. */
  public long batches() {
    return batches;
  }

  /** The last batch so far, or null. */
  EventBatch last() {
    return last;
  }

  /** Whether the stream was read to its end and has no close. */
  boolean wasInterrupted() {
    return ended && journal.closed() == null;
  }

  @Override
  public void close() {
    journal.close();
  }
}
