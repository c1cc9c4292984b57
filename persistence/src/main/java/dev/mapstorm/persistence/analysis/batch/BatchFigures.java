package dev.mapstorm.persistence.analysis.batch;

import dev.mapstorm.persistence.analysis.HostFigures;
import dev.mapstorm.persistence.analysis.Ratio;
import dev.mapstorm.persistence.analysis.Samples;
import dev.mapstorm.persistence.inflight.Call;
import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.persistence.inflight.Mapping;
import dev.mapstorm.persistence.inflight.Request;
import dev.mapstorm.persistence.primitive.LongIntMap;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.Hears;
import dev.mapstorm.protocol.event.PartialSink;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What mappings of a host cost, by API and by their pages. A mapping counts once it was taken back,
 * so that both of its calls are known.
 */
@Hears({EventKind.MAPPED, EventKind.UNMAPPED, EventKind.REQUEST_DONE})
final class BatchFigures extends PartialSink implements HostFigures {
  /** A size is at the knee when its cost per page is at most 11/10 of the best. */
  private static final int KNEE_TENTHS = 11;

  private static final int PAGES_BITS = 48;

  private final InFlight inFlight;
  private final LongIntMap indexOfRow = new LongIntMap();
  private final List<Row> rows = new ArrayList<>();

  BatchFigures(InFlight inFlight) {
    this.inFlight = inFlight;
  }

  /** The sums of one size. */
  private static final class Row {
    final int api;
    final long pages;
    long mappings;
    long mapCallNs;
    long unmapCallNs;
    final Samples latency = new Samples();

    Row(int api, long pages) {
      this.api = api;
      this.pages = pages;
    }

    void add(Row other) {
      mappings += other.mappings;
      mapCallNs += other.mapCallNs;
      unmapCallNs += other.unmapCallNs;
      latency.add(other.latency);
    }

    BatchAnalysis.BatchSize result() {
      return new BatchAnalysis.BatchSize(
          pages,
          mappings,
          mapCallNs,
          unmapCallNs,
          Ratio.picosecondsEach(mapCallNs + unmapCallNs, mappings * pages),
          latency.distribution());
    }
  }

  @Override
  public void pack() {
    rows.forEach(row -> row.latency.pack());
  }

  private Row row(int api, long pages) {
    long key = (long) api << PAGES_BITS | pages;
    int index = indexOfRow.get(key);
    if (index == LongIntMap.ABSENT) {
      index = rows.size();
      rows.add(new Row(api, pages));
      indexOfRow.put(key, index);
    }
    return rows.get(index);
  }

  private Request request(Mapping mapping) {
    return inFlight.request(mapping.client(), mapping.op());
  }

  @Override
  public void mapped(
      long t, int domain, long call, long pfn, long pages, int offset, long bytes, int vectors) {
    Request request = request(inFlight.mapping(domain, call));
    if (request.isKnown()) {
      row(request.api().ordinal(), pages);
    }
  }

  @Override
  public void unmapped(long t, int domain, long call) {
    Call by = inFlight.call(domain, call);
    Mapping mapping = inFlight.mapping(domain, by.mapping());
    Request request = request(mapping);
    if (request.isKnown()) {
      Row row = row(request.api().ordinal(), mapping.pages());
      row.mappings++;
      row.mapCallNs += mapping.callNs();
      row.unmapCallNs += t - by.since();
    }
  }

  /** Its latency counts for the size of its first mapping. */
  @Override
  public void requestDone(long t, int client, long op, long bytes, long latencyNs) {
    Request request = inFlight.request(client, op);
    if (request.isKnown() && request.mapCallAt() != Request.NEVER) {
      row(request.api().ordinal(), request.firstPages()).latency.record(latencyNs);
    }
  }

  /** All hosts together, by API. */
  static List<BatchAnalysis.BatchSizes> result(List<BatchFigures> hosts) {
    BatchFigures sum = new BatchFigures(new InFlight());
    for (BatchFigures host : hosts) {
      for (Row row : host.rows) {
        sum.row(row.api, row.pages).add(row);
      }
    }
    List<BatchAnalysis.BatchSizes> result = new ArrayList<>();
    for (MapApi api : MapApi.values()) {
      List<BatchAnalysis.BatchSize> sizes =
          sum.rows.stream()
              .filter(row -> row.api == api.ordinal())
              .map(Row::result)
              .sorted(Comparator.comparingLong(BatchAnalysis.BatchSize::pages))
              .toList();
      if (!sizes.isEmpty()) {
        result.add(withKnee(api.label(), sizes));
      }
    }
    return List.copyOf(result);
  }

  private static BatchAnalysis.BatchSizes withKnee(
      String api, List<BatchAnalysis.BatchSize> sizes) {
    BatchAnalysis.BatchSize best = null;
    for (BatchAnalysis.BatchSize size : sizes) {
      if (size.mappings() > 0 && (best == null || size.psPerPage() < best.psPerPage())) {
        best = size;
      }
    }
    if (best == null) {
      return new BatchAnalysis.BatchSizes(api, 0, 0, sizes);
    }
    for (BatchAnalysis.BatchSize size : sizes) {
      if (size.mappings() > 0 && size.psPerPage() * 10 <= best.psPerPage() * KNEE_TENTHS) {
        return new BatchAnalysis.BatchSizes(api, size.pages(), best.pages(), sizes);
      }
    }
    throw new IllegalStateException("the best size is no candidate for the knee");
  }
}
