package dev.mapstorm.load.conform;

import dev.mapstorm.actors.model.pagetable.MappedRuns;
import dev.mapstorm.actors.model.pagetable.PageSizes;
import dev.mapstorm.actors.model.sg.SgLayout;
import dev.mapstorm.load.text.TextFormatException;
import dev.mapstorm.load.text.TextLines;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Runs {@link SgLayout} and {@link PageSizes} over recorded answers of {@code dma_map_sg} and
 * compares, number for number: the length of I/O virtual space asked for, the vectors given to the
 * device, and the page-table writes in order.
 *
 * <p>The file holds one JSON object a line, plain or gzip, with the fields of {@link
 * MapSgOperation}; other fields are passed over. The granule is the smallest page size.
 */
public final class MapSgConformance {
  private final TextLines lines;
  private final MappedRuns runs = new MappedRuns();
  private final Mismatches mismatches = new Mismatches();
  private SgLayout layout = new SgLayout(4096);
  private long granule = 4096;
  private long operations;

  private MapSgConformance(TextLines lines) {
    this.lines = lines;
  }

  /**
   * Checks a file.
   *
   * @throws TextFormatException if it cannot be read, holds no operation, or holds a line that is
   *     not one
   */
  public static ConformanceResult check(Path file) {
    try (TextLines lines = TextLines.open(file)) {
      return check(lines);
    }
  }

  /** As {@link #check(Path)}, from lines that stay the caller's to close. */
  public static ConformanceResult check(TextLines lines) {
    return new MapSgConformance(lines).run();
  }

  private ConformanceResult run() {
    while (lines.advance()) {
      MapSgOperation operation = MapSgOperation.read(lines);
      operations++;
      try {
        compare(operation);
      } catch (IllegalArgumentException e) {
        throw lines.error(e.getMessage());
      }
    }
    if (operations == 0) {
      throw new TextFormatException(lines.name() + ": holds no operation");
    }
    return mismatches.result(operations);
  }

  private void compare(MapSgOperation op) {
    PageSizes sizes = new PageSizes(op.pgsizeBitmap());
    if (granule != 1L << sizes.minShift()) {
      granule = 1L << sizes.minShift();
      layout = new SgLayout(granule);
    }
    long length =
        layout.measure(
            op.segPhys(),
            op.segLength(),
            op.segPhys().length,
            op.segBoundaryMask(),
            op.maxSegSize());
    layout.place(op.iova());
    runs.clear();
    for (int i = 0; i < layout.chunks(); i++) {
      sizes.split(layout.chunkIova(i), layout.chunkPhys(i), layout.chunkLength(i), runs);
    }
    if (length != op.iovaLength()) {
      mismatch("iovaLength", Long.toString(op.iovaLength()), Long.toString(length));
    } else if (sameRows("dmaVectors", op.dmaVectors(), vectors())) {
      sameRows("mapped", op.mapped(), mapped());
    }
  }

  private long[][] vectors() {
    long[][] rows = new long[layout.vectors()][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = new long[] {layout.vectorAddress(i), layout.vectorLength(i)};
    }
    return rows;
  }

  private long[][] mapped() {
    long[][] rows = new long[runs.size()][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = new long[] {runs.iova(i), runs.phys(i), runs.pageSize(i), runs.count(i)};
    }
    return rows;
  }

  /** Whether both are the same; if not, the first row that differs is a mismatch. */
  private boolean sameRows(String field, long[][] expected, long[][] got) {
    int row = Arrays.mismatch(expected, got, Arrays::compare);
    if (row >= 0) {
      mismatch(field + "[" + row + "]", rowText(expected, row), rowText(got, row));
    }
    return row < 0;
  }

  private static String rowText(long[][] rows, int row) {
    return row < rows.length ? Arrays.toString(rows[row]) : "none";
  }

  private void mismatch(String field, String expected, String got) {
    mismatches.add(new Mismatch(lines.number(), field, expected, got));
  }
}
