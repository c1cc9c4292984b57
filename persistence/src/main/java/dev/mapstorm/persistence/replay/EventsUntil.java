package dev.mapstorm.persistence.replay;

import dev.mapstorm.protocol.event.EventCursor;
import dev.mapstorm.protocol.event.EventSink;
import dev.mapstorm.protocol.event.EventWords;

/**
 * Hands a host's events on up to a {@link Moment}, batch by batch; later ones are dropped. A reader
 * stops when it is {@link #past}. Not thread-safe.
 */
public final class EventsUntil {
  private final EventSink target;
  private final Moment moment;
  private final EventCursor cursor = new EventCursor();
  private long events;
  private boolean past;

  /**
   * Events from the first on.
   *
   * @param target gets the events that count
   * @param moment where they end
   */
  public EventsUntil(EventSink target, Moment moment) {
    this(target, moment, 0);
  }

  /**
   * For a target that goes on in the middle of a stream.
   *
   * @param before events of the stream that the target has had already
   */
  public EventsUntil(EventSink target, Moment moment, long before) {
    this.target = target;
    this.moment = moment;
    events = before;
  }

  /** Hands on what counts of the next events of the stream. */
  public void take(EventWords batch) {
    if (batch.count() == 0 || past) {
      return;
    }
    if (moment.counts(events + batch.count() - 1, batch.lastInstant())) {
      batch.forEach(target);
      events += batch.count();
      return;
    }
    cursor.begin(batch);
    while (cursor.next() && moment.counts(events, cursor.t())) {
      cursor.to(target);
      events++;
    }
    past = true;
  }

  /** Whether an event was dropped, so that no later one will be handed on. */
  public boolean past() {
    return past;
  }
}
