package dev.mapstorm.persistence.store;

import dev.mapstorm.protocol.event.StreamId;
import java.util.SortedMap;
import java.util.TreeMap;

/** Collects the streams of a journal, which holds one run. Not thread-safe. */
final class StreamsOfRun {
  private final SortedMap<Integer, StreamId> streams = new TreeMap<>();
  private final String journal;

  /** None so far; messages call the journal {@code journal}. */
  StreamsOfRun(String journal) {
    this.journal = journal;
  }

  /**
   * Adds the stream with a persistence id.
   *
   * @return whether it was not there yet
   * @throws StoreException if it is none of mapstorm's, or of another run than those before
   */
  boolean add(String id) {
    StreamId stream = parse(id);
    if (!streams.isEmpty() && !streams.get(streams.firstKey()).run().equals(stream.run())) {
      throw new StoreException(
          "the %s holds the runs %s and %s; it should hold one"
              .formatted(journal, streams.get(streams.firstKey()).run(), stream.run()));
    }
    return streams.put(stream.host(), stream) == null;
  }

  /** What was added. */
  SortedMap<Integer, StreamId> byHost() {
    return streams;
  }

  private StreamId parse(String id) {
    try {
      return StreamId.parse(id);
    } catch (IllegalArgumentException e) {
      throw new StoreException("the %s holds more: %s".formatted(journal, e.getMessage()), e);
    }
  }
}
