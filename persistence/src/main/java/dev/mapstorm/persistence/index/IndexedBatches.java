package dev.mapstorm.persistence.index;

import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.persistence.store.BatchDecoder;
import dev.mapstorm.persistence.store.EntryCursor;
import dev.mapstorm.persistence.store.JournalReader;
import dev.mapstorm.persistence.store.StoreException;
import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.EventWords;
import dev.mapstorm.protocol.event.JournalEntry;
import dev.mapstorm.protocol.event.StreamPosition;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * The events of a host batch by batch, in any order. Each batch is verified against the one before
 * it when it is read; the last ones read are kept. Not thread-safe.
 */
public final class IndexedBatches implements AutoCloseable {
  /** Of some 0.5 MB each. */
  private static final int BATCHES_KEPT = 16;

  private final JournalReader journal;
  private final int host;
  private final List<BatchSummary> summaries;
  private final BatchDecoder decoder;
  private final Deque<Decoded> kept = new ArrayDeque<>();
  private EntryCursor cursor;

  /** The batch that {@link #cursor} stands before. */
  private int cursorAt = -1;

  /** A batch that was taken apart. */
  private record Decoded(int number, EventWords events) {}

  IndexedBatches(JournalReader journal, int host, List<BatchSummary> summaries) {
    this.journal = journal;
    this.host = host;
    this.summaries = summaries;
    decoder = new BatchDecoder(host);
  }

  /** What each batch holds, by number. */
  public List<BatchSummary> summaries() {
    return summaries;
  }

  /** What is in flight before a batch, as far as it says whose the events of the batch are. */
  public InFlight before(int number) {
    return number == 0 ? new InFlight() : summaries.get(number - 1).behind();
  }

  /** Events of all batches. */
  public long events() {
    return summaries.isEmpty() ? 0 : summaries.get(summaries.size() - 1).eventsBehind();
  }

  /**
   * Number of the batch that holds an event.
   *
   * @param event below {@link #events}
   */
  public int batchOf(long event) {
    int low = 0;
    int high = summaries.size() - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (summaries.get(middle).eventsBehind() > event) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /**
   * The events of a batch, valid until {@value #BATCHES_KEPT} others were asked for.
   *
   * @throws dev.mapstorm.persistence.store.DamagedJournalException if it is not what was indexed
   */
  public EventWords events(int number) {
    for (Decoded each : kept) {
      if (each.number == number) {
        kept.remove(each);
        kept.addFirst(each);
        return each.events;
      }
    }
    EventWords events = kept.size() < BATCHES_KEPT ? new EventWords(0) : kept.removeLast().events();
    decoder.decode(read(number), events);
    kept.addFirst(new Decoded(number, events));
    return events;
  }

  private EventBatch read(int number) {
    if (cursorAt != number) {
      close();
      cursor =
          journal.entries(
              host,
              number == 0 ? StreamPosition.START : summaries.get(number - 1).positionBehind());
    }
    cursorAt = number + 1;
    for (JournalEntry entry = cursor.next(); entry != null; entry = cursor.next()) {
      if (entry instanceof EventBatch batch) {
        return batch;
      }
    }
    throw new StoreException("batch %d of host %d is gone".formatted(number, host));
  }

  /** Gives its connection back; it is opened again when it is needed. */
  @Override
  public void close() {
    if (cursor != null) {
      cursor.close();
      cursor = null;
      cursorAt = -1;
    }
  }
}
