package dev.mapstorm.load.scenario;

import dev.mapstorm.actors.spec.RecordedRequests;
import dev.mapstorm.actors.spec.RecordedRequestsBuilder;
import dev.mapstorm.load.text.CountedInput;
import dev.mapstorm.load.text.TextLines;
import dev.mapstorm.load.trace.RequestStream;
import dev.mapstorm.load.trace.TraceClock;
import dev.mapstorm.load.trace.TraceRequest;
import dev.mapstorm.load.trace.TraceSummary;
import dev.mapstorm.persistence.store.ReadProgress;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.Limits;
import dev.mapstorm.protocol.MapApi;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The requests of a kernel trace, device by device, as clients can repeat them.
 *
 * @param devices in order of appearance
 * @param summary of the trace
 * @param spanNs from the first request to the last
 * @param keepsIovas whether all mappings have the addresses of the trace
 * @param splitMaps mappings of one range that are made in several, since they are above 1 GiB
 * @param presumedUnmaps mappings that were at an address when another one came there
 */
record TraceRecording(
    List<Device> devices,
    TraceSummary summary,
    long spanNs,
    boolean keepsIovas,
    long splitMaps,
    long presumedUnmaps) {
  /** What one device was asked. */
  record Device(String name, RecordedRequests requests) {}

  /**
   * Reads a trace.
   *
   * @param keepIovas whether all mappings are to have the addresses of the trace, not only those of
   *     the IOMMU API
   * @param progress hears how far it is, and how many requests there were
   * @throws dev.mapstorm.load.text.TextFormatException if the file is no trace
   * @throws ScenarioException if there is nothing to repeat in it
   */
  static TraceRecording read(Path file, boolean keepIovas, ReadProgress progress) {
    Map<String, Columns> devices = new LinkedHashMap<>();
    long first = -1;
    long last = 0;
    long size = TextLines.sizeOf(file);
    long[] requests = new long[1];
    try (RequestStream stream =
        RequestStream.open(
            file,
            in ->
                new CountedInput(
                    in,
                    bytes ->
                        progress.read(
                            size > 0 ? Math.min(1, (double) bytes / size) : 0, requests[0])))) {
      while (stream.hasNext()) {
        TraceRequest request = stream.next();
        requests[0]++;
        first = first < 0 ? request.timeNs() : first;
        last = request.timeNs() - first;
        checkCpu(file, request.cpu());
        columns(file, stream.line(), devices, request.device(), keepIovas).add(request, last);
      }
      // Their own column: they are known only at the end, and their instants are not late.
      for (TraceRequest request : stream.unnamed()) {
        first = first < 0 ? request.timeNs() : first;
        long instant = Math.max(request.timeNs() - first, 0);
        last = Math.max(last, instant);
        checkCpu(file, request.cpu());
        columns(file, stream.line(), devices, request.device(), keepIovas).add(request, instant);
      }
      TraceClock clock = stream.summary().reading().clock();
      if (!clock.tellsTime()) {
        throw new ScenarioException(
            "%s: %s; record with trace_clock mono to run it"
                .formatted(
                    file,
                    clock == TraceClock.TICKS
                        ? "its timestamps are ticks of a clock of unknown rate, not times"
                        : "it has no timestamps"));
      }
      if (devices.isEmpty()) {
        throw new ScenarioException(file + ": the trace holds no DMA request");
      }
      List<Device> found = new ArrayList<>();
      devices.forEach((name, columns) -> found.add(new Device(name, columns.requests())));
      long split = devices.values().stream().mapToLong(columns -> columns.split).sum();
      long presumed = devices.values().stream().mapToLong(columns -> columns.presumed).sum();
      return new TraceRecording(
          List.copyOf(found), stream.summary(), last, keepIovas, split, presumed);
    }
  }

  /** Those of a device; refuses the first one that a machine cannot have, where it is met. */
  private static Columns columns(
      Path file, long line, Map<String, Columns> devices, String device, boolean keepIovas) {
    Columns known = devices.get(device);
    if (known != null) {
      return known;
    }
    if (devices.size() == Limits.DEVICES) {
      throw new ScenarioException(
          "%s:%d: %s is device %d of the trace, and a machine has at most %d"
              .formatted(file, line, device, Limits.DEVICES + 1, Limits.DEVICES));
    }
    Columns columns = new Columns(keepIovas);
    devices.put(device, columns);
    return columns;
  }

  private static void checkCpu(Path file, int cpu) {
    if (cpu >= Limits.CPUS) {
      throw new ScenarioException(
          "%s: a request of CPU %d; CPUs 0 to %d can be repeated"
              .formatted(file, cpu, Limits.CPUS - 1));
    }
  }

  /** The entries of one device as they come. */
  private static final class Columns {
    private final RecordedRequestsBuilder entries = new RecordedRequestsBuilder();
    private final Map<Long, Integer> live = new HashMap<>();
    private final Map<Long, Long> iovas = new HashMap<>();
    private final boolean keepIovas;

    /** Mappings with an address, by where they start. */
    private final TreeMap<Long, Placed> placed = new TreeMap<>();

    private int nextOp;
    private long split;
    private long presumed;

    /** A mapping that has an address: its number in the trace and where it ends. */
    private record Placed(long id, long end) {}

    Columns(boolean keepIovas) {
      this.keepIovas = keepIovas;
    }

    /** Puts a mapping at its address; what still is there is released first. */
    private void place(TraceRequest.Map map, long instant) {
      long end = map.iova() + map.granules() * Granule.BYTES;
      Long from = placed.floorKey(map.iova());
      if (from == null || placed.get(from).end() <= map.iova()) {
        from = map.iova();
      }
      Map<Long, Placed> there = placed.subMap(from, end);
      for (Placed each : there.values()) {
        entries.released(instant, live.remove(each.id()), map.cpu());
        presumed++;
      }
      there.clear();
      placed.put(map.iova(), new Placed(map.id(), end));
    }

    void add(TraceRequest request, long instant) {
      if (request instanceof TraceRequest.Map map) {
        boolean hasIova = map.iova() >= 0 && (keepIovas || map.kind() == MapApi.IOMMU);
        if (hasIova && !map.stands()) {
          place(map, instant);
        }
        split += map.kind() == MapApi.PAGE && map.len().length > 1 ? 1 : 0;
        if (map.stands()) {
          entries.stood(nextOp, request.cpu());
        } else {
          entries.arrived(instant, nextOp, request.cpu());
        }
        entries.told(
            nextOp,
            map.direction().ordinal(),
            map.kind().ordinal(),
            map.phys().length,
            map.phys(),
            map.len());
        if (hasIova) {
          entries.placed(nextOp, map.iova());
          iovas.put(request.id(), map.iova());
        }
        live.put(request.id(), nextOp++);
        return;
      }
      Integer op = live.remove(request.id());
      Long iova = iovas.remove(request.id());
      if (op != null) {
        entries.released(instant, op, request.cpu());
        if (iova != null) {
          placed.remove(iova);
        }
      }
    }

    RecordedRequests requests() {
      return entries.build();
    }
  }
}
