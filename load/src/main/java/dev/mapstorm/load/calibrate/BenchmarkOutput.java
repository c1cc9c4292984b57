package dev.mapstorm.load.calibrate;

import dev.mapstorm.load.validate.BenchmarkMode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads what dma_map_benchmark printed, run by run, in the form of any release; a line {@code #
 * mode strict}, {@code lazy}, {@code passthrough} or {@code bounced} says what the runs after it in
 * its file are of. Other lines are passed over. Runs that contradict each other are refused.
 */
public final class BenchmarkOutput {
  private static final Pattern MODE = Pattern.compile("#\\s*mode\\s+(\\S+)\\s*");
  private static final Pattern HEAD =
      Pattern.compile(
          "dma mapping benchmark(?:\\((\\w+)\\))?: ?threads:(\\d+) .*?granule: ?(\\d+).*");
  private static final Pattern MEAN =
      Pattern.compile("average (map|unmap) latency\\(us\\):(\\d+(?:\\.\\d+)?) .*");

  /** How far two runs of the same thing may be apart, as a ratio and in microseconds. */
  private static final double SAME_RATIO = 1.3;

  private static final double SAME_US = 0.25;

  private final Map<List<Object>, BenchmarkCell> cells = new LinkedHashMap<>();

  private BenchmarkOutput() {}

  /**
   * The runs in files; empty if there are none.
   *
   * @throws CalibrationException if one is broken off, or two contradict each other
   */
  public static List<BenchmarkCell> read(List<MeasuredFile> files) {
    BenchmarkOutput output = new BenchmarkOutput();
    files.forEach(output::read);
    List<BenchmarkCell> all = List.copyOf(output.cells.values());
    refuseContradictions(all);
    return all;
  }

  private void read(MeasuredFile file) {
    BenchmarkMode mode = null;
    Matcher head = null;
    int headLine = 0;
    Double map = null;
    for (int i = 0; i < file.lines().size(); i++) {
      String line = file.lines().get(i).strip();
      Matcher modeLine = MODE.matcher(line);
      Matcher mean = MEAN.matcher(line);
      Matcher heading = HEAD.matcher(line);
      if (modeLine.matches()) {
        mode = mode(modeLine.group(1), file.at(i));
      } else if (heading.matches()) {
        refuseBrokenOff(head, file, headLine);
        head = heading;
        headLine = i;
        map = null;
        if (mode == null) {
          throw new CalibrationException(
              "%s: nothing before it says which mode it is of; put a line \"# mode strict\", lazy, passthrough or bounced there"
                  .formatted(file.at(i)));
        }
      } else if (mean.matches() && head != null) {
        double us = Double.parseDouble(mean.group(2));
        if (mean.group(1).equals("map")) {
          map = us;
        } else if (map != null) {
          // A list of pages costs otherwise than a range of them.
          if (!"SG_MODE".equals(head.group(1))) {
            add(cell(mode, head, map, us, file.at(headLine)));
          }
          head = null;
        }
      }
    }
    refuseBrokenOff(head, file, headLine);
  }

  private static void refuseBrokenOff(Matcher head, MeasuredFile file, int line) {
    if (head != null) {
      throw new CalibrationException(
          "%s: the run is broken off: no line \"average unmap latency(us):\" follows"
              .formatted(file.at(line)));
    }
  }

  private static BenchmarkCell cell(
      BenchmarkMode mode, Matcher head, double map, double unmap, String at) {
    try {
      return new BenchmarkCell(
          mode, Integer.parseInt(head.group(2)), Integer.parseInt(head.group(3)), map, unmap, at);
    } catch (NumberFormatException e) {
      throw new CalibrationException("%s: threads and granule must be small numbers".formatted(at));
    }
  }

  static BenchmarkMode mode(String word, String at) {
    try {
      return BenchmarkMode.of(word);
    } catch (IllegalArgumentException e) {
      throw new CalibrationException("%s: mode %s".formatted(at, e.getMessage()));
    }
  }

  private void add(BenchmarkCell cell) {
    BenchmarkCell before =
        cells.putIfAbsent(List.of(cell.mode(), cell.threads(), cell.pages()), cell);
    if (before != null
        && (differ(before.mapUs(), cell.mapUs()) || differ(before.unmapUs(), cell.unmapUs()))) {
      throw new CalibrationException(
          "%s and %s are both of %s, and say map %.1f and %.1f us, unmap %.1f and %.1f us: are they of one machine?"
              .formatted(
                  before.at(),
                  cell.at(),
                  cell.label(),
                  before.mapUs(),
                  cell.mapUs(),
                  before.unmapUs(),
                  cell.unmapUs()));
    }
  }

  /** One thread unmaps no faster strictly than lazily. */
  private static void refuseContradictions(List<BenchmarkCell> cells) {
    for (BenchmarkCell strict : cells) {
      for (BenchmarkCell lazy : cells) {
        if (strict.mode() == BenchmarkMode.STRICT
            && lazy.mode() == BenchmarkMode.LAZY
            && strict.threads() == 1
            && lazy.threads() == 1
            && strict.pages() == lazy.pages()
            && strict.unmapUs() < lazy.unmapUs() - SAME_US) {
          throw new CalibrationException(
              "%s and %s: an unmap of %d pages takes %.1f us strict and %.1f us lazy, which is more: are the modes exchanged?"
                  .formatted(
                      strict.at(), lazy.at(), strict.pages(), strict.unmapUs(), lazy.unmapUs()));
        }
      }
    }
  }

  /** Whether times in microseconds are too far apart to be of one thing. */
  static boolean differ(double a, double b) {
    return Math.abs(a - b) > SAME_US && Math.max(a, b) > SAME_RATIO * Math.min(a, b);
  }
}
