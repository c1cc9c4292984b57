package dev.mapstorm.load.calibrate;

import com.typesafe.config.ConfigUtil;
import dev.mapstorm.load.calibrate.BenchmarkLines.Line;
import dev.mapstorm.load.calibrate.BenchmarkLines.Of;
import dev.mapstorm.load.scenario.PlatformProfile;
import dev.mapstorm.load.scenario.Platforms;
import dev.mapstorm.load.scenario.ProfileFigure;
import dev.mapstorm.load.validate.BenchmarkMode;
import dev.mapstorm.load.validate.CallTimes;
import dev.mapstorm.load.validate.Experiments;
import dev.mapstorm.load.validate.MapBenchmark;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Fits figures of a profile to runs of dma_map_benchmark, and to what other instruments show. What
 * is compared is the simulation of the same runs, so that a figure is what makes the simulation
 * give the measurement: slopes, steps and beginnings of the lines through them are found on both
 * sides, and each figure takes what its line is off, divided by what the figure moves it, a few
 * times over. Figures that no line shows, and those that move none, stay as they are. Not
 * thread-safe.
 */
public final class Calibration {
  private static final int ROUNDS = 3;
  private static final double HALF_PRINTED_NS = LineEstimator.PRINTED_NS;

  /** How far runs may be off a line: in nanoseconds, or of their mean. */
  private static final double WORST_NS = 150;

  private static final double WORST = 0.15;

  /** The pair of ktime_get in each published mean, where no passthrough run shows it. */
  private static final double KTIME_NS = 25;

  /** How far off that is at most. */
  private static final double KTIME_HALF_NS = 20;

  /** Calls that are simulated of a run: they are all alike. */
  private static final int CALLS = 300;

  /** Those of a lazy run: enough flushes of a full ring, whose time is in the mean of an unmap. */
  private static final int LAZY_CALLS = 2400;

  /** Those of each of several threads. */
  private static final int CALLS_OF_THREADS = 100;

  /** What the loop around the calls takes at most. */
  private static final double LOOP_US = 0.1;

  /** How far a map may be from itself in another mode beside its interval, as a part. */
  private static final double SAME = 0.05;

  /** How far two instruments may be apart beside their intervals, as a part. */
  private static final double AGREE = 0.1;

  /** The same of an invalidation as a whole, and of what modes differ by. */
  private static final double SUMS_AGREE = 0.2;

  /** The part of an invalidation that is waiting, of each kind of unit where a call shows it. */
  private static final List<String> WAITS = List.of("wait-latency", "msi-write");

  /** By which part a figure is changed to see what it moves. */
  private static final double NUDGE = 0.3;

  /** A figure that moves its line by less, or by more, than itself is another's. */
  private static final double LEAST_GAIN = 0.3;

  private static final double MOST_GAIN = 5;

  private final List<BenchmarkCell> cells;
  private final String base;
  private final PlatformProfile profile;
  private final Experiments experiments;
  private final List<Finding> findings;
  private final List<String> compared = new ArrayList<>();
  private final Map<String, Double> values = new LinkedHashMap<>();
  private final Map<String, CalibratedFigure> fitted = new LinkedHashMap<>();
  private double ktimeNs = KTIME_NS;

  /**
   * For measurements.
   *
   * @param base the profile whose figures stay where no measurement shows them
   */
  public Calibration(List<BenchmarkCell> cells, String base, Experiments experiments) {
    this(cells, List.of(), base, experiments);
  }

  /**
   * The same with what other instruments show.
   *
   * @param findings in the order of their files
   */
  public Calibration(
      List<BenchmarkCell> cells, List<Finding> findings, String base, Experiments experiments) {
    this.cells = cells;
    this.findings = findings;
    this.base = base;
    this.experiments = experiments;
    profile = Platforms.load(base);
  }

  /** Which figure takes what a line shows, and by how much it moves the line. */
  private record Taken(Observable shown, String key, double gain) {}

  /**
   * Fits.
   *
   * @return figures that were identified, by key
   * @throws CalibrationException if too little was measured, or no line goes through it
   */
  public Map<String, CalibratedFigure> fit() {
    refuseFindingsThatDiffer();
    findings.stream().filter(Finding::isFigure).forEach(this::takeFigure);
    if (!cells.isEmpty() || findings.isEmpty()) {
      fitLines();
    }
    findings.stream().filter(each -> !each.isFigure()).forEach(this::takeSum);
    return fitted;
  }

  /** What other instruments show that is no figure by itself, beside the simulation. */
  public List<String> compared() {
    return compared;
  }

