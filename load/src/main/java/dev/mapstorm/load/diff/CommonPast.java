package dev.mapstorm.load.diff;

import dev.mapstorm.protocol.event.Event;
import dev.mapstorm.protocol.event.EventBatch;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Predicate;

/**
 * The last few events that two streams have in common. Batches that are passed whole are only taken
 * apart when somebody asks. Not thread-safe.
 */
final class CommonPast {
  private final int most;
  private final Predicate<Event> counts;
  private final BatchEvents decoder;
  private final ArrayDeque<NumberedEvent> events = new ArrayDeque<>();
  private final ArrayDeque<NumberedBatch> batches = new ArrayDeque<>();
  private long eventsInBatches;

  /** A batch that begins with event {@code number}. */
  private record NumberedBatch(long number, EventBatch batch) {}

  CommonPast(int host, int most, Predicate<Event> counts) {
    decoder = new BatchEvents(host);
    this.most = most;
    this.counts = counts;
  }

  void add(long number, Event event) {
    takeApart();
    keep(number, event);
  }

  void add(long number, EventBatch batch) {
    batches.add(new NumberedBatch(number, batch));
    eventsInBatches += batch.count();
    while (batches.size() > 1 && eventsInBatches - batches.getFirst().batch.count() >= most) {
      eventsInBatches -= batches.removeFirst().batch.count();
      events.clear();
    }
  }

  List<NumberedEvent> events() {
    takeApart();
    return List.copyOf(events);
  }

  private void takeApart() {
    for (NumberedBatch each : batches) {
      long number = each.number;
      for (Event event : decoder.of(each.batch)) {
        if (counts.test(event)) {
          keep(number, event);
        }
        number++;
      }
    }
    batches.clear();
    eventsInBatches = 0;
  }

  private void keep(long number, Event event) {
    events.add(new NumberedEvent(number, event));
    if (events.size() > most) {
      events.removeFirst();
    }
  }
}
