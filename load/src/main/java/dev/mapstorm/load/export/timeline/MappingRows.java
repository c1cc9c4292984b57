package dev.mapstorm.load.export.timeline;

import dev.mapstorm.load.run.RunOutline;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.event.EventSink;
import java.util.SortedMap;
import java.util.TreeMap;

/** The mappings of each domain, from mapped to unmapped, and their bytes. Not thread-safe. */
final class MappingRows implements EventSink {
  private final Canvas canvas;
  private final RunOutline run;
  private final Requests requests;
  private final SortedMap<Integer, Row> rows = new TreeMap<>();

  private record Row(ClientLanes lanes, Count bytes) {}

  MappingRows(Canvas canvas, RunOutline run, Requests requests) {
    this.canvas = canvas;
    this.run = run;
    this.requests = requests;
  }

  private Row row(int domain) {
    return rows.computeIfAbsent(
        domain,
        number ->
            new Row(
                new ClientLanes(canvas, run, "domain " + number + " mappings"),
                new Count(canvas, Track.Kind.BYTES, "domain " + number + " mapped bytes")));
  }

  @Override
  public void mapped(
      long t,
      int domain,
      int client,
      long op,
      int mapping,
      long pfn,
      int offset,
      long bytes,
      int vectors,
      long callNs) {
    Arguments arguments =
        new Arguments()
            .address("iova", (pfn << Granule.SHIFT) + offset)
            .number("bytes", bytes)
            .number("pages", Granule.spanned((pfn << Granule.SHIFT) + offset, bytes))
            .number("vectors", vectors)
            .number("client", client)
            .number("request", op);
    int lane = row(domain).lanes().of(client).begin(t, run.client(client), arguments, Flow.NONE);
    row(domain).bytes().add(t, bytes);
    requests.of(client, op).mapped(new Request.Mapping(mapping, lane, bytes));
  }

  @Override
  public void unmapped(long t, int domain, int client, long op, int mapping, int cpu, long callNs) {
    Row row = row(domain);
    requests
        .find(client, op)
        .flatMap(request -> request.unmapped(mapping))
        .ifPresent(
            known -> {
              row.lanes().of(client).end(known.lane(), t);
              row.bytes().add(t, -known.bytes());
            });
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