  /** Two instruments that show one thing must agree. */
  private void refuseFindingsThatDiffer() {
    for (Finding one : findings) {
      for (Finding other : findings) {
        double apart = Math.abs(one.value() - other.value());
        double most = one.halfWidth() + other.halfWidth() + AGREE * Math.abs(one.value());
        if (one.key().equals(other.key()) && apart > most) {
          throw new CalibrationException(
              "%s (%s) gives %.0f for %s, and %s (%s) gives %.0f: are they of one machine?"
                  .formatted(
                      one.at(),
                      one.from(),
                      one.value(),
                      one.key(),
                      other.at(),
                      other.from(),
                      other.value()));
        }
      }
    }
  }

  private void takeFigure(Finding found) {
    Optional<ProfileFigure> figure = figure(found.key());
    if (figure.isEmpty()) {
      compared.add(
          "%s: %s has no %s, which %s gives as %.0f"
              .formatted(found.at(), base, found.key(), found.from(), found.value()));
      return;
    }
    CalibratedFigure before = fitted.get(found.key());
    if (before == null || found.halfWidth() < (before.high() - before.low()) / 2) {
      put(found.key(), found.value(), found.halfWidth(), found.from() + ", " + found.at());
    }
    // Nothing is translated in the benchmark, whatever a walk costs.
    if (figure.get().unit().equals("ns") && !found.key().startsWith("walk-")) {
      values.put(found.key(), fitted.get(found.key()).value());
    }
  }

  private void put(String key, double value, double half, String from) {
    fitted.put(
        key, new CalibratedFigure(key, value, Math.max(0, value - half), value + half, from));
  }

  /**
   * An invalidation as a whole, and what modes differ by, decide the part of it that is waiting.
   */
  private void takeSum(Finding found) {
    Optional<String> wait = WAITS.stream().filter(key -> figure(key).isPresent()).findFirst();
    CallTimes strict = times(new BenchmarkCell(BenchmarkMode.STRICT, 1, 1, 1, 1, ""));
    CallTimes lazy = times(new BenchmarkCell(BenchmarkMode.LAZY, 1, 1, 1, 1, ""));
    double simulated =
        switch (found.key()) {
          case Finding.INVALIDATION ->
              strict.unmaps().mean()
                  - value("unmap-call")
                  - value("unmap-prepare")
                  - value("pte-clear")
                  - value("rcache-put");
          case Finding.STRICT_PRICE ->
              strict.maps().mean()
                  + strict.unmaps().mean()
                  - lazy.maps().mean()
                  - lazy.unmaps().mean();
          default -> lazy.maps().mean() + lazy.unmaps().mean() - 2 * value("direct-map");
        };
    String said =
        "%s, %s: %s takes %.0f ns".formatted(found.at(), found.from(), found.key(), found.value());
    double off = found.value() - simulated;
    if (found.key().equals(Finding.LAZY_PRICE) || wait.isEmpty()) {
      compared.add("%s; simulated %.0f for a page".formatted(said, simulated));
      return;
    }
    CalibratedFigure before = fitted.get(wait.get());
    double value = Math.max(0, value(wait.get()) + off);
    if (before == null) {
      values.put(wait.get(), value);
      put(
          wait.get(),
          value,
          found.halfWidth(),
          "%s, %s; the sum of an invalidation, whose other parts stay"
              .formatted(found.from(), found.at()));
      return;
    }
    double most = found.halfWidth() + (before.high() - before.low()) / 2 + SUMS_AGREE * simulated;
    if (Math.abs(off) > most) {
      throw new CalibrationException(
          "%s, where the other measurements give %.0f (%s): are they of one machine?"
              .formatted(said, simulated, before.from()));
    }
    compared.add("%s; %.0f with what was fitted".formatted(said, simulated));
  }

  private void fitLines() {
    measureKtime();
    BenchmarkLines lines = new BenchmarkLines(cells, ktimeNs);
    if (lines.all().isEmpty()) {
      throw new CalibrationException(
          "too little to fit: runs of one thread with at least four sizes of up to 256 pages are"
              + " needed, lazy, strict or bounced");
    }
    lines.all().forEach(Calibration::refuseWhatIsNoLine);
    refuseMapsThatDependOnTheMode(lines);
    List<Taken> taken = taken(lines);
    for (int round = 0; round < ROUNDS; round++) {
      Map<Of, double[]> simulated = simulated(lines);
      for (Taken each : taken) {
        take(each, lines, simulated);
      }
    }
  }

