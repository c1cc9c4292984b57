package dev.mapstorm.load.scenario;

import dev.mapstorm.actors.spec.ClientSpec;
import dev.mapstorm.load.text.TextFormatException;
import dev.mapstorm.load.trace.TraceSummary;
import dev.mapstorm.persistence.store.ReadProgress;
import dev.mapstorm.protocol.MapApi;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** Clients that repeat a kernel trace, one for each traced device. */
final class TracedClients implements Clients {
  /** Virtual time after the last request, in which what is late can end. */
  static final long TAIL_NS = 10_000_000;

  private final TraceRecording recording;
  private final List<ClientSpec> specs;

  private TracedClients(TraceRecording recording, MapApi api, long batchCapacity) {
    this.recording = recording;
    List<ClientSpec> clients = new ArrayList<>();
    for (TraceRecording.Device device : recording.devices()) {
      clients.add(
          new ClientSpec.Recorded(
              device.name(), clients.size(), device.requests(), api, batchCapacity));
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
    long capacity = ClientReader.capacity(client);
    Path file = settings.path("trace");
    TracedClients clients =
        new TracedClients(
            files == RequestFiles.READ && !settings.isFromEnvironment("trace")
                ? TraceRecording.read(file, progress)
                : unquoted(settings, file, progress),
            api,
            capacity);
    List<String> expected = devices(settings);
    if (!expected.isEmpty() && !expected.equals(clients.devices())) {
      throw settings.wrong(
          "trace-devices",
          "%s has the devices %s, not %s".formatted(file, clients.devices(), expected));
    }
    return clients;
  }

  /** The trace in a file that somebody else named: what is no trace must not be told. */
  private static TraceRecording unquoted(Settings settings, Path file, ReadProgress progress) {
    if (!Files.isRegularFile(file)) {
      throw settings.wrong("trace", file + " is no file");
    }
    try {
      return TraceRecording.read(file, progress);
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
        "trace of %d devices on %d CPUs, %s: %d maps, %d unmaps in %d lines"
            .formatted(
                specs.size(),
                summary.cpus(),
                summary.policy().label(),
                summary.maps() + summary.unnamedMaps(),
                summary.unmaps() + summary.unnamedUnmaps(),
                summary.reading().lines()));
    summary.reading().text().forEach(note -> notes.add("trace: " + note));
    count(
        notes,
        summary.unnamedMaps(),
        "mappings that no dma event names (Linux before 6.12, two-step calls, IOMMU API):"
            + " asked by a client of their own, through the DMA API");
    count(notes, summary.failedCalls(), "DMA calls that failed, left out");
    count(notes, summary.oversizeMaps(), "mappings of no bytes, or of 2 GiB and more, left out");
    count(notes, summary.lostEvents(), "events that the kernel dropped while tracing");
    count(notes, summary.unmatchedUnmaps(), "unmaps of what was mapped before the trace, left out");
    count(notes, summary.listsWithoutLengths(), "lists without lengths, left out");
    count(
        notes,
        summary.unmatchedPageTableWrites(),
        "page-table writes that belong to no traced DMA call, left out");
    return notes;
  }

  private static void count(List<String> notes, long count, String what) {
    if (count > 0) {
      notes.add("trace: " + count + " " + what);
    }
  }
}
