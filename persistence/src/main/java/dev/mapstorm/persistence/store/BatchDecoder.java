package dev.mapstorm.persistence.store;

import dev.mapstorm.protocol.event.ColumnDecoder;
import dev.mapstorm.protocol.event.DamagedBatchException;
import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.EventWords;

/** Takes the batches of one host apart, into a buffer that is used again. Not thread-safe. */
public final class BatchDecoder {
  private final int host;
  private final ColumnDecoder decoder = new ColumnDecoder();
  private final EventWords events = new EventWords(0);

  /** A decoder whose errors name {@code host}. */
  public BatchDecoder(int host) {
    this.host = host;
  }

  /**
   * The events of a batch, valid until the next one is decoded.
   *
   * @throws DamagedJournalException if its payload is none
   */
  public EventWords decode(EventBatch batch) {
    decode(batch, events);
    return events;
  }

  /** Replaces the contents of {@code into} by the events of a batch; fails as {@link #decode}. */
  public void decode(EventBatch batch, EventWords into) {
    try {
      decoder.decode(batch.payload(), batch.count(), into);
    } catch (DamagedBatchException e) {
      throw new DamagedJournalException(
          "host %d, batch %d: %s".formatted(host, batch.index(), e.getMessage()), e);
    }
  }
}
