package dev.mapstorm.load.sweep;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * What several seeds say of a figure.
 *
 * @param mean of them
 * @param margin half the width of the interval that holds the mean of all seeds in 95 of 100 cases,
 *     if seeds differ as a normal distribution does (Student's t); null with fewer than two
 */
public record Estimate(double mean, @JsonInclude(JsonInclude.Include.NON_NULL) Double margin) {
  /** Quantiles 0.975 of Student's t by degrees of freedom, from 1. */
  private static final double[] T = {
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
    2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
    2.052, 2.048, 2.045, 2.042
  };

  /** Of degrees of freedom without end, which is close enough beyond the table. */
  private static final double NORMAL = 1.960;

  /**
   * Of the values of all seeds, in their order.
   *
   * @param values at least one
   */
  public static Estimate of(List<Double> values) {
    int n = values.size();
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    double mean = sum / n;
    if (n == 1) {
      return new Estimate(mean, null);
    }
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    double t = n - 1 <= T.length ? T[n - 2] : NORMAL;
    return new Estimate(mean, t * Math.sqrt(squares / (n - 1) / n));
  }
}
