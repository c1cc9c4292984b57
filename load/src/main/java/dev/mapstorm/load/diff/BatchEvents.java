package dev.mapstorm.load.diff;

import dev.mapstorm.protocol.event.ColumnDecoder;
import dev.mapstorm.protocol.event.Event;
import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.EventRecorder;
import dev.mapstorm.protocol.event.EventWords;
import java.util.ArrayList;
import java.util.List;

/** Takes batches apart. Not thread-safe; reuse one. */
final class BatchEvents {
  private final ColumnDecoder decoder = new ColumnDecoder();
  private final EventWords words = new EventWords(0);

  /** The events of a batch. */
  List<Event> of(EventBatch batch) {
    List<Event> events = new ArrayList<>(batch.count());
    decoder.decode(batch.payload(), batch.count(), words);
    words.forEach(new EventRecorder(events::add));
    return events;
  }
}
