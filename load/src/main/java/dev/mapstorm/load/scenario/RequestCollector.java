package dev.mapstorm.load.scenario;

import dev.mapstorm.actors.spec.RecordedRequests;
import dev.mapstorm.actors.spec.RecordedRequestsBuilder;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.Hears;
import dev.mapstorm.protocol.event.PartialSink;
import java.util.ArrayList;
import java.util.List;

/**
 * Picks the requests out of a host's events and lays them down as clients can repeat them. Not
 * thread-safe.
 */
@Hears({EventKind.DMA_REQUESTED, EventKind.RELEASE_REQUESTED, EventKind.REQUEST_ARRIVED})
final class RequestCollector extends PartialSink {
  private final boolean recorded;
  private final long endNs;
  private final List<RecordedRequestsBuilder> clients = new ArrayList<>();
  private long lastNs;

  /**
   * A collector.
   *
   * @param recorded whether the clients are recorded ones, whose CPUs and releases count
   * @param endNs what arrives later is left out
   */
  RequestCollector(boolean recorded, long endNs) {
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
    if (api == MapApi.IOMMU.ordinal()) {
      throw new ScenarioException(
          "client %d maps by the IOMMU API, and what it asked for cannot be asked again"
              .formatted(client));
    }
    if (api == MapApi.KEPT.ordinal() || api == MapApi.REUSED.ordinal()) {
      throw new ScenarioException(
          "client %d keeps its buffers mapped (map = once), and what it asked for cannot be asked again"
              .formatted(client));
    }
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

  /** Bytes that the requests so far take. */
  long bytes() {
    return clients.stream().mapToLong(RecordedRequestsBuilder::bytes).sum();
  }

  /** Requests that have arrived and that no CPU has taken up. */
  long untold() {
    return clients.stream().mapToLong(RecordedRequestsBuilder::untold).sum();
  }

  /** What was collected; the collector is of no use afterwards. */
  JournalRecording recording() {
    long bytes = bytes();
    long untold = untold();
    List<RecordedRequests> built = clients.stream().map(RecordedRequestsBuilder::build).toList();
    return new JournalRecording(built, lastNs, untold, bytes);
  }
}
