package dev.mapstorm.load.calibrate;

import dev.mapstorm.load.validate.BenchmarkMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * The lines through runs of dma_map_benchmark: for each mode those of map and of unmap over pages,
 * one thread, and that of strict unmaps of a page over threads. Immutable.
 */
final class BenchmarkLines {
  /** Largest mapping that the IOVA caches hold, in pages. */
  static final int CACHED_PAGES = 32;

  /** A 2 MiB block has another entry. */
  private static final int MOST_PAGES = 511;

  /** Less threads do not keep a queue busy. */
  static final int LEAST_THREADS = 4;

  /** What a line is of. */
  record Of(BenchmarkMode mode, boolean map, boolean overThreads) {
    /** Such as {@code map, lazy, one thread}. */
    String words() {
      return overThreads
          ? "unmap of a page, strict, %d threads and more, divided by them".formatted(LEAST_THREADS)
          : "%s, %s, one thread".formatted(map ? "map" : "unmap", mode.label());
    }
  }

  /**
   * A line.
   *
   * @param cells that it goes through
   * @param measured what they say, in nanoseconds, without the tool's own time
   */
  record Line(LineEstimator estimator, List<BenchmarkCell> cells, double[] measured) {}

  private final Map<Of, Line> lines = new LinkedHashMap<>();

  /**
   * The lines that there are runs enough for.
   *
   * @param ktimeNs what the tool's own clock adds to each mean
   */
  BenchmarkLines(List<BenchmarkCell> cells, double ktimeNs) {
    for (BenchmarkMode mode : BenchmarkMode.values()) {
      List<BenchmarkCell> one =
          cells.stream()
              .filter(cell -> cell.mode() == mode && cell.threads() == 1)
              .filter(cell -> cell.pages() <= MOST_PAGES)
              .toList();
      add(new Of(mode, true, false), one, cell -> cell.mapUs() * 1e3 - ktimeNs);
      add(new Of(mode, false, false), one, cell -> cell.unmapUs() * 1e3 - ktimeNs);
    }
    List<BenchmarkCell> many =
        cells.stream()
            .filter(cell -> cell.mode() == BenchmarkMode.STRICT && cell.pages() == 1)
            .filter(cell -> cell.threads() >= LEAST_THREADS)
            .toList();
    add(
        new Of(BenchmarkMode.STRICT, false, true),
        many,
        cell -> (cell.unmapUs() * 1e3 - ktimeNs) / cell.threads());
  }

  private void add(Of of, List<BenchmarkCell> cells, ToDoubleFunction<BenchmarkCell> ns) {
    List<LineEstimator.Point> points = new ArrayList<>();
    for (BenchmarkCell cell : cells) {
      points.add(
          new LineEstimator.Point(
              of.overThreads() ? cell.threads() : cell.pages(), ns.applyAsDouble(cell)));
    }
    LineEstimator estimator =
        LineEstimator.of(points, of.overThreads() ? Integer.MAX_VALUE : CACHED_PAGES);
    if (estimator != null) {
      double[] measured = points.stream().mapToDouble(LineEstimator.Point::ns).toArray();
      lines.put(of, new Line(estimator, cells, measured));
    }
  }

  /** All of them. */
  Map<Of, Line> all() {
    return lines;
  }

  /** Whether there is a line of this. */
  boolean has(BenchmarkMode mode, boolean map) {
    return lines.containsKey(new Of(mode, map, false));
  }
}
