package dev.mapstorm.load.calibrate;

import com.typesafe.config.ConfigUtil;
import dev.mapstorm.load.scenario.PlatformProfile;
import dev.mapstorm.load.scenario.Platforms;
import dev.mapstorm.load.scenario.ProfileFigure;
import dev.mapstorm.load.validate.CallTimes;
import dev.mapstorm.load.validate.Experiments;
import dev.mapstorm.load.validate.MapBenchmark;
import dev.mapstorm.protocol.IommuMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Fits figures of a profile to runs of dma_map_benchmark with one thread. What is compared is the
 * simulation of the same runs, so that a figure is what makes the simulation give the measurement:
 * slopes, steps and beginnings of the lines through them are found on both sides, and each figure
 * takes what its line is off, a few times over. Figures that no line shows stay as they are.
 */
public final class Calibration {
  private static final int ROUNDS = 3;
  private static final double HALF_PRINTED_NS = 50;

  /** How far runs may be off a line: in nanoseconds, or of their mean. */
  private static final double WORST_NS = 150;

  private static final double WORST = 0.15;
  private static final double SIGMAS = 2;

  /** The pair of ktime_get in each published mean, where no passthrough run shows it. */
  private static final double KTIME_NS = 25;

  /** How well that is known. */
  private static final double KTIME_SIGMA = 15;

  /** Enough flushes of a full ring, whose time is in the mean of a lazy unmap. */
  private static final double SECONDS = 0.003;

  /** The last part of an invalidation, that of each kind of unit. */
  private static final List<String> WAITS =
      List.of("wait-latency", "msi-write", "completion-latency");

  private final List<BenchmarkCell> cells;
  private final String base;
  private final PlatformProfile profile;
  private final Experiments experiments;
  private final Map<String, Double> values = new LinkedHashMap<>();
  private final Map<String, CalibratedFigure> fitted = new LinkedHashMap<>();
  private double ktimeNs = KTIME_NS;

  /**
   * For measurements.
   *
   * @param base the profile whose figures stay where no measurement shows them
   */
  public Calibration(List<BenchmarkCell> cells, String base, Experiments experiments) {
    this.cells = cells;
    this.base = base;
    this.experiments = experiments;
    profile = Platforms.load(base);
  }

  /** What a line through measurements shows. */
  private record Observation(
      String key, double measured, double simulated, double sigma, String from) {}

  /**
   * Fits.
   *
   * @return figures that were identified, by key
   * @throws CalibrationException if too little was measured, or no line goes through it
   */
  public Map<String, CalibratedFigure> fit() {
    measureKtime();
    for (int round = 0; round < ROUNDS; round++) {
      for (Observation each : observations()) {
        double value = value(each.key()) + each.measured() - each.simulated();
        value = Math.max(0, value);
        values.put(each.key(), value);
        double reach = SIGMAS * each.sigma();
        fitted.put(
            each.key(),
            new CalibratedFigure(
                each.key(), value, Math.max(0, value - reach), value + reach, each.from()));
      }
    }
    return fitted;
  }

  /**
   * How far the simulation is from the runs of one thread: the mean of how many times it is off, as
   * a logarithm.
   */
  public double misfit() {
    return misfit(false);
  }

  /** The same of runs with more threads, which nothing is fitted to; NaN if there are none. */
  public double misfitOfThreads() {
    return misfit(true);
  }

  private double misfit(boolean threads) {
    double sum = 0;
    int count = 0;
    for (BenchmarkCell cell : cells) {
      if (cell.mode() != IommuMode.PASSTHROUGH && cell.threads() > 1 == threads) {
        CallTimes times = times(cell);
        sum += off(times.maps().mean(), cell.mapUs() * 1e3 - ktimeNs);
        sum += off(times.unmaps().mean(), cell.unmapUs() * 1e3 - ktimeNs);
        count += 2;
      }
    }
    return count == 0 ? Double.NaN : sum / count;
  }

