package dev.mapstorm.persistence.store;

import dev.mapstorm.protocol.event.ColumnEncoder;
import dev.mapstorm.protocol.event.Event;
import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.EventRecorder;
import dev.mapstorm.protocol.event.EventWords;
import dev.mapstorm.protocol.event.HashChain;
import dev.mapstorm.protocol.event.JournalEntry;
import dev.mapstorm.protocol.event.StreamClosed;
import dev.mapstorm.protocol.event.StreamOpened;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A closed stream of one host, with batches of random requests. */
final class SampleStream {
  static final int EVENTS_PER_BATCH = 1000;

  final List<JournalEntry> entries = new ArrayList<>();
  final List<Event> events = new ArrayList<>();

  SampleStream(int host, int batches) {
    this(host, batches, EVENTS_PER_BATCH);
  }

  SampleStream(int host, int batches, int eventsPerBatch) {
    StreamOpened opened = new StreamOpened(host, 42, "hosts = 2", "test");
    entries.add(opened);
    HashChain chain = new HashChain();
    ColumnEncoder encoder = new ColumnEncoder();
    SplittableRandom random = new SplittableRandom(host);
    byte[] hash = chain.origin(opened);
    long t = 0;
    for (int i = 0; i < batches; i++) {
      EventWords words = new EventWords(0);
      for (int j = 0; j < eventsPerBatch; j++) {
        t += random.nextInt(1000);
        words.faulted(t, 0, random.nextInt(8), j, random.nextLong(1L << 40), 3);
      }
      words.forEach(new EventRecorder(events::add));
      EventBatch batch = chain.seal(hash, i, words, encoder.encode(words));
      hash = batch.hash();
      entries.add(batch);
    }
    entries.add(new StreamClosed(t, batches, (long) batches * eventsPerBatch, hash));
  }

  EventBatch batch(int index) {
    return (EventBatch) entries.get(index + 1);
  }
}
