package dev.mapstorm.load.threshold;

import dev.mapstorm.persistence.analysis.FigureUnit;
import dev.mapstorm.persistence.analysis.RunFigure;

/**
 * A figure that thresholds are held against.
 *
 * @param figure its name
 * @param unit of the value
 * @param value null if the run or variant does not have it
 * @param change against the first of several runs in percent, or in points for a figure in percent;
 *     null for the first, and where there is nothing to compare with
 */
public record Measured(String figure, FigureUnit unit, Double value, Double change) {
  /** A figure of a run alone. */
  public static Measured of(RunFigure figure) {
    return new Measured(figure.name(), figure.unit(), figure.value(), null);
  }
}
