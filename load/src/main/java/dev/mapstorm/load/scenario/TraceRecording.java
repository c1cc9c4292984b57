package dev.mapstorm.load.scenario;

import dev.mapstorm.actors.spec.RecordedRequests;
import dev.mapstorm.actors.spec.RecordedRequestsBuilder;
import dev.mapstorm.load.trace.RequestStream;
import dev.mapstorm.load.trace.TraceClock;
import dev.mapstorm.load.trace.TraceRequest;
import dev.mapstorm.load.trace.TraceSummary;
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
   * @throws dev.mapstorm.load.text.TextFormatException if the file is no trace
   * @throws ScenarioException if there is nothing to repeat in it
   */
  static TraceRecording read(Path file) {
    Map<String, Columns> devices = new LinkedHashMap<>();
    long first = -1;
    long last = 0;
    try (RequestStream stream = RequestStream.open(file)) {
      while (stream.hasNext()) {
        TraceRequest request = stream.next();
        first = first < 0 ? request.timeNs() : first;
        last = request.timeNs() - first;
        checkCpu(file, request.cpu());
        devices.computeIfAbsent(request.device(), name -> new Columns()).add(request, last);
      }
      // Their own column: they are known only at the end, and their instants are not late.
      for (TraceRequest request : stream.unnamed()) {
        first = first < 0 ? request.timeNs() : first;
        long instant = Math.max(request.timeNs() - first, 0);
        last = Math.max(last, instant);
        checkCpu(file, request.cpu());
        devices.computeIfAbsent(request.device(), name -> new Columns()).add(request, instant);
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
      if (devices.size() > Limits.DEVICES) {
        throw new ScenarioException(
            "%s: the trace has %d devices; a machine has at most %d"
                .formatted(file, devices.size(), Limits.DEVICES));
      }
      List<Device> found = new ArrayList<>();
      devices.forEach((name, columns) -> found.add(new Device(name, columns.requests())));
      return new TraceRecording(List.copyOf(found), stream.summary(), last);
    }
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
