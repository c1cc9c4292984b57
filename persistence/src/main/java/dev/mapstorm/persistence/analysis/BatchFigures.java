package dev.mapstorm.persistence.analysis;

import dev.mapstorm.persistence.replay.LongIntMap;
import dev.mapstorm.persistence.replay.SlotPool;
import dev.mapstorm.protocol.MapApi;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * What mappings of a host cost, by API and by their pages. A mapping counts once it was taken back,
 * so that both of its calls are known. Mapping numbers are reused before the {@code unmapped} event
 * of their last bearer, so live mappings stand in slots, chained by request.
 */
final class BatchFigures {
  /** What {@link #next} says of the last mapping of a request. */
  static final int END = -1;

  /** A size is at the knee when its cost per page is at most 11/10 of the best. */
  private static final int KNEE_TENTHS = 11;

  private static final int PAGES_BITS = 48;

  private final LongIntMap indexOfRow = new LongIntMap();
  private final List<Row> rows = new ArrayList<>();
  private final SlotPool slots = new SlotPool();
  private int[] numbers = new int[64];
  private int[] rowOf = new int[64];
  private int[] following = new int[64];
  private long[] mapCallNs = new long[64];

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

  /** See {@link Samples#pack}. */
  void pack() {
    rows.forEach(row -> row.latency.pack());
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

  /** A mapping of {@code pages} came to be; returns its slot, which ends a chain. */
  int mapped(int mapping, int api, long pages, long callNs) {
    int slot = slots.acquire();
    if (slot >= numbers.length) {
      numbers = Arrays.copyOf(numbers, slot * 2);
      rowOf = Arrays.copyOf(rowOf, slot * 2);
      following = Arrays.copyOf(following, slot * 2);
      mapCallNs = Arrays.copyOf(mapCallNs, slot * 2);
    }
    numbers[slot] = mapping;
    rowOf[slot] = index(api, pages);
    following[slot] = END;
    mapCallNs[slot] = callNs;
    return slot;
  }

  /** The number of the mapping in a slot. */
  int mapping(int slot) {
    return numbers[slot];
  }

  /** The row of the mapping in a slot. */
  int row(int slot) {
    return rowOf[slot];
  }

  /** The pages of the mapping in a slot. */
  long pages(int slot) {
    return rows.get(rowOf[slot]).pages;
  }

  /** The slot behind another in its request's chain, or {@link #END}. */
  int next(int slot) {
    return following[slot];
  }

  /** Puts a slot, or {@link #END}, behind another. */
  void link(int slot, int next) {
    following[slot] = next;
  }

  /** The mapping in a slot was taken back; the slot is free. */
  void unmapped(int slot, long callNs) {
    Row row = rows.get(rowOf[slot]);
    row.mappings++;
    row.mapCallNs += mapCallNs[slot];
    row.unmapCallNs += callNs;
    slots.release(slot);
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
