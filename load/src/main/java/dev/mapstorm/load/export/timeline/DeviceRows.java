package dev.mapstorm.load.export.timeline;

import dev.mapstorm.load.run.RunOutline;
import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.Hears;
import dev.mapstorm.protocol.event.PartialSink;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Requests at their devices, the translations within them, and queue depths. Not thread-safe. */
@Hears({EventKind.SUBMITTED, EventKind.TRANSLATED, EventKind.FAULTED, EventKind.COMPLETED})
final class DeviceRows extends PartialSink {
  private final Canvas canvas;
  private final RunOutline run;
  private final Requests requests;
  private final SortedMap<Integer, Row> rows = new TreeMap<>();

  private record Row(ClientLanes lanes, Count depth) {}

  DeviceRows(Canvas canvas, RunOutline run, Requests requests) {
    this.canvas = canvas;
    this.run = run;
    this.requests = requests;
  }

  private Row row(int device) {
    return rows.computeIfAbsent(
        device,
        number -> {
          String name = run.device(number);
          return new Row(
              new ClientLanes(canvas, run, name + " requests"),
              new Count(canvas, Track.Kind.COUNT, name + " queue depth"));
        });
  }

  @Override
  public void submitted(long t, int device, int client, long op) {
    Request request = requests.of(client, op);
    Arguments arguments = new Arguments().number("client", client).number("request", op);
    Flow flow = request.flow(Flow.Step.THROUGH);
    request.submitted(
        device, row(device).lanes().of(client).begin(t, run.client(client), arguments, flow));
    row(device).depth().add(t, 1);
  }

  @Override
  public void translated(
      long t,
      int device,
      int iommu,
      int client,
      long op,
      long pages,
      long hits,
      long reads,
      long stallNs) {
    int lane = lane(device, client, op);
    if (lane != Request.NONE && stallNs > 0) {
      Arguments arguments =
          new Arguments()
              .number("unit", iommu)
              .number("pages", pages)
              .number("iotlb_hits", hits)
              .number("table_reads", reads);
      row(device).lanes().of(client).part(lane, t, t + stallNs, "translate", arguments);
    }
  }

  @Override
  public void faulted(long t, int device, int client, long op, long pfn, int error) {
    int lane = lane(device, client, op);
    if (lane != Request.NONE) {
      Arguments arguments =
          new Arguments()
              .address("iova", pfn << Granule.SHIFT)
              .text("error", DmaError.of(error).label());
      row(device).lanes().of(client).instant(lane, t, "fault", arguments);
    }
  }

  @Override
  public void completed(long t, int device, int client, long op) {
    int lane = lane(device, client, op);
    if (lane != Request.NONE) {
      row(device).lanes().of(client).end(lane, t);
      row(device).depth().add(t, -1);
      requests.of(client, op).completed();
    }
  }

  private int lane(int device, int client, long op) {
    Optional<Request> request = requests.find(client, op);
    return request.map(each -> each.lane(device)).orElse(Request.NONE);
  }

  /** The window has opened. */
  void opened() {
    rows.values().forEach(row -> row.lanes().opened());
    rows.values().forEach(row -> row.depth().opened());
  }

  /** The trace ends. */
  void finish(long t) {
    rows.values().forEach(row -> row.lanes().finish(t));
  }
}