  /** What the tool rounds away is no difference. */
  private static double off(double simulated, double measured) {
    double apart = Math.max(0, Math.abs(simulated - measured) - HALF_PRINTED_NS);
    double near = Math.max(1, Math.min(simulated, Math.max(1, measured)));
    return Math.log1p(apart / near);
  }

  private void measureKtime() {
    for (BenchmarkCell cell : cells) {
      if (cell.mode() == IommuMode.PASSTHROUGH && cell.threads() == 1 && cell.pages() == 1) {
        // Printed as 0.0 it is anything up to 50 ns.
        ktimeNs = Math.max(KTIME_NS, cell.unmapUs() * 1e3);
      }
    }
  }

  private List<Observation> observations() {
    List<Observation> found = new ArrayList<>();
    IommuMode mapMode = has(IommuMode.LAZY) ? IommuMode.LAZY : IommuMode.STRICT;
    Line[] map = lines(mapMode, true);
    if (map == null) {
      throw new CalibrationException(
          "too little to fit: runs of one thread with at least four sizes of up to 256 pages are"
              + " needed, lazy or strict");
    }
    String of = " of map, %s, one thread".formatted(mapMode.label());
    add(found, "pte-write", map[0].slope(), map[1].slope(), map[0].slopeSigma(), "slope" + of);
    add(
        found,
        "pte-prepare",
        map[0].start(),
        map[1].start(),
        beginning(map[0]),
        "beginning" + of + "; with rcache-get and map-call, which stay");
    if (!Double.isNaN(map[0].step())) {
      add(
          found,
          "tree-alloc",
          map[0].step(),
          map[1].step(),
          map[0].stepSigma(),
          "step after 32 pages" + of);
    }
    Line[] lazy = has(IommuMode.LAZY) ? lines(IommuMode.LAZY, false) : null;
    Line[] strict = has(IommuMode.STRICT) ? lines(IommuMode.STRICT, false) : null;
    if (lazy != null) {
      add(
          found,
          "pte-clear",
          lazy[0].slope(),
          lazy[1].slope(),
          lazy[0].slopeSigma(),
          "slope of unmap, lazy, one thread");
      add(
          found,
          "unmap-prepare",
          lazy[0].start(),
          lazy[1].start(),
          beginning(lazy[0]),
          "beginning of unmap, lazy, one thread; with flush-queue-add, which stays");
    }
    if (strict != null) {
      double start = lazy == null ? 0 : lazy[0].start();
      double startSim = lazy == null ? 0 : lazy[1].start();
      double sigma =
          lazy == null
              ? beginning(strict[0])
              : Math.hypot(beginning(strict[0]), beginning(lazy[0]));
      String less = lazy == null ? "" : ", less lazy";
      for (String wait : WAITS) {
        add(
            found,
            wait,
            strict[0].start() - start,
            strict[1].start() - startSim,
            sigma,
            "beginning of unmap, strict"
                + less
                + "; the sum of an invalidation, whose other parts stay");
      }
      double slope = lazy == null ? 0 : lazy[0].slope();
      double slopeSim = lazy == null ? 0 : lazy[1].slope();
      double slopeSigma =
          lazy == null
              ? strict[0].slopeSigma()
              : Math.hypot(strict[0].slopeSigma(), lazy[0].slopeSigma());
      add(
          found,
          "tlbi",
          strict[0].slope() - slope,
          strict[1].slope() - slopeSim,
          slopeSigma,
          "slope of unmap, strict" + less);
    }
    return found;
  }

  /**
   * Standard error of where a line begins. Small mappings are all rounded the same way, so that
   * many of them tell no more than one.
   */
  private static double beginning(Line line) {
    return Math.hypot(line.startSigma(), Math.hypot(Line.PRINTED_SIGMA, KTIME_SIGMA));
  }

  private void add(
      List<Observation> to,
      String key,
      double measured,
      double simulated,
      double sigma,
      String from) {
    if (figure(key) != null) {
      to.add(new Observation(key, measured, simulated, sigma, from));
    }
  }

