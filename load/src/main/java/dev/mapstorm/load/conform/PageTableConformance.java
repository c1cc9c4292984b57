package dev.mapstorm.load.conform;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mapstorm.actors.model.pagetable.DriverRules;
import dev.mapstorm.actors.model.pagetable.MapResult;
import dev.mapstorm.actors.model.pagetable.MappedRuns;
import dev.mapstorm.actors.model.pagetable.PageTable;
import dev.mapstorm.actors.model.pagetable.PageTableFormat;
import dev.mapstorm.actors.model.pagetable.TableList;
import dev.mapstorm.actors.model.pagetable.UnmappedRuns;
import dev.mapstorm.load.text.TextFormatException;
import dev.mapstorm.load.text.TextLines;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;

/**
 * Runs {@link PageTable} over recorded maps and unmaps of one table and compares what Linux
 * answered, the calls into the driver, the tables made and freed, and the level of the top.
 *
 * <p>The first line of a file, plain or gzip, is the format; then one operation a line. In a file
 * the leaves are level 0.
 */
public final class PageTableConformance {
  private static final int MAX_ROWS = 1 << 20;
  private static final long EEXIST = -17;
  private static final long EADDRINUSE = -98;

  private final TextLines lines;
  private final Mismatches mismatches = new Mismatches();
  private final MappedRuns mapped = new MappedRuns();
  private final UnmappedRuns unmapped = new UnmappedRuns();
  private PageTable table;
  private long operations;

  private PageTableConformance(TextLines lines) {
    this.lines = lines;
  }

  /**
   * Checks a file. After a mismatch the run continues with the model's own state.
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
    return new PageTableConformance(lines).run();
  }

  private ConformanceResult run() {
    if (lines.advance()) {
      table = new PageTable(format(JsonLine.read(lines)));
    }
    while (lines.advance()) {
      operations++;
      JsonLine line = JsonLine.read(lines);
      try {
        operation(line);
      } catch (IllegalArgumentException e) {
        throw lines.error(e.getMessage());
      }
    }
    if (operations == 0) {
      throw new TextFormatException(lines.name() + ": holds no operation");
    }
    return mismatches.result(operations);
  }

  private PageTableFormat format(JsonLine line) {
    line.only("format", "seed", "pageSizes", "granuleBits", "bitsPerLevel", "topLevel", "topBits");
    String name = line.text("format");
    int granule = line.integer("granuleBits", 12, 16);
    line.integer("bitsPerLevel", granule - 3, granule - 3);
    int levels = line.integer("topLevel", 1, 5) + 1;
    int topBits = line.integer("topBits", 1, granule + 1);
    try {
      return new PageTableFormat(
          granule,
          levels,
          name.endsWith("amdv1") ? 6 : levels,
          topBits,
          line.unsigned("pageSizes"),
          rules(name));
    } catch (IllegalArgumentException e) {
      throw lines.error(e.getMessage());
    }
  }

  /** The code that a format is of, by its name. */
  private DriverRules rules(String name) {
    if (name.startsWith("gpt-")) {
      return DriverRules.GENERIC_PT;
    }
    if (name.startsWith("vtdss")) {
      return DriverRules.VTD;
    }
    if (name.startsWith("amdv")) {
      return DriverRules.AMD;
    }
    if (name.startsWith("arm")) {
      return DriverRules.LPAE;
    }
    throw lines.error(
        "unknown format "
            + TextLines.excerpt(name)
            + "; known are names that begin with vtdss, amdv, arm or gpt-");
  }

  private void operation(JsonLine line) {
    String op = line.text("op");
    long iova = line.number("iova", 0, Long.MAX_VALUE);
    long size = line.number("size", 1, Long.MAX_VALUE);
    long ret = line.number("ret", Integer.MIN_VALUE, Long.MAX_VALUE);
    switch (op) {
      case "map" -> {
        line.only(
            "op",
            "iova",
            "paddr",
            "size",
            "ret",
            "calls",
            "leafLevels",
            "tablesMade",
            "tablesFreed",
            "top");
        map(line, iova, size, ret);
      }
      case "unmap" -> {
        line.only(
            "op", "iova", "size", "ret", "calls", "leafLevels", "tablesMade", "tablesFreed", "top");
        unmap(line, iova, size, ret);
      }
      default -> throw lines.error("'op' must be map or unmap, is " + TextLines.excerpt(op));
    }
  }

