package dev.mapstorm.load.scenario;

import dev.mapstorm.actors.spec.ClientSpec;
import dev.mapstorm.actors.spec.LoadSpec;
import dev.mapstorm.actors.spec.WorkloadSpec;
import dev.mapstorm.persistence.text.Units;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.MapApi;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Reads groups of clients; each client gets the next CPU.
 *
 * @param <C> what is made of a client
 */
final class ClientReader<C> {
  private static final Map<String, MapApi> APIS =
      Settings.labelled(
          Stream.of(MapApi.PAGE, MapApi.SG, MapApi.BATCH, MapApi.IOVA), MapApi::label);
  private static final long MAX_BYTES = 1L << 30;

  private final int devices;
  private final Maker<C> maker;
  private final List<C> clients = new ArrayList<>();

  /**
   * Makes one client of the machine that is read.
   *
   * @param <C> what it makes
   */
  @FunctionalInterface
  interface Maker<C> {
    /**
     * A client.
     *
     * @param client its settings, which also say when and what it asks
     * @param cpu its number and its CPU
     */
    C make(Settings client, String name, int device, int cpu, MapApi api, long batchCapacity);
  }

  /**
   * For a machine with this many devices.
   *
   * @param devices at least 1
   */
  ClientReader(int devices, Maker<C> maker) {
    this.devices = devices;
    this.maker = maker;
  }

  /** A client that makes its requests up. */
  static ClientSpec synthetic(
      Settings client, String name, int device, int cpu, MapApi api, long capacity) {
    WorkloadSpec workload = workload(client);
    return new ClientSpec.Synthetic(name, device, cpu, api, capacity, load(client), workload);
  }

  /** What such a client asks for, and when, in words. */
  static String outline(Settings client) {
    WorkloadSpec workload = workload(client);
    int reads = workload.readPercent();
    String what =
        reads == 100 ? "reads" : reads == 0 ? "writes" : "requests (%d %% reads)".formatted(reads);
    String when =
        load(client) instanceof LoadSpec.OpenLoop open
            ? "%s/s".formatted(Units.count(open.perSecond()))
            : "depth " + depth(client);
    return "%s %s, %s".formatted(Units.bytes(workload.bytes()), what, when);
  }

  /** All clients so far, in the order of their numbers. */
  List<C> clients() {
    return clients;
  }

  /** Adds {@code count} clients that are alike. */
  void group(Settings client, int count) {
    String name = client.text("name");
    MapApi api = api(client);
    long capacity = capacity(client);
    for (int i = 0; i < count; i++) {
      String numbered = count == 1 ? name : name + i;
      int cpu = clients.size();
      clients.add(maker.make(client, numbered, device(client, cpu), cpu, api, capacity));
    }
  }

  private int device(Settings client, int number) {
    return client.is("device", "spread")
        ? number % devices
        : client.count("device", 0, devices - 1);
  }

  private static LoadSpec load(Settings client) {
    int depth = depth(client);
    long requests = client.whole("requests", 0, Long.MAX_VALUE);
    boolean poisson = client.choice("arrivals", Map.of("poisson", true, "equal", false));
    if (client.is("rate", "closed")) {
      return new LoadSpec.ClosedLoop(depth, requests);
    }
    long rate = client.quantity("rate", Quantity.RATE, 1, 1_000_000_000L);
    return new LoadSpec.OpenLoop(rate, poisson, depth, requests);
  }

  /** Requests in flight. */
  static int depth(Settings client) {
    return client.count("depth", 1, 65_536);
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
