package dev.mapstorm.load.scenario;

import dev.mapstorm.actors.spec.BatchSize;
import dev.mapstorm.actors.spec.ClientSpec;
import dev.mapstorm.load.text.TextFormatException;
import dev.mapstorm.load.trace.TraceSummary;
import dev.mapstorm.persistence.store.ReadProgress;
import dev.mapstorm.persistence.text.Units;
import dev.mapstorm.protocol.IommuMode;
import dev.mapstorm.protocol.MapApi;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalLong;

/** Clients that repeat a kernel trace, one for each traced device. */
final class TracedClients implements Clients {
  /** Virtual time after the last request, in which what is late can end. */
  static final long TAIL_NS = 10_000_000;

  private final TraceRecording recording;
  private final List<ClientSpec> specs;

  private TracedClients(TraceRecording recording, MapApi api, BatchSize batch) {
    this.recording = recording;
    List<ClientSpec> clients = new ArrayList<>();
    for (TraceRecording.Device device : recording.devices()) {
      clients.add(
          new ClientSpec.Recorded(device.name(), clients.size(), device.requests(), api, batch));
    }
    specs = List.copyOf(clients);
  }

  /**
   * Reads the trace that the scenario names.
   *
   * @param files whether it may be quoted
   * @param progress hears how far it is
   */
  static TracedClients read(Settings settings, RequestFiles files, ReadProgress progress) {
    Settings client = settings.section("client");
    MapApi api = api(client);
    BatchSize batch = ClientReader.batch(client);
    boolean keepIovas = keepsIovas(settings, api);
    Path file = settings.path("trace");
    TracedClients clients =
        new TracedClients(
            files == RequestFiles.READ && !settings.isFromEnvironment("trace")
                ? TraceRecording.read(file, keepIovas, progress)
                : unquoted(settings, file, keepIovas, progress),
            api,
            batch);
    List<String> expected = devices(settings);
    if (!expected.isEmpty() && !expected.equals(clients.devices())) {
      throw settings.wrong(
          "trace-devices",
          "%s has the devices %s, not %s".formatted(file, clients.devices(), expected));
    }
    return clients;
  }

  /** Whether the mappings of the trace have their addresses again. */
  private static boolean keepsIovas(Settings settings, MapApi api) {
    boolean keeps = settings.flag("keep-iovas");
    if (keeps && api != null) {
      throw settings.wrong("keep-iovas", "needs client.api = recorded, is " + api.label());
    }
    if (keeps && !settings.section("iommu").is("mode", IommuMode.STRICT.label())) {
      throw settings.wrong(
          "keep-iovas",
          "needs iommu.mode = strict: addresses are given by the IOMMU API, which has no other"
              + " mode");
    }
    return keeps;
  }

  /** The trace in a file that somebody else named: what is no trace must not be told. */
  private static TraceRecording unquoted(
      Settings settings, Path file, boolean keepIovas, ReadProgress progress) {
    if (!Files.isRegularFile(file)) {
      throw settings.wrong("trace", file + " is no file");
    }
    try {
      return TraceRecording.read(file, keepIovas, progress);
    } catch (TextFormatException | ScenarioException e) {
      throw settings.wrong("trace", file + " is no kernel trace that can be repeated");
    }
  }

  /** How recorded clients map; null for the way each request was recorded with. */
  static MapApi api(Settings client) {
    return client.is("api", "recorded") ? null : ClientReader.api(client);
  }

  /** Names of the devices that the scenario says were traced. */
  static List<String> devices(Settings settings) {
    // The elements of a mix have none: a trace is that of one machine.
    return settings.has("trace-devices")
        ? settings.list("trace-devices").unwrapped().stream().map(String::valueOf).toList()
        : List.of();
  }

  @Override
  public List<ClientSpec> specs(int host) {
    return specs;
  }

  @Override
  public List<String> devices() {
    return recording.devices().stream().map(TraceRecording.Device::name).toList();
  }

  @Override
  public BitSet unmanagedDevices() {
    BitSet unmanaged = new BitSet();
    for (int device = 0; device < recording.devices().size(); device++) {
      unmanaged.set(device, recording.devices().get(device).requests().isUnmanaged());
    }
    return unmanaged;
  }

  @Override
  public int cpus() {
    return recording.summary().cpus();
  }

  @Override
  public OptionalLong spanNs() {
    return OptionalLong.of(recording.spanNs() + TAIL_NS);
  }

  /** What the trace is, and what of it cannot be repeated. */
  List<String> notes() {
    TraceSummary summary = recording.summary();
    List<String> notes = new ArrayList<>();
    notes.add(
        "trace of %s on %s, %s: %s, %s in %s"
            .formatted(
                Units.things(specs.size(), "device"),
                Units.things(summary.cpus(), "CPU"),
                summary.policy().label(),
                Units.things(summary.maps() + summary.unnamedMaps() + summary.iommuMaps(), "map"),
                Units.things(
                    summary.unmaps() + summary.unnamedUnmaps() + summary.iommuUnmaps(), "unmap"),
                Units.things(summary.reading().lines(), "line")));
    summary.reading().text().forEach(note -> notes.add("trace: " + note));
    if (recording.keepsIovas()) {
      notes.add(
          "trace: mappings have the addresses of the trace; no allocator runs, so nothing is said"
              + " of one");
    }
    count(
        notes,
        summary.unnamedMaps(),
        "mapping",
        "that no dma event names (Linux before 6.12, two-step calls):"
            + " asked by a client of its own, through the DMA API");
    count(
        notes,
        summary.iommuMaps(),
        "mapping",
        "by the IOMMU API (VFIO, iommufd, GPU): made at the trace's address, in a domain"
            + " without an allocator");
    count(notes, recording.splitMaps(), "mapping", "above 1 GiB, made in pieces of 1 GiB");
    count(
        notes,
        recording.presumedUnmaps(),
        "mapping",
        "at an address that another one still had: that one is unmapped then");
    count(notes, summary.failedCalls(), "DMA call", "that failed, left out");
    count(notes, summary.oversizeMaps(), "mapping", "of no bytes, left out");
    count(notes, summary.lostEvents(), "event", "that the kernel dropped while tracing");
    count(
        notes,
        summary.standingMaps(),
        "mapping",
        "from before the trace, of unknown physical address: made at the start");
    count(notes, summary.unmatchedUnmaps(), "unmap", "of what the trace has not mapped, left out");
    count(notes, summary.listsWithoutLengths(), "list", "without lengths, left out");
    count(
        notes,
        summary.unmatchedPageTableWrites(),
        "page-table write",
        "of no traced DMA call, left out");
    return notes;
  }

  private static void count(List<String> notes, long count, String thing, String what) {
    if (count > 0) {
      notes.add("trace: " + Units.things(count, thing) + " " + what);
    }
  }
}