  private boolean has(IommuMode mode) {
    return cells.stream().anyMatch(cell -> cell.mode() == mode && cell.threads() == 1);
  }

  /** The line through measurements and that through their simulation; null if there are too few. */
  private Line[] lines(IommuMode mode, boolean maps) {
    List<Line.Point> measured = new ArrayList<>();
    List<Line.Point> simulated = new ArrayList<>();
    for (BenchmarkCell cell : cells) {
      if (cell.mode() == mode && cell.threads() == 1) {
        double us = maps ? cell.mapUs() : cell.unmapUs();
        measured.add(new Line.Point(cell.pages(), us * 1e3 - ktimeNs));
        ToDoubleFunction<CallTimes> of = times -> (maps ? times.maps() : times.unmaps()).mean();
        simulated.add(new Line.Point(cell.pages(), of.applyAsDouble(times(cell))));
      }
    }
    Line line = Line.through(measured);
    if (line == null) {
      return null;
    }
    double mean = measured.stream().mapToDouble(Line.Point::ns).average().orElse(0);
    if (line.rms() > Math.max(WORST_NS, WORST * mean)) {
      throw new CalibrationException(
          "%s, %s, one thread: the runs are %.0f ns off any line in their pages, with a mean of %.0f: are they of one machine, and an idle one?"
              .formatted(maps ? "map" : "unmap", mode.label(), line.rms(), mean));
    }
    return new Line[] {line, Line.through(simulated)};
  }

  private CallTimes times(BenchmarkCell cell) {
    MapBenchmark run =
        new MapBenchmark(
            base, cell.mode(), cell.threads(), SECONDS, false, 48, true, 0, cell.pages(), false);
    List<String> set = new ArrayList<>(run.settings());
    values.forEach((key, value) -> set.add("costs.%s=%s".formatted(key, number(key, value))));
    return experiments.times(MapBenchmark.SCENARIO, set);
  }

  private double value(String key) {
    return values.containsKey(key) ? values.get(key) : figure(key).value().doubleValue();
  }

  private ProfileFigure figure(String key) {
    return profile.figures().stream()
        .filter(each -> each.key().equals("costs." + key))
        .findFirst()
        .orElse(null);
  }

  /** A slope has decimals, what is paid once has none. */
  static String number(String key, double value) {
    return key.equals("pte-write") || key.equals("pte-clear")
        ? "%.3f".formatted(value)
        : Long.toString(Math.round(value));
  }

  /**
   * The profile with what was fitted, as a file.
   *
   * @param name of the profile
   * @param from what the measurements are called
   */
  public String text(String name, String from) {
    StringBuilder text = new StringBuilder();
    text.append(
        "# Made by mapstorm calibrate out of %s; what no measurement showed is kept from %s.\n"
            .formatted(from, base));
    text.append("name = \"%s\"\n".formatted(name));
    text.append("description = \"calibrated with %s, the rest from %s\"\n".formatted(from, base));
    for (ProfileFigure each : profile.figures()) {
      CalibratedFigure own = fitted.get(each.key().replace("costs.", ""));
      if (own != null && each.key().startsWith("costs.")) {
        String key = own.key();
        text.append(
            "%s { ns = %s, low = %s, high = %s, derivation = \"%s: %s\" }\n"
                .formatted(
                    each.key(),
                    number(key, own.value()),
                    number(key, Math.min(own.low(), own.value())),
                    number(key, Math.max(own.high(), own.value())),
                    from,
                    own.from()));
      } else {
        text.append(
            "%s { %s = %s, low = %s, high = %s, assumption = %s }\n"
                .formatted(
                    each.key(),
                    each.unit(),
                    each.value().toPlainString(),
                    each.low().toPlainString(),
                    each.high().toPlainString(),
                    ConfigUtil.quoteString("kept from " + base + ": " + each.story())));
      }
    }
    text.append(profile.unitKind().map(kind -> "unit.kind = " + kind + "\n").orElse(""));
    return text.toString();
  }
}
