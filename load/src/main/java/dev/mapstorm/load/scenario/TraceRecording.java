package dev.mapstorm.load.scenario;

import dev.mapstorm.actors.spec.RecordedRequests;
import dev.mapstorm.load.trace.RequestStream;
import dev.mapstorm.load.trace.TraceRequest;
import dev.mapstorm.load.trace.TraceSummary;
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
  /** CPU numbers that a recording can hold. */
  private static final int MAX_CPUS = Byte.MAX_VALUE + 1;

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
      if (devices.isEmpty()) {
        throw new ScenarioException(file + ": the trace holds no DMA request");
      }
      List<Device> found = new ArrayList<>();
      devices.forEach((name, columns) -> found.add(new Device(name, columns.requests())));
      return new TraceRecording(List.copyOf(found), stream.summary(), last);
    }
  }

  private static void checkCpu(Path file, int cpu) {
    if (cpu >= MAX_CPUS) {
      throw new ScenarioException(
          "%s: a request of CPU %d; CPUs 0 to %d can be repeated"
              .formatted(file, cpu, MAX_CPUS - 1));
    }
  }

  /** The entries of one device as they come. */
  private static final class Columns {
    private final List<TraceRequest> requests = new ArrayList<>();
    private final List<Long> instants = new ArrayList<>();
    private final List<Long> ops = new ArrayList<>();
    private final Map<Long, Long> live = new HashMap<>();
    private long nextOp;

    void add(TraceRequest request, long instant) {
      if (request instanceof TraceRequest.Map) {
        ops.add(nextOp);
        live.put(request.id(), nextOp++);
      } else {
        ops.add(live.remove(request.id()));
      }
      requests.add(request);
      instants.add(instant);
    }

    RecordedRequests requests() {
      int n = requests.size();
      RecordedRequests columns =
          new RecordedRequests(
              instants.stream().mapToLong(Long::longValue).toArray(),
              ops.stream().mapToLong(Long::longValue).toArray(),
              new boolean[n],
              new byte[n],
              new byte[n],
              new byte[n],
              new long[n][],
              new int[n][]);
      for (int i = 0; i < n; i++) {
        TraceRequest request = requests.get(i);
        columns.cpu()[i] = (byte) request.cpu();
        if (request instanceof TraceRequest.Map map) {
          columns.direction()[i] = (byte) map.direction().ordinal();
          columns.api()[i] = (byte) map.kind().ordinal();
          columns.phys()[i] = map.phys();
          columns.length()[i] = map.len();
        } else {
          columns.release()[i] = true;
        }
      }
      return columns;
    }
  }
}
