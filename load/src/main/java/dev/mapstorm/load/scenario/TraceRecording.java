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
import dev.mapstorm.protocol.Limits;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The requests of a kernel trace, device by device, as clients can repeat them.
 *
 * @param devices in order of appearance
 * @param summary of the trace
 * @param spanNs from the first request to the last
 */
record TraceRecording(List<Device> devices, TraceSummary summary, long spanNs) {
  /** What one device was asked. */
  record Device(String name, RecordedRequests requests) {}

  /**
   * Reads a trace.
   *
   * @param progress hears how far it is, and how many requests there were
   * @throws dev.mapstorm.load.text.TextFormatException if the file is no trace
   * @throws ScenarioException if there is nothing to repeat in it
   */
  static TraceRecording read(Path file, ReadProgress progress) {
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
        columns(file, stream.line(), devices, request.device()).add(request, last);
      }
      // Their own column: they are known only at the end, and their instants are not late.
      for (TraceRequest request : stream.unnamed()) {
        first = first < 0 ? request.timeNs() : first;
        long instant = Math.max(request.timeNs() - first, 0);
        last = Math.max(last, instant);
        checkCpu(file, request.cpu());
        columns(file, stream.line(), devices, request.device()).add(request, instant);
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
      return new TraceRecording(List.copyOf(found), stream.summary(), last);
    }
  }

  /** Those of a device; refuses the first one that a machine cannot have, where it is met. */
  private static Columns columns(
      Path file, long line, Map<String, Columns> devices, String device) {
    Columns known = devices.get(device);
    if (known != null) {
      return known;
    }
    if (devices.size() == Limits.DEVICES) {
      throw new ScenarioException(
          "%s:%d: %s is device %d of the trace, and a machine has at most %d"
              .formatted(file, line, device, Limits.DEVICES + 1, Limits.DEVICES));
    }
    Columns columns = new Columns();
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
    private int nextOp;

    void add(TraceRequest request, long instant) {
      if (request instanceof TraceRequest.Map map) {
        entries.arrived(instant, nextOp, request.cpu());
        entries.told(
            nextOp,
            map.direction().ordinal(),
            map.kind().ordinal(),
            map.phys().length,
            map.phys(),
            map.len());
        live.put(request.id(), nextOp++);
      } else {
        entries.released(instant, live.remove(request.id()), request.cpu());
      }
    }

    RecordedRequests requests() {
      return entries.build();
    }
  }
}
