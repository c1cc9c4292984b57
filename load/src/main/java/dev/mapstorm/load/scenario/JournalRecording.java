package dev.mapstorm.load.scenario;

import dev.mapstorm.actors.spec.RecordedRequests;
import dev.mapstorm.persistence.store.JournalReader;
import dev.mapstorm.persistence.store.ReadProgress;
import dev.mapstorm.protocol.event.EventBatch;
import java.util.List;

/**
 * The requests of one host as its journal has them, client by client, as clients can repeat them.
 *
 * @param clients requests by number of the client, as far as clients asked for anything
 * @param lastNs instant of the last request or release
 * @param untold requests that had arrived and that no CPU had taken up when the journal ended; they
 *     are not among the others, since nobody knows what they asked for
 * @param bytes that all of it takes
 */
record JournalRecording(List<RecordedRequests> clients, long lastNs, long untold, long bytes) {

  /**
   * Reads them.
   *
   * @param recorded whether the clients are recorded ones, whose CPUs and releases count
   * @param endNs what arrives later is left out
   * @param memory that may be used
   * @param progress hears how far it is
   * @throws dev.mapstorm.persistence.store.StoreException if the journal cannot be read
   * @throws ScenarioException if they are too many to be held, or cannot be repeated
   */
  static JournalRecording read(
      JournalReader journal,
      int host,
      boolean recorded,
      long endNs,
      MemoryLimit memory,
      ReadProgress progress) {
    double batches = journal.lastBatch(host).map(EventBatch::index).orElse(0L) + 1;
    RequestCollector found = new RequestCollector(recorded, endNs);
    long[] events = new long[1];
    journal.replay(
        host,
        found,
        batch -> {
          memory.check(found.bytes(), batch.last());
          events[0] += batch.count();
          progress.read((batch.index() + 1) / batches, events[0]);
          return batch.last() <= endNs || found.untold() > 0;
        });
    return found.recording();
  }

  /** Requests of all clients, without those that nobody knows. */
  long requests() {
    long requests = 0;
    for (RecordedRequests client : clients) {
      for (boolean release : client.release()) {
        requests += release ? 0 : 1;
      }
    }
    return requests;
  }
}
