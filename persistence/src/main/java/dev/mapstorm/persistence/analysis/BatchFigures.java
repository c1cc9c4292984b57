package dev.mapstorm.persistence.analysis;

import dev.mapstorm.persistence.replay.LongIntMap;
import dev.mapstorm.protocol.MapApi;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * What mappings of a host cost, by API and by their pages. A mapping counts once it was taken back,
 * so that both of its calls are known.
 */
final class BatchFigures {
  /** A size is at the knee when its cost per page is at most 11/10 of the best. */
  private static final int KNEE_TENTHS = 11;

  private static final int PAGES_BITS = 48;

  private final LongIntMap indexOfRow = new LongIntMap();
  private final List<Row> rows = new ArrayList<>();
  private LiveMappings[] domains = new LiveMappings[4];

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

    AnalysisResult.BatchSize result() {
      return new AnalysisResult.BatchSize(
          pages,
          mappings,
          mapCallNs,
          unmapCallNs,
          Ratio.picosecondsEach(mapCallNs + unmapCallNs, mappings * pages),
          latency.distribution());
    }
  }

  /** The mappings of one domain, by their numbers, which are reused and so stay small. */
  private static final class LiveMappings {
    /** One more than the row; 0 for none. */
    int[] row = new int[64];

    long[] callNs = new long[64];

    void reach(int mapping) {
      if (mapping >= row.length) {
        int n = Math.max(mapping + 1, row.length * 2);
        row = Arrays.copyOf(row, n);
        callNs = Arrays.copyOf(callNs, n);
      }
    }
  }

  private LiveMappings of(int domain) {
    if (domain >= domains.length) {
      domains = Arrays.copyOf(domains, Math.max(domain + 1, domains.length * 2));
    }
    if (domains[domain] == null) {
      domains[domain] = new LiveMappings();
    }
    return domains[domain];
  }

  private int index(int api, long pages) {
    long key = (long) api << PAGES_BITS | pages;
    int index = indexOfRow.get(key);
    if (index == LongIntMap.ABSENT) {
      index = rows.size();
      rows.add(new Row(api, pages));
      indexOfRow.put(key, index);
    }
    return index;
  }

  /** A mapping of {@code pages} came to be; returns its row. */
  int mapped(int domain, int mapping, int api, long pages, long callNs) {
    int index = index(api, pages);
    LiveMappings live = of(domain);
    live.reach(mapping);
    live.row[mapping] = index + 1;
    live.callNs[mapping] = callNs;
    return index;
  }

  /** A mapping was taken back. */
  void unmapped(int domain, int mapping, long callNs) {
    LiveMappings live = of(domain);
    live.reach(mapping);
    if (live.row[mapping] > 0) {
      Row row = rows.get(live.row[mapping] - 1);
      row.mappings++;
      row.mapCallNs += live.callNs[mapping];
      row.unmapCallNs += callNs;
      live.row[mapping] = 0;
    }
  }

  /** A request whose first mapping has that row is done. */
  void done(int index, long latencyNs) {
    rows.get(index).latency.record(latencyNs);
  }

  /** All hosts together, by API. */
  static List<AnalysisResult.BatchSizes> result(List<BatchFigures> hosts) {
    BatchFigures sum = new BatchFigures();
    for (BatchFigures host : hosts) {
      for (Row row : host.rows) {
        sum.rows.get(sum.index(row.api, row.pages)).add(row);
      }
    }
    List<AnalysisResult.BatchSizes> result = new ArrayList<>();
    for (MapApi api : MapApi.values()) {
      List<AnalysisResult.BatchSize> sizes =
          sum.rows.stream()
              .filter(row -> row.api == api.ordinal())
              .map(Row::result)
              .sorted(Comparator.comparingLong(AnalysisResult.BatchSize::pages))
              .toList();
      if (!sizes.isEmpty()) {
        result.add(withKnee(api.label(), sizes));
      }
    }
    return List.copyOf(result);
  }

  private static AnalysisResult.BatchSizes withKnee(
      String api, List<AnalysisResult.BatchSize> sizes) {
    AnalysisResult.BatchSize best = null;
    for (AnalysisResult.BatchSize size : sizes) {
      if (size.mappings() > 0 && (best == null || size.psPerPage() < best.psPerPage())) {
        best = size;
      }
    }
    if (best == null) {
      return new AnalysisResult.BatchSizes(api, 0, 0, sizes);
    }
    for (AnalysisResult.BatchSize size : sizes) {
      if (size.mappings() > 0 && size.psPerPage() * 10 <= best.psPerPage() * KNEE_TENTHS) {
        return new AnalysisResult.BatchSizes(api, size.pages(), best.pages(), sizes);
      }
    }
    throw new IllegalStateException("the best size is no candidate for the knee");
  }
}
