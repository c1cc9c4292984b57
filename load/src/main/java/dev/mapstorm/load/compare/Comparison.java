package dev.mapstorm.load.compare;

import dev.mapstorm.load.run.RunReport;
import dev.mapstorm.persistence.analysis.FigureUnit;
import dev.mapstorm.persistence.analysis.RunFigure;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Figures of several runs side by side, those whose change matters most first.
 *
 * <p>The rule: a figure's rank is its weight times the size of its change. The size is the largest
 * |ln(value / first value)| of any run, at most ln 10, which is also that of a figure that is zero
 * or missing on one side; for figures in percent it is the difference in points over 100. What a
 * run is for weighs 1 (throughput, latency, CPU time of a request, failures, faults), what that is
 * made of 0.5, causes 0.1 or less: one that appears or goes is told behind an outcome that changed
 * by a fifth. A part of the CPU time, such as the waits for one lock, weighs half its largest share
 * of the CPU time in any run, so that a lock nobody waits long for stays at the end.
 */
public final class Comparison {
  private static final double LARGEST = Math.log(10);

  /** The rank from which on a change is worth a line: half a percent of what weighs 1. */
  private static final double WORTH_A_LINE = 0.005;

  private Comparison() {}

  /**
   * One figure of all runs.
   *
   * @param unit of the values
   * @param values by run; null where a run does not have it
   * @param changes against the first run in percent of its value, or in points for figures in
   *     percent; null where there is nothing to compare with, and for the first run
   * @param rank how much the change matters
   */
  public record Row(
      String figure, FigureUnit unit, List<Double> values, List<Double> changes, double rank) {
    /** Whether runs differ in it by more than a little. */
    public boolean isChanged() {
      return rank >= WORTH_A_LINE;
    }
  }

  /** All figures of these runs, by rank; equal ranks in their usual order. */
  public static List<Row> of(List<RunReport> runs) {
    return ofFigures(runs.stream().map(run -> run.analysis().figures()).toList());
  }

  /** The same of runs of which only the figures are known. */
  public static List<Row> ofFigures(List<List<RunFigure>> runs) {
    Map<String, RunFigure[]> byName = new LinkedHashMap<>();
    for (int i = 0; i < runs.size(); i++) {
      for (RunFigure figure : runs.get(i)) {
        byName.computeIfAbsent(figure.name(), name -> new RunFigure[runs.size()])[i] = figure;
      }
    }
    List<Row> rows = new ArrayList<>();
    byName.values().forEach(figures -> rows.add(row(figures)));
    rows.sort(Comparator.comparingDouble(Row::rank).reversed());
    return rows;
  }

  private static Row row(RunFigure[] figures) {
    RunFigure any = null;
    double weight = 0;
    double size = 0;
    List<Double> values = new ArrayList<>(Collections.nCopies(figures.length, null));
    List<Double> changes = new ArrayList<>(values);
    for (int i = 0; i < figures.length; i++) {
      if (figures[i] != null) {
        any = figures[i];
        weight = Math.max(weight, any.weight());
        values.set(i, any.value());
      }
    }
    for (int i = 1; i < figures.length; i++) {
      changes.set(i, change(any.unit(), values.get(0), values.get(i)));
      size = Math.max(size, size(any.unit(), values.get(0), values.get(i)));
    }
    return new Row(any.name(), any.unit(), values, changes, weight * size);
  }

  private static Double change(FigureUnit unit, Double first, Double value) {
    if (first == null || value == null) {
      return null;
    }
    if (unit == FigureUnit.PERCENT) {
      return value - first;
    }
    if (first == 0) {
      return value == 0 ? 0.0 : null;
    }
    return 100 * (value - first) / first;
  }

  private static double size(FigureUnit unit, Double first, Double value) {
    double a = first == null ? 0 : first;
    double b = value == null ? 0 : value;
    if (a == b) {
      return 0;
    }
    if (unit == FigureUnit.PERCENT) {
      return Math.abs(b - a) / 100;
    }
    return a == 0 || b == 0 ? LARGEST : Math.min(LARGEST, Math.abs(Math.log(b / a)));
  }
}
