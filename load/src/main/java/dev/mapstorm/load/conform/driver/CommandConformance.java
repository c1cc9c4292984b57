package dev.mapstorm.load.conform.driver;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mapstorm.load.conform.ConformanceResult;
import dev.mapstorm.load.conform.JsonLine;
import dev.mapstorm.load.conform.Mismatch;
import dev.mapstorm.load.conform.Mismatches;
import dev.mapstorm.load.text.TextFormatException;
import dev.mapstorm.load.text.TextLines;

/**
 * Runs page table, gather and commands of a driver over recorded operations and compares what each
 * returned and every command that it sent, in order.
 *
 * <p>The file holds one JSON object a line, plain or gzip. A line with {@code setting} begins a
 * new, empty domain of a driver ({@code vtd}, {@code amd}, {@code smmu}, {@code virtio}) of a
 * release (6.12, 7.2); others are operations on it. After a mismatch the run continues with the
 * model's own state, so later mismatches of the same domain may follow from the first.
 */
public final class CommandConformance {
  private static final int MAX_RANGES = 1 << 16;
  private static final int SHOWN = 300;

  private final TextLines lines;
  private final Mismatches mismatches = new Mismatches();
  private Driver driver;
  private long operations;

  private CommandConformance(TextLines lines) {
    this.lines = lines;
  }

  /**
   * Checks the lines of a file.
   *
   * @throws TextFormatException if it cannot be read, holds no operation, or holds a line that is
   *     not one
   */
  public static ConformanceResult check(TextLines lines) {
    return new CommandConformance(lines).run();
  }

  private ConformanceResult run() {
    while (lines.advance()) {
      JsonLine line = JsonLine.read(lines);
      try {
        if (line.has("setting")) {
          driver = driver(line.only("setting", "pageSizes"));
        } else {
          operation(line);
        }
      } catch (IllegalArgumentException e) {
        throw lines.error(e.getMessage());
      }
    }
    if (operations == 0) {
      throw new TextFormatException(lines.name() + ": holds no operation");
    }
    return mismatches.result(operations);
  }

  private static Driver driver(JsonLine line) {
    JsonLine setting = line.object("setting");
    return switch (setting.text("driver")) {
      case "vtd" -> VtdDriver.of(setting, line, new72(setting));
      case "amd" -> AmdDriver.of(setting, line, new72(setting));
      case "smmu" -> SmmuDriver.of(setting, line, new72(setting));
      case "virtio" -> {
        if (setting.has("release")) {
          new72(setting);
        }
        yield new VirtioDriver(setting, line);
      }
      default ->
          throw setting.error("driver", "not vtd, amd, smmu or virtio", setting.value("driver"));
    };
  }

  private static boolean new72(JsonLine setting) {
    String release = setting.text("release");
    if (!release.equals("6.12") && !release.equals("7.2")) {
      throw setting.error("release", "neither 6.12 nor 7.2", setting.value("release"));
    }
    return release.equals("7.2");
  }

  private void operation(JsonLine line) {
    if (driver == null) {
      throw lines.error("an operation before the first line with a 'setting'");
    }
    driver.commands().clear();
    String op = line.text("op");
    switch (op) {
      case "map" -> {
        line.only("op", "iova", "paddr", "size", "ret", "commands");
        returned(
            line, driver.map(line.unsigned("iova"), line.unsigned("paddr"), line.unsigned("size")));
      }
      case "unmap", "lazy" -> {
        line.only("op", "iova", "size", "ret", "commands");
        driver.begin(op.equals("lazy"));
        long unmapped = driver.unmap(line.unsigned("iova"), line.unsigned("size"));
        if (op.equals("unmap")) {
          driver.sync();
        }
        returned(line, unmapped);
      }
      case "gather" -> {
        line.only("op", "ranges", "ret", "commands");
        returned(line, gather(line));
      }
      case "flushAll" -> {
        line.only("op", "commands");
        driver.flushAll();
        compare(line, "", "");
      }
      case "direct" -> {
        line.only("op", "kind", "args", "commands");
        driver.direct(line);
        compare(line, "", "");
      }
      default ->
          throw line.error(
              "op", "not map, unmap, gather, lazy, flushAll or direct", line.value("op"));
    }
  }

  private long gather(JsonLine line) {
    JsonNode ranges = line.list("ranges", MAX_RANGES);
    driver.begin(false);
    long unmapped = 0;
    for (int i = 0; i < ranges.size(); i++) {
      String name = "ranges[" + i + "]";
      JsonNode range = line.row(ranges.get(i), name, 2);
      unmapped +=
          driver.unmap(
              line.unsigned(range.get(0), name + "[0]"), line.unsigned(range.get(1), name + "[1]"));
    }
    driver.sync();
    return unmapped;
  }

  private void returned(JsonLine line, long got) {
    compare(
        line,
        Long.toString(line.number("ret", Long.MIN_VALUE, Long.MAX_VALUE)),
        Long.toString(got));
  }

  private void compare(JsonLine line, String expectedRet, String gotRet) {
    String expected = line.list("commands", Integer.MAX_VALUE).toString();
    String got = driver.commands().toString();
    operations++;
    if (!expectedRet.equals(gotRet)) {
      mismatch("ret", expectedRet, gotRet);
    } else if (!expected.equals(got)) {
      int same = 0;
      while (same < expected.length()
          && same < got.length()
          && expected.charAt(same) == got.charAt(same)) {
        same++;
      }
      mismatch("commands", excerpt(expected, same), excerpt(got, same));
    }
  }

  /** From the last command that begins before the first difference. */
  private static String excerpt(String commands, int from) {
    int begin = Math.max(0, commands.lastIndexOf("[\"", Math.min(from, commands.length())));
    String rest = commands.substring(begin);
    String head = begin > 0 ? "... " : "";
    return rest.length() <= SHOWN ? head + rest : head + rest.substring(0, SHOWN) + " ...";
  }

  private void mismatch(String field, String expected, String got) {
    mismatches.add(new Mismatch(lines.number(), field, expected, got));
  }
}