  private void take(Taken taken, BenchmarkLines lines, Map<Of, double[]> simulated) {
    Observable shown = taken.shown();
    Line line = lines.all().get(shown.line());
    double off = off(line, simulated.get(shown.line()), shown.unknown());
    double half = halfWidth(line, simulated.get(shown.line()), shown.unknown());
    if (shown.less() != null) {
      Line less = lines.all().get(shown.less());
      off -= off(less, simulated.get(shown.less()), shown.unknown());
      half = Math.hypot(half, halfWidth(less, simulated.get(shown.less()), shown.unknown()));
    } else if (shown.unknown() == LineEstimator.START) {
      half = Math.hypot(half, KTIME_HALF_NS / line.cells().get(0).threads());
    }
    double value = Math.max(0, value(taken.key()) + off / taken.gain());
    half /= Math.abs(taken.gain());
    values.put(taken.key(), value);
    put(taken.key(), value, half, shown.words());
  }

  /** What the line through measurements is off that through the simulation. */
  private static double off(Line line, double[] simulated, int unknown) {
    return line.estimator().line(differences(line, simulated))[unknown];
  }

  private static double halfWidth(Line line, double[] simulated, int unknown) {
    return line.estimator().halfWidth(unknown, differences(line, simulated));
  }

  private static double[] differences(Line line, double[] simulated) {
    double[] off = line.measured().clone();
    for (int i = 0; i < off.length; i++) {
      off[i] -= simulated[i];
    }
    return off;
  }

  /** The figures that take what the lines show: each one thing, those that move its line. */
  private List<Taken> taken(BenchmarkLines lines) {
    Map<String, Taken> taken = new LinkedHashMap<>();
    Map<Of, double[]> as = simulated(lines);
    for (Observable shown : Observable.of(lines)) {
      Line line = lines.all().get(shown.line());
      if (line != null && (shown.unknown() < LineEstimator.STEP || line.estimator().hasStep())) {
        shown.keys().stream()
            .filter(key -> figure(key).isPresent() && !taken.containsKey(key))
            .filter(key -> !fitted.containsKey(key))
            .map(key -> new Taken(shown, key, gain(shown, key, lines, as)))
            .filter(each -> each.gain() >= LEAST_GAIN && each.gain() <= MOST_GAIN)
            .findFirst()
            .ifPresent(each -> taken.put(each.key(), each));
      }
    }
    return List.copyOf(taken.values());
  }

  /** What a line's part grows by with a figure, in its unit. */
  private double gain(Observable shown, String key, BenchmarkLines lines, Map<Of, double[]> as) {
    double nudge = Math.max(1, Math.round(NUDGE * value(key)));
    double before = value(key);
    values.put(key, before + nudge);
    double moved = moved(shown.line(), shown.unknown(), lines, as);
    if (shown.less() != null) {
      moved -= moved(shown.less(), shown.unknown(), lines, as);
    }
    values.remove(key);
    return moved / nudge;
  }

  private double moved(Of of, int unknown, BenchmarkLines lines, Map<Of, double[]> as) {
    Line line = lines.all().get(of);
    return line.estimator().line(simulated(of, line))[unknown]
        - line.estimator().line(as.get(of))[unknown];
  }

  private Map<Of, double[]> simulated(BenchmarkLines lines) {
    Map<Of, double[]> simulated = new HashMap<>();
    lines.all().forEach((of, line) -> simulated.put(of, simulated(of, line)));
    return simulated;
  }

  private double[] simulated(Of of, Line line) {
    return line.cells().stream()
        .mapToDouble(
            cell -> {
              CallTimes times = times(cell);
              double ns = (of.map() ? times.maps() : times.unmaps()).mean();
              return of.overThreads() ? ns / cell.threads() : ns;
            })
        .toArray();
  }

  private static void refuseWhatIsNoLine(Of of, Line line) {
    double rms = line.estimator().rms(line.measured());
    double mean = Arrays.stream(line.measured()).average().orElse(0);
    if (rms > Math.max(WORST_NS, WORST * mean)) {
      throw new CalibrationException(
          "%s: the runs are %.0f ns off any line in their %s, with a mean of %.0f, %s to %s: are they of one machine, and an idle one?"
              .formatted(
                  of.words(),
                  rms,
                  of.overThreads() ? "threads" : "pages",
                  mean,
                  line.cells().get(0).at(),
                  line.cells().get(line.cells().size() - 1).at()));
    }
  }

