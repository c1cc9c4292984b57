package dev.mapstorm.persistence.analysis;

import java.util.ArrayList;
import java.util.List;

/**
 * The figures of a run that can be compared with those of another, also if one got further.
 * Analyses add theirs. What is counted per request is so of the requests that have been through it:
 * mapped, unmapped, translated, done.
 */
public final class RunFigures {
  /** Weight of what a run is for: throughput, latency, CPU time, failures. */
  public static final double OUTCOME = 1;

  /** Weight of what an outcome is made of. */
  public static final double PART_OF_OUTCOME = 0.5;

  /** Weight of a cause. */
  public static final double CAUSE = 0.1;

  /** Weight of a detail of a cause. */
  public static final double DETAIL = 0.04;

  /** Weight of what only those look at who ask for it: never worth a line of a comparison. */
  public static final double ON_DEMAND = 0.002;

  private final List<RunFigure> figures = new ArrayList<>();

  /** No figures. */
  public RunFigures() {}

  /** Adds a figure. */
  public void add(String name, FigureUnit unit, double value, double weight) {
    figures.add(new RunFigure(name, unit, value, weight));
  }

  /** Adds mean, p99 and maximum of times in nanoseconds; nothing if there are none. */
  public void times(String name, Distribution of, double weight) {
    if (of.count() > 0) {
      add(name + ", mean", FigureUnit.NS, (double) of.sum() / of.count(), weight);
      add(name + ", p99", FigureUnit.NS, of.p99(), weight);
      add(name + ", max", FigureUnit.NS, of.max(), weight / 2);
    }
  }

  /** The figures in the order in which they were added. */
  public List<RunFigure> all() {
    return List.copyOf(figures);
  }
}
