package dev.mapstorm.load.scenario;

import dev.mapstorm.actors.spec.RecordedRequests;
import dev.mapstorm.actors.spec.RecordedRequestsBuilder;
import dev.mapstorm.persistence.store.JournalReader;
import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.EventSink;
import java.util.ArrayList;
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
      RequestsProgress progress) {
    double batches = journal.lastBatch(host).map(EventBatch::index).orElse(0L) + 1;
    Collector found = new Collector(recorded, endNs);
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
    long untold = found.untold();
    long bytes = found.bytes();
    return new JournalRecording(
        found.clients.stream().map(RecordedRequestsBuilder::build).toList(),
        found.lastNs,
        untold,
        bytes);
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

  /** Picks the requests out of a host's events. */
  private static final class Collector implements EventSink {
    private final boolean recorded;
    private final long endNs;
    private final List<RecordedRequestsBuilder> clients = new ArrayList<>();
    private long lastNs;

    Collector(boolean recorded, long endNs) {
      this.recorded = recorded;
      this.endNs = endNs;
    }

    @Override
    public void requestArrived(long t, int client, long op, int cpu) {
      if (t <= endNs) {
        // Only recorded clients have more than one CPU, and none above what a recording can hold.
        of(client).arrived(t, Math.toIntExact(op), recorded ? cpu : 0);
        lastNs = t;
      }
    }

    @Override
    public void dmaRequested(
        long t, int client, long op, int direction, int api, int n, long[] phys, int[] length) {
      RecordedRequestsBuilder requests = of(client);
      if (!requests.hasArrived((int) op)) {
        if (t > endNs) {
          return;
        }
        if (recorded) {
          throw new ScenarioException(
              "the journal does not say on which CPU request %d of client %d was to be mapped"
                  .formatted(op, client));
        }
        // A closed loop asks by itself: a request comes when it is taken up.
        requestArrived(t, client, op, 0);
      }
      requests.told((int) op, direction, api, n, phys, length);
    }

    @Override
    public void releaseRequested(long t, int client, long op, int cpu) {
      if (t <= endNs) {
        of(client).released(t, Math.toIntExact(op), cpu);
        lastNs = t;
      }
    }

    private RecordedRequestsBuilder of(int client) {
      while (clients.size() <= client) {
        clients.add(new RecordedRequestsBuilder());
      }
      return clients.get(client);
    }

    long bytes() {
      return clients.stream().mapToLong(RecordedRequestsBuilder::bytes).sum();
    }

    long untold() {
      return clients.stream().mapToLong(RecordedRequestsBuilder::untold).sum();
    }
  }
}
