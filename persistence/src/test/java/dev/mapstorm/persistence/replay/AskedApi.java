package dev.mapstorm.persistence.replay;

import dev.mapstorm.actors.spec.ClientSpec;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.spec.RecordedRequests;
import dev.mapstorm.protocol.MapApi;

/** The way in which a request was asked to be mapped, which only the specification remembers. */
final class AskedApi {
  /** Number of the first buffer that takes the place of a worn one. */
  private static final long RENEWED = 1L << 39;

  private AskedApi() {}

  static MapApi of(HostSpec spec, int client, long op) {
    ClientSpec own = spec.clients().get(client);
    if (own instanceof ClientSpec.Synthetic synthetic && synthetic.workload().kept() != null) {
      boolean buffer = op < synthetic.workload().buffers() || op >= RENEWED;
      return buffer ? MapApi.KEPT : MapApi.REUSED;
    }
    if (own instanceof ClientSpec.Queue queue) {
      return queue.api();
    }
    RecordedRequests recorded = ((ClientSpec.Recorded) own).requests();
    for (int i = 0; i < recorded.size(); i++) {
      if (recorded.op()[i] == op && !recorded.release()[i]) {
        return MapApi.of(recorded.api()[i]);
      }
    }
    throw new IllegalArgumentException("client %d has no request %d".formatted(client, op));
  }

  /** Whether no device is asked to move it: it is coherent memory, or a buffer that is kept. */
  static boolean isOnlyMapped(HostSpec spec, int client, long op) {
    MapApi api = of(spec, client, op);
    return api == MapApi.COHERENT
        || api == MapApi.KEPT
        || api == MapApi.IOMMU && spec.clients().get(client) instanceof ClientSpec.Recorded;
  }

  static boolean isReused(HostSpec spec, int client, long op) {
    return of(spec, client, op) == MapApi.REUSED;
  }
}
