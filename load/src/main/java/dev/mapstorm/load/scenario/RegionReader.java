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

  /** When memory is registered. */
  private enum When {
    NEVER,
    FAST,
    ON_DEMAND
  }

  /** The memory regions of a client that makes its requests up; null for none. */
  static RegionSpec read(Settings client, MapApi api, WorkloadSpec workload) {
    return read(client, api, workload.kept() != null);
  }

  /** The memory regions of a client that asks what a journal says; null for none. */
  static RegionSpec read(Settings client, MapApi api) {
    return read(client, api, false);
  }

  private static RegionSpec read(Settings client, MapApi api, boolean keeps) {
    When when =
        client.choice(
            REGISTRATION, Map.of("none", When.NEVER, "fast", When.FAST, "odp", When.ON_DEMAND));
    RegionSpec region =
        new RegionSpec(
            client.count("region-pages", 1, 65_536),
            DomainReader.powerOfTwo(client, "region-page-size", Granule.BYTES, 1L << 30),
            time(client, "region-entry"),
            time(client, "region-post"),
            time(client, "region-register"),
            time(client, "region-invalidate"),
            client.choice("region-invalidation", Map.of("local", false, "remote", true)),
            when == When.ON_DEMAND,
            time(client, "odp-fault"));
    if (when == When.NEVER) {
      return null;
    }
    if (when == When.FAST && keeps) {
      throw client.wrong(
          REGISTRATION,
          "has no meaning with map = once, whose memory is registered before the run");
    }
    if (when == When.ON_DEMAND && !keeps) {
      throw client.wrong(
          REGISTRATION, "is odp, which needs map = once: buffers stay mapped after their faults");
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