  /** One thread maps alike strict and lazy, where the simulation of the platform does. */
  private void refuseMapsThatDependOnTheMode(BenchmarkLines lines) {
    Of strictOf = new Of(BenchmarkMode.STRICT, true, false);
    Of lazyOf = new Of(BenchmarkMode.LAZY, true, false);
    Line strict = lines.all().get(strictOf);
    Line lazy = lines.all().get(lazyOf);
    if (strict == null || lazy == null) {
      return;
    }
    double[] strictly = simulated(strictOf, strict);
    double[] lazily = simulated(lazyOf, lazy);
    for (int unknown = LineEstimator.START; unknown <= LineEstimator.SLOPE; unknown++) {
      double one = strict.estimator().line(strict.measured())[unknown];
      double other = lazy.estimator().line(lazy.measured())[unknown];
      double expected =
          strict.estimator().line(strictly)[unknown] - lazy.estimator().line(lazily)[unknown];
      double most =
          halfWidth(strict, strictly, unknown) + halfWidth(lazy, lazily, unknown) + SAME * one;
      if (Math.abs(one - other) > most && Math.abs(expected) < most) {
        throw new CalibrationException(
            "%s and after it, %s and after it: a map takes %s strict and %s lazy, and the mode changes nothing of it: are they of one machine?"
                .formatted(
                    strict.cells().get(0).at(),
                    lazy.cells().get(0).at(),
                    part(one, unknown),
                    part(other, unknown)));
      }
    }
  }

  private static String part(double ns, int unknown) {
    return unknown == LineEstimator.SLOPE
        ? "%.1f ns a page".formatted(ns)
        : "%.0f ns without its pages".formatted(ns);
  }

  /**
   * How far the simulation is from the runs of one thread: the mean of how many times it is off, as
   * a logarithm.
   */
  public double misfit() {
    return misfit(false);
  }

  /** The same of runs with more threads; NaN if there are none. */
  public double misfitOfThreads() {
    return misfit(true);
  }

  private double misfit(boolean threads) {
    double sum = 0;
    int count = 0;
    for (BenchmarkCell cell : cells) {
      if (cell.mode() != BenchmarkMode.PASSTHROUGH && cell.threads() > 1 == threads) {
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
      if (cell.mode() == BenchmarkMode.PASSTHROUGH && cell.threads() == 1 && cell.pages() == 1) {
        // Printed as 0.0 it is anything up to 50 ns.
        ktimeNs = Math.max(KTIME_NS, cell.unmapUs() * 1e3);
      }
    }
  }

  private CallTimes times(BenchmarkCell cell) {
    MapBenchmark run =
        new MapBenchmark(
            base,
            cell.mode(),
            cell.threads(),
            seconds(cell),
            false,
            48,
            true,
            0,
            cell.pages(),
            false);
    Map<String, BigDecimal> figures = new HashMap<>();
    values.forEach((key, value) -> figures.put("costs." + key, new BigDecimal(number(key, value))));
    return experiments.times(MapBenchmark.SCENARIO, settings(run), figures);
  }

  /**
   * The tool has no device that translates: of the scenario's, an IOTLB would only be looked
   * through.
   */
  static List<String> settings(MapBenchmark run) {
    List<String> set = new ArrayList<>(run.settings());
    set.add("unit.iotlb-entries=1");
    set.add("unit.iotlb-ways=1");
    return set;
  }

  /** Virtual time for enough calls: a power of two of nanoseconds, so that like runs are one. */
  private static double seconds(BenchmarkCell cell) {
    int calls =
        cell.threads() > 1
            ? CALLS_OF_THREADS
            : cell.mode() == BenchmarkMode.LAZY ? LAZY_CALLS : CALLS;
    double us = Math.max(1, calls * (cell.mapUs() + cell.unmapUs() + LOOP_US));
    return Long.highestOneBit(Math.round(us * 2e3)) / 1e9;
  }

  private double value(String key) {
    return values.containsKey(key)
        ? values.get(key)
        : figure(key).orElseThrow().value().doubleValue();
  }

  private Optional<ProfileFigure> figure(String key) {
    return profile.figures().stream().filter(each -> each.key().equals("costs." + key)).findFirst();
  }

  private static String last(String key) {
    return key.substring(key.indexOf('.') + 1);
  }

  /** A slope has decimals, what is paid once has none. */
  static String number(String key, double value) {
    return List.of("pte-write", "pte-clear", "queue-contender").contains(key)
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
      CalibratedFigure own = fitted.get(last(each.key()));
      if (own != null) {
        String key = own.key();
        text.append(
            "%s { %s = %s, low = %s, high = %s, derivation = \"%s: %s\" }\n"
                .formatted(
                    each.key(),
                    each.unit(),
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
