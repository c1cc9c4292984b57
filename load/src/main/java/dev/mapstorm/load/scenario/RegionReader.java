package dev.mapstorm.load.scenario;

import dev.mapstorm.actors.spec.RegionSpec;
import dev.mapstorm.actors.spec.WorkloadSpec;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.MapApi;
import java.util.Map;

/** Reads how a client registers memory with an RDMA device: {@code registration}. */
final class RegionReader {
  private static final String REGISTRATION = "registration";
  private static final long MAX_NS = 1_000_000_000L;

  private RegionReader() {}

  /** The memory regions of a client that makes its requests up; null for none. */
  static RegionSpec read(Settings client, MapApi api, WorkloadSpec workload) {
    RegionSpec region = read(client, api);
    if (region != null && workload.kept() != null) {
      throw client.wrong(
          REGISTRATION,
          "has no meaning with map = once, whose memory is registered before the run");
    }
    return region;
  }

  /** The memory regions of a client, whatever it asks for; null for none. */
  static RegionSpec read(Settings client, MapApi api) {
    boolean fast = client.choice(REGISTRATION, Map.of("none", false, "fast", true));
    RegionSpec region =
        new RegionSpec(
            client.count("region-pages", 1, 65_536),
            DomainReader.powerOfTwo(client, "region-page-size", Granule.BYTES, 1L << 30),
            time(client, "region-entry"),
            time(client, "region-post"),
            time(client, "region-register"),
            time(client, "region-invalidate"),
            client.choice("region-invalidation", Map.of("local", false, "remote", true)));
    if (!fast) {
      return null;
    }
    if (api == MapApi.IOMMU) {
      throw client.wrong(REGISTRATION, "has no meaning with api = iommu");
    }
    return region;
  }

  private static long time(Settings client, String key) {
    return client.quantity(key, Quantity.TIME, 0, MAX_NS);
  }
}
