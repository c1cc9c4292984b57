package dev.mapstorm.load.export.timeline;

import dev.mapstorm.persistence.inflight.Call;
import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.persistence.inflight.RequestKey;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.Hears;
import dev.mapstorm.protocol.event.PartialSink;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The requests of a host that are on their way; to be told after the rows. Not thread-safe. */
@Hears({
  EventKind.DMA_REQUESTED,
  EventKind.MAP_FAILED,
  EventKind.UNMAPPED,
  EventKind.COMPLETED,
  EventKind.REQUEST_DONE
})
final class Requests extends PartialSink {
  private final InFlight inFlight;
  private final boolean showsMappings;
  private final Map<Long, Request> byKey = new HashMap<>();

  /**
   * @param showsMappings whether mappings will be told of; else what was asked for is not kept
   *     until it is mapped
   */
  Requests(InFlight inFlight, boolean showsMappings) {
    this.inFlight = inFlight;
    this.showsMappings = showsMappings;
  }

  /** A request, whether or not anything is known of it. */
  Request of(int client, long op) {
    return byKey.computeIfAbsent(RequestKey.of(client, op), key -> new Request());
  }

  /** A request that something is known of. */
  Optional<Request> find(int client, long op) {
    return Optional.ofNullable(byKey.get(RequestKey.of(client, op)));
  }

  /** Forgets a request if it is over. */
  private void settle(int client, long op) {
    if (client >= 0 && find(client, op).filter(Request::isOver).isPresent()) {
      byKey.remove(RequestKey.of(client, op));
    }
  }

  private void settle(Call call) {
    settle(call.client(), call.op());
  }

  @Override
  public void dmaRequested(
      long t, int client, long op, int direction, int api, int n, long[] phys, int[] length) {
    if (showsMappings) {
      of(client, op).asked(t);
    }
  }

  @Override
  public void mapFailed(long t, int domain, long call, int error) {
    settle(inFlight.call(domain, call));
  }

  @Override
  public void unmapped(long t, int domain, long call) {
    settle(inFlight.call(domain, call));
  }

  @Override
  public void completed(long t, int device, int client, long op) {
    settle(client, op);
  }

  @Override
  public void requestDone(long t, int client, long op, long bytes, long latencyNs) {
    byKey.remove(RequestKey.of(client, op));
  }
}
