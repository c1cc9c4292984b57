package dev.mapstorm.load.diff;

import dev.mapstorm.persistence.store.EntryCursor;
import dev.mapstorm.persistence.store.JournalReader;
import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.JournalEntry;
import dev.mapstorm.protocol.event.StreamClosed;
import dev.mapstorm.protocol.event.StreamPosition;

/** Batches that were journaled; verified as they are read. Not thread-safe. */
public final class JournalBatches implements BatchSource {
  private final EntryCursor entries;
  private StreamClosed closed;

  /** The batches of a host behind a position. */
  public JournalBatches(JournalReader journal, int host, StreamPosition position) {
    entries = journal.entries(host, position);
  }

  @Override
  public EventBatch next() {
    while (true) {
      JournalEntry entry = entries.next();
      if (entry == null || entry instanceof EventBatch) {
        return (EventBatch) entry;
      }
      if (entry instanceof StreamClosed close) {
        closed = close;
      }
    }
  }

  /** The close of the stream, known behind its last batch; null if its run was interrupted. */
  public StreamClosed closed() {
    return closed;
  }

  @Override
  public void close() {
    entries.close();
  }
}
