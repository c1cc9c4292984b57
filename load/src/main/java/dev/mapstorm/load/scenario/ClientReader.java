package dev.mapstorm.load.scenario;

import dev.mapstorm.actors.spec.ClientSpec;
import dev.mapstorm.actors.spec.LoadSpec;
import dev.mapstorm.actors.spec.WorkloadSpec;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.MapApi;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Reads groups of clients; each client gets the next CPU. */
final class ClientReader {
  private static final Map<String, MapApi> APIS =
      Settings.labelled(
          Stream.of(MapApi.PAGE, MapApi.SG, MapApi.BATCH, MapApi.IOVA), MapApi::label);
  private static final long MAX_BYTES = 1L << 30;

  private final int devices;
  private final List<ClientSpec> clients = new ArrayList<>();

  /**
   * For a machine with this many devices.
   *
   * @param devices at least 1
   */
  ClientReader(int devices) {
    this.devices = devices;
  }

  /** All clients so far, in the order of their numbers. */
  List<ClientSpec> clients() {
    return clients;
  }

  /** Adds {@code count} clients that are alike. */
  void group(Settings client, int count) {
    String name = client.text("name");
    MapApi api = api(client);
    WorkloadSpec workload = workload(client);
    LoadSpec load = load(client);
    long capacity = capacity(client);
    for (int i = 0; i < count; i++) {
      String numbered = count == 1 ? name : name + i;
      int cpu = clients.size();
      clients.add(
          new ClientSpec.Synthetic(
              numbered, device(client, cpu), cpu, api, capacity, load, workload));
    }
  }

  private int device(Settings client, int number) {
    return client.is("device", "spread")
        ? number % devices
        : client.count("device", 0, devices - 1);
  }

  private static LoadSpec load(Settings client) {
    int depth = client.count("depth", 1, 65_536);
    long requests = client.whole("requests", 0, Long.MAX_VALUE);
    boolean poisson = client.choice("arrivals", Map.of("poisson", true, "equal", false));
    if (client.is("rate", "closed")) {
      return new LoadSpec.ClosedLoop(depth, requests);
    }
    long rate = client.quantity("rate", Quantity.RATE, 1, 1_000_000_000L);
    return new LoadSpec.OpenLoop(rate, poisson, depth, requests);
  }

  private static WorkloadSpec workload(Settings client) {
    int bytes = (int) client.quantity("bs", Quantity.SIZE, 1, MAX_BYTES);
    long segment = client.quantity("segment", Quantity.SIZE, Granule.BYTES, MAX_BYTES);
    if (segment % Granule.BYTES != 0) {
      throw client.wrong("segment", segment + " bytes are no whole number of 4 KiB pages");
    }
    int piece = (int) Math.min(segment, bytes);
    return new WorkloadSpec(
        bytes,
        piece,
        client.count("read-percent", 0, 100),
        client.count("buffers", 0, 1 << 20),
        client.count("offset", 0, (int) Granule.BYTES - 1));
  }

  /** How clients map. */
  static MapApi api(Settings client) {
    return client.choice("api", APIS);
  }

  /** Bytes that a batch starts with; a batch takes no more than its request needs. */
  static long capacity(Settings client) {
    return client.is("batch-capacity", "auto")
        ? MAX_BYTES
        : client.quantity("batch-capacity", Quantity.SIZE, Granule.BYTES, MAX_BYTES);
  }
}
