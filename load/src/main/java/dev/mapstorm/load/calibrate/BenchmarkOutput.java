package dev.mapstorm.load.calibrate;

import dev.mapstorm.protocol.IommuMode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads what dma_map_benchmark printed, run by run, in the form of any release; a line {@code #
 * mode strict}, {@code lazy} or {@code passthrough} says what the runs after it are of. Other lines
 * are passed over. Runs that contradict each other are refused.
 */
public final class BenchmarkOutput {
  private static final Pattern MODE = Pattern.compile("#\\s*mode\\s+(\\S+)\\s*");
  private static final Pattern HEAD =
      Pattern.compile(
          "dma mapping benchmark(?:\\((\\w+)\\))?: threads:(\\d+) .*?granule: ?(\\d+).*");
  private static final Pattern MEAN =
      Pattern.compile("average (map|unmap) latency\\(us\\):(\\d+(?:\\.\\d+)?) .*");

  /** How far two runs of the same thing may be apart, as a ratio and in microseconds. */
  private static final double SAME_RATIO = 1.3;

  private static final double SAME_US = 0.25;

  private BenchmarkOutput() {}

  /**
   * The runs in a text.
   *
   * @throws CalibrationException if there is none, one is broken off, or two contradict each other
   */
  public static List<BenchmarkCell> read(List<String> lines) {
    Map<List<Object>, BenchmarkCell> cells = new LinkedHashMap<>();
    IommuMode mode = null;
    Matcher head = null;
    int headLine = 0;
    Double map = null;
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      Matcher modeLine = MODE.matcher(line);
      Matcher mean = MEAN.matcher(line);
      Matcher heading = HEAD.matcher(line);
      if (modeLine.matches()) {
        mode = mode(modeLine.group(1), i + 1);
      } else if (heading.matches()) {
        head = heading;
        headLine = i + 1;
        map = null;
        if (mode == null) {
          throw new CalibrationException(
              "line %d: nothing before it says which mode it is of; put a line \"# mode strict\", lazy or passthrough there"
                  .formatted(headLine));
        }
      } else if (mean.matches() && head != null) {
        double us = Double.parseDouble(mean.group(2));
        if (mean.group(1).equals("map")) {
          map = us;
        } else if (map != null && !"SG_MODE".equals(head.group(1))) {
          add(cells, cell(mode, head, map, us, headLine));
          head = null;
        }
      }
    }
    if (cells.isEmpty()) {
      throw new CalibrationException(
          "there is no output of dma_map_benchmark in it: lines \"dma mapping benchmark…\" and"
              + " \"average map latency(us):…\"");
    }
    List<BenchmarkCell> all = List.copyOf(cells.values());
    refuseContradictions(all);
    return all;
  }

  private static BenchmarkCell cell(
      IommuMode mode, Matcher head, double map, double unmap, int line) {
    try {
      return new BenchmarkCell(
          mode, Integer.parseInt(head.group(2)), Integer.parseInt(head.group(3)), map, unmap, line);
    } catch (NumberFormatException e) {
      throw new CalibrationException(
          "line %d: threads and granule must be small numbers".formatted(line));
    }
  }

  private static IommuMode mode(String word, int line) {
    for (IommuMode each : IommuMode.values()) {
      if (each.label().equals(word)) {
        return each;
      }
    }
    throw new CalibrationException(
        "line %d: mode must be strict, lazy or passthrough, is %s".formatted(line, word));
  }

  private static void add(Map<List<Object>, BenchmarkCell> cells, BenchmarkCell cell) {
    BenchmarkCell before =
        cells.putIfAbsent(List.of(cell.mode(), cell.threads(), cell.pages()), cell);
    if (before != null
        && (differ(before.mapUs(), cell.mapUs()) || differ(before.unmapUs(), cell.unmapUs()))) {
      throw new CalibrationException(
          "lines %d and %d are both of %s, and say map %.1f and %.1f us, unmap %.1f and %.1f us: are they of one machine?"
              .formatted(
                  before.line(),
                  cell.line(),
                  cell.label(),
                  before.mapUs(),
                  cell.mapUs(),
                  before.unmapUs(),
                  cell.unmapUs()));
    }
  }

  /** One thread maps alike whatever the mode, and unmaps no faster strictly than lazily. */
  private static void refuseContradictions(List<BenchmarkCell> cells) {
    for (BenchmarkCell strict : cells) {
      for (BenchmarkCell lazy : cells) {
        if (strict.mode() != IommuMode.STRICT
            || lazy.mode() != IommuMode.LAZY
            || strict.threads() != 1
            || lazy.threads() != 1
            || strict.pages() != lazy.pages()) {
          continue;
        }
        if (differ(strict.mapUs(), lazy.mapUs())) {
          throw new CalibrationException(
              "lines %d and %d: a map of %d pages takes %.1f us strict and %.1f us lazy, and the mode changes nothing of it: are they of one machine?"
                  .formatted(
                      strict.line(), lazy.line(), strict.pages(), strict.mapUs(), lazy.mapUs()));
        }
        if (strict.unmapUs() < lazy.unmapUs() - SAME_US) {
          throw new CalibrationException(
              "lines %d and %d: an unmap of %d pages takes %.1f us strict and %.1f us lazy, which is more: are the modes exchanged?"
                  .formatted(
                      strict.line(),
                      lazy.line(),
                      strict.pages(),
                      strict.unmapUs(),
                      lazy.unmapUs()));
        }
      }
    }
  }

  private static boolean differ(double a, double b) {
    return Math.abs(a - b) > SAME_US && Math.max(a, b) > SAME_RATIO * Math.min(a, b);
  }
}