  /** Whether it is mapped as recorded; if not, what differs first is noted. */
  private boolean map(JsonLine line, long iova, long size, long ret) {
    MapResult result =
        table.map(
            iova,
            line.number("paddr", 0, Long.MAX_VALUE),
            size,
            PageTable.READ | PageTable.WRITE,
            mapped);
    long refusal = table.format().rules() == DriverRules.GENERIC_PT ? EADDRINUSE : EEXIST;
    long[][] calls = new long[mapped.size()][];
    long[] leafLevels = new long[calls.length];
    for (int run = 0; run < calls.length; run++) {
      int shift = mapped.pageShift(run);
      calls[run] =
          new long[] {
            mapped.iova(run),
            mapped.phys(run),
            1L << shift,
            mapped.asked(run),
            mapped.count(run) << shift
          };
      leafLevels[run] = table.format().leafLevel(shift) - 1;
    }
    return same("ret", ret, result == MapResult.MAPPED ? 0 : refusal)
        && sameRows("calls", rows(line, "calls", 5), calls)
        && sameList("leafLevels", list(line, "leafLevels"), leafLevels)
        && sameTables(line, "tablesMade", mapped.tablesMade())
        && sameTables(line, "tablesFreed", mapped.tablesFreed())
        && same("top", line.number("top", 0, 5), table.levels() - 1L);
  }

  private boolean unmap(JsonLine line, long iova, long size, long ret) {
    long done = table.unmap(iova, size, unmapped);
    long[][] calls = new long[unmapped.size()][];
    for (int run = 0; run < calls.length; run++) {
      calls[run] =
          new long[] {
            unmapped.iova(run),
            1L << unmapped.pageShift(run),
            unmapped.count(run),
            unmapped.bytes(run)
          };
    }
    return same("ret", ret, done)
        && sameRows("calls", rows(line, "calls", 4), calls)
        && sameTables(line, "tablesMade", unmapped.tablesMade())
        && sameTables(line, "tablesFreed", unmapped.tablesFreed())
        && same("top", line.number("top", 0, 5), table.levels() - 1L);
  }

  private long[][] rows(JsonLine line, String field, int columns) {
    JsonNode list = line.list(field, MAX_ROWS);
    long[][] rows = new long[list.size()][columns];
    for (int i = 0; i < rows.length; i++) {
      String name = field + "[" + i + "]";
      JsonNode row = line.row(list.get(i), name, columns);
      for (int j = 0; j < columns; j++) {
        rows[i][j] = line.number(row.get(j), name + "[" + j + "]", 0, Long.MAX_VALUE);
      }
    }
    return rows;
  }

  private long[] list(JsonLine line, String field) {
    JsonNode list = line.list(field, MAX_ROWS);
    long[] numbers = new long[list.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = line.number(list.get(i), field + "[" + i + "]", 0, 5);
    }
    return numbers;
  }

  private boolean same(String field, long expected, long got) {
    return expected == got || differs(field, Long.toString(expected), Long.toString(got));
  }

  private boolean sameList(String field, long[] expected, long[] got) {
    return Arrays.equals(expected, got)
        || differs(field, Arrays.toString(expected), Arrays.toString(got));
  }

  /** The order in which tables are made or freed is not recorded: higher levels come first. */
  private boolean sameTables(JsonLine line, String field, TableList tables) {
    long[][] got = new long[tables.size()][];
    for (int i = 0; i < got.length; i++) {
      got[i] = new long[] {tables.level(i) - 1L, tables.iova(i)};
    }
    Arrays.sort(
        got, Comparator.<long[]>comparingLong(row -> -row[0]).thenComparingLong(row -> row[1]));
    return sameRows(field, line.has(field) ? rows(line, field, 2) : new long[0][], got);
  }

  private boolean sameRows(String field, long[][] expected, long[][] got) {
    int row = Arrays.mismatch(expected, got, Arrays::compare);
    return row < 0 || differs(field + "[" + row + "]", text(expected, row), text(got, row));
  }

  private static String text(long[][] rows, int row) {
    return row < rows.length ? Arrays.toString(rows[row]) : "none";
  }

  private boolean differs(String field, String expected, String got) {
    return mismatches.add(new Mismatch(lines.number(), field, expected, got));
  }
}
