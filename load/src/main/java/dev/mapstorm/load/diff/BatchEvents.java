package dev.mapstorm.load.diff;

import dev.mapstorm.persistence.store.BatchDecoder;
import dev.mapstorm.protocol.event.Event;
import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.EventRecorder;
import java.util.ArrayList;
import java.util.List;

/** Takes the batches of one host apart into single events. Not thread-safe; reuse one. */
final class BatchEvents {
  private final BatchDecoder decoder;

  BatchEvents(int host) {
    decoder = new BatchDecoder(host);
  }

  /** The events of a batch; fails as {@link BatchDecoder#decode}. */
  List<Event> of(EventBatch batch) {
    List<Event> events = new ArrayList<>(batch.count());
    decoder.decode(batch).forEach(new EventRecorder(events::add));
    return events;
  }
}
