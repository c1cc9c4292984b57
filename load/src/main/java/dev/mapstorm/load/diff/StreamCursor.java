package dev.mapstorm.load.diff;

import dev.mapstorm.protocol.event.Event;
import dev.mapstorm.protocol.event.EventBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Stands in a stream of batches and passes it batch by batch, or event by event across the borders
 * of batches. Not thread-safe.
 */
final class StreamCursor {
  private final BatchSource batches;
  private final BatchEvents decoder;
  private final Predicate<Event> counts;
  private EventBatch batch;
  private List<Event> events = List.of();
  private int at;
  private long batchesBefore;
  private long eventsBefore;

  /**
   * Before the first batch of {@code batches}.
   *
   * @param host whose stream it is
   * @param counts which events are looked at; the others are passed
   * @param eventsBefore events of the stream in front of it
   */
  StreamCursor(int host, BatchSource batches, Predicate<Event> counts, long eventsBefore) {
    this.batches = batches;
    decoder = new BatchEvents(host);
    this.counts = counts;
    this.eventsBefore = eventsBefore;
  }

  /** The batch that it stands before; null within a batch, and at the end. */
  EventBatch batch() {
    if (batch == null && at >= events.size()) {
      batch = batches.next();
    }
    return batch;
  }

  /** Passes the batch that it stands before. */
  void passBatch() {
    eventsBefore += batch.count();
    batchesBefore = batch.index() + 1;
    batch = null;
  }

  /** The event that it stands before, null at the end. */
  Event event() {
    while (true) {
      while (at < events.size()) {
        Event event = events.get(at);
        if (counts.test(event)) {
          return event;
        }
        passEvent();
      }
      if (batch() == null) {
        return null;
      }
      events = decoder.of(batch);
      at = 0;
      batchesBefore = batch.index();
      batch = null;
    }
  }

  /** Passes the event that it stands before. */
  void passEvent() {
    at++;
    eventsBefore++;
    if (at == events.size()) {
      batchesBefore++;
    }
  }

  /** Events before it, also those that are not looked at. */
  long number() {
    return eventsBefore;
  }

  /** The next {@code most} events, which it passes. */
  Divergence.Continuation take(int most) {
    List<NumberedEvent> next = new ArrayList<>();
    Event event = event();
    long batchOfFirst = batchesBefore;
    while (event != null && next.size() < most) {
      next.add(new NumberedEvent(eventsBefore, event));
      passEvent();
      event = event();
    }
    return new Divergence.Continuation(batchOfFirst, next);
  }
}
