package dev.mapstorm.load.export.timeline;

import dev.mapstorm.load.run.RunOutline;
import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.persistence.inflight.Mapping;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.Hears;
import dev.mapstorm.protocol.event.PartialSink;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The mappings of each domain, from mapped to unmapped, and their bytes. Not thread-safe. */
@Hears({EventKind.MAPPED, EventKind.UNMAPPED})
final class MappingRows extends PartialSink {
  private final Canvas canvas;
  private final RunOutline run;
  private final Requests requests;
  private final InFlight inFlight;
  private final SortedMap<Integer, Row> rows = new TreeMap<>();

  /** TrackPool are by mapping. */
  private record Row(ClientLanes lanes, Count bytes, Map<Long, Integer> laneOf) {}

  MappingRows(Canvas canvas, RunOutline run, Requests requests, InFlight inFlight) {
    this.canvas = canvas;
    this.run = run;
    this.requests = requests;
    this.inFlight = inFlight;
  }

  private Row row(int domain) {
    return rows.computeIfAbsent(
        domain,
        number ->
            new Row(
                new ClientLanes(canvas, run, "domain " + number + " mappings"),
                new Count(canvas, Track.Kind.BYTES, "domain " + number + " mapped bytes"),
                new HashMap<>()));
  }

  @Override
  public void mapped(
      long t, int domain, long call, long pfn, long pages, int offset, long bytes, int vectors) {
    Mapping mapping = inFlight.mapping(domain, call);
    int client = mapping.client();
    Arguments arguments =
        new Arguments()
            .address("iova", (pfn << Granule.SHIFT) + offset)
            .number("bytes", bytes)
            .number("pages", pages)
            .number("vectors", vectors)
            .number("client", client)
            .number("request", mapping.op());
    Row row = row(domain);
    int lane = row.lanes().of(client).begin(t, run.client(client), arguments, Flow.NONE);
    row.bytes().add(t, bytes);
    row.laneOf().put(call, lane);
    requests.of(client, mapping.op()).mapped();
  }

  @Override
  public void unmapped(long t, int domain, long call) {
    long id = inFlight.call(domain, call).mapping();
    Mapping mapping = inFlight.mapping(domain, id);
    Row row = row(domain);
    Integer lane = row.laneOf().remove(id);
    if (lane != null) {
      row.lanes().of(mapping.client()).end(lane, t);
      row.bytes().add(t, -mapping.bytes());
      requests.find(mapping.client(), mapping.op()).ifPresent(Request::unmapped);
    }
  }

  /** The window has opened. */
  void opened() {
    rows.values().forEach(row -> row.lanes().opened());
    rows.values().forEach(row -> row.bytes().opened());
  }

  /** The trace ends. */
  void finish(long t) {
    rows.values().forEach(row -> row.lanes().finish(t));
  }
}
