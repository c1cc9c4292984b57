package dev.mapstorm.load.scenario;

import dev.mapstorm.actors.spec.BatchSize;
import dev.mapstorm.actors.spec.ClientSpec;
import dev.mapstorm.actors.spec.KeptSpec;
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
 * Reads groups of clients; each client gets the next CPU, or the next two.
 *
 * @param <C> what is made of a client
 */
final class ClientReader<C> {
  private static final Map<String, MapApi> APIS =
      Settings.labelled(
          Stream.of(MapApi.PAGE, MapApi.SG, MapApi.BATCH, MapApi.IOVA, MapApi.IOMMU),
          MapApi::label);
  private static final long MAX_BYTES = 1L << 30;
  private static final int MAX_BATCH_VECTORS = 1 << 20;
  private static final long MAX_IOVA = (1L << 57) - 1;

  /** Requests that may find room in the kept buffers of one client. */
  private static final long MAX_PARTS = 1L << 24;

  private final int devices;
  private final Maker<C> maker;
  private final List<C> clients = new ArrayList<>();
  private int nextCpu;

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
     */
    C make(Settings client, String name, int device, ClientCpus cpus, MapApi api, BatchSize batch);
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
      Settings client, String name, int device, ClientCpus cpus, MapApi api, BatchSize batch) {
    LoadSpec load = load(client);
    WorkloadSpec workload = at(workload(client), client, api, load, cpus.inGroup());
    long room = (long) workload.buffers() * workload.requestsInBuffer();
    if (workload.kept() != null && load.depth() > room) {
      throw client.wrong(
          "depth",
          "%d requests do not find room in the buffers that stay mapped, which hold %d"
              .formatted(load.depth(), room));
    }
    return new ClientSpec.Synthetic(
        name,
        device,
        cpus.submits(),
        cpus.completes(),
        api,
        batch,
        load,
        workload,
        BlockReader.read(client, api, workload),
        RegionReader.read(client, api, workload));
  }

  /** With the IOMMU API, the addresses of a client: those of its group follow each other. */
  private static WorkloadSpec at(
      WorkloadSpec workload, Settings client, MapApi api, LoadSpec load, int inGroup) {
    long first = client.whole("iova", 0, MAX_IOVA);
    if (api != MapApi.IOMMU) {
      if (first != 0) {
        throw client.wrong("iova", "has a meaning only with api = iommu");
      }
      return workload;
    }
    if (Granule.offset(first) != 0) {
      throw client.wrong("iova", "must be a multiple of 4096, is 0x%x".formatted(first));
    }
    if (workload.offset() != 0) {
      throw client.wrong("offset", "must be 0 with api = iommu, which maps whole pages");
    }
    int places = workload.kept() == null ? load.depth() : workload.buffers();
    long region = workload.iovaOf(places) - workload.iovaOf(0);
    return workload.at(first + inGroup * region);
  }

  /** What such a client asks for, and when, in words. */
  static String outline(Settings client) {
    WorkloadSpec workload = workload(client);
    int reads = workload.readPercent();
    String what =
        reads == 100 ? "reads" : reads == 0 ? "writes" : "requests (%d %% reads)".formatted(reads);
    LoadSpec load = load(client);
    if (load instanceof LoadSpec.Idle) {
      return "%s of %s that stay mapped"
          .formatted(
              Units.things(workload.buffers(), "buffer"), Units.bytes(workload.mappedBytes()));
    }
    String when =
        load instanceof LoadSpec.OpenLoop open
            ? "%s/s".formatted(Units.count(open.perSecond()))
            : "depth " + depth(client);
    String where = workload.kept() == null ? "" : " in buffers that stay mapped";
    return "%s %s%s, %s".formatted(Units.bytes(workload.bytes()), what, where, when);
  }

  /** All clients so far, in the order of their numbers. */
  List<C> clients() {
    return clients;
  }

  /** Adds {@code count} clients that are alike. */
  void group(Settings client, int count) {
    String name = client.text("name");
    MapApi api = api(client);
    BatchSize batch = batch(client);
    boolean apart = client.choice("completion-cpu", Map.of("same", false, "own", true));
    for (int i = 0; i < count; i++) {
      String numbered = count == 1 ? name : name + i;
      int number = clients.size();
      int cpu = nextCpu++;
      ClientCpus cpus = new ClientCpus(number, i, cpu, apart ? nextCpu++ : cpu);
      clients.add(maker.make(client, numbered, device(client, number), cpus, api, batch));
    }
  }

  /** CPUs that all clients so far run on. */
  int cpus() {
    return nextCpu;
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
    if (client.is("rate", "none")) {
      if (!keeps(client)) {
        throw client.wrong("rate", "none asks for nothing, and needs map = once");
      }
      return new LoadSpec.Idle();
    }
    long rate = client.quantity("rate", Quantity.RATE, 1, 1_000_000_000L);
    return new LoadSpec.OpenLoop(rate, poisson, depth, requests);
  }

  /** Requests in flight. */
  static int depth(Settings client) {
    return client.count("depth", 1, 1 << 20);
  }

  private static WorkloadSpec workload(Settings client) {
    int bytes = (int) client.quantity("bs", Quantity.SIZE, 1, MAX_BYTES);
    long segment = client.quantity("segment", Quantity.SIZE, Granule.BYTES, MAX_BYTES);
    if (segment % Granule.BYTES != 0) {
      throw client.wrong("segment", segment + " bytes are no whole number of 4 KiB pages");
    }
    int buffers = client.count("buffers", 0, 1 << 20);
    KeptSpec kept = kept(client, bytes, buffers);
    int piece = (int) Math.min(segment, kept == null ? bytes : kept.bufferBytes());
    return new WorkloadSpec(
        bytes,
        piece,
        client.count("read-percent", 0, 100),
        buffers,
        client.count("offset", 0, (int) Granule.BYTES - 1),
        kept,
        0);
  }

  private static boolean keeps(Settings client) {
    return client.choice("map", Map.of("each", false, "once", true));
  }

  /** Which buffers stay mapped; null for none. */
  private static KeptSpec kept(Settings client, int bytes, int buffers) {
    boolean auto = client.is("buffer-size", "auto");
    int size = auto ? bytes : (int) client.quantity("buffer-size", Quantity.SIZE, 1, MAX_BYTES);
    int rounds =
        client.is("buffer-rounds", "unlimited") ? 0 : client.count("buffer-rounds", 1, 1 << 20);
    KeptSpec kept = new KeptSpec(size, client.flag("sync") && api(client) != MapApi.IOMMU, rounds);
    if (!keeps(client)) {
      if (!auto) {
        throw client.wrong("buffer-size", "has a meaning only with map = once");
      }
      if (rounds != 0) {
        throw client.wrong("buffer-rounds", "has a meaning only with map = once");
      }
      return null;
    }
    if (buffers == 0) {
      throw client.wrong("buffers", "must be at least 1 with map = once, which keeps them mapped");
    }
    if (size < bytes) {
      throw client.wrong(
          "buffer-size", "must hold a request of %d bytes, is %d".formatted(bytes, size));
    }
    if ((long) buffers * (size / bytes) > MAX_PARTS) {
      throw client.wrong(
          "buffers",
          "%d buffers for %d requests each are more than %d places for requests"
              .formatted(buffers, size / bytes, MAX_PARTS));
    }
    return kept;
  }

  /** How clients map. */
  static MapApi api(Settings client) {
    return client.choice("api", APIS);
  }

  /** Bytes that a batch starts with; a batch takes no more than its request needs. */
  static BatchSize batch(Settings client) {
    Settings batch = client.section("batch");
    return new BatchSize(
        batch.is("capacity", "auto")
            ? MAX_BYTES
            : batch.quantity("capacity", Quantity.SIZE, Granule.BYTES, MAX_BYTES),
        batch.is("vectors", "auto")
            ? BatchSize.UNLIMITED
            : batch.count("vectors", 1, MAX_BATCH_VECTORS));
  }
}
