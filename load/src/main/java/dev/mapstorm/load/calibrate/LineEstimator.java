package dev.mapstorm.load.calibrate;

import java.util.List;
import java.util.stream.IntStream;
import org.hipparchus.distribution.continuous.TDistribution;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.QRDecomposition;
import org.hipparchus.linear.RealMatrix;

/**
 * A straight line through measurements at given sizes, by weighted least squares: where it begins,
 * its slope, and the step of what is larger than a limit. It is linear in the measurements, so that
 * the line through differences is the difference of two lines. Immutable.
 */
final class LineEstimator {
  /** The tool prints tenths of a microsecond: how far off that is at most, in nanoseconds. */
  static final double PRINTED_NS = 50;

  /** The same as a standard deviation. */
  private static final double PRINTED_SIGMA = 2 * PRINTED_NS / Math.sqrt(12);

  /** Noise of the machine, of a measurement. */
  private static final double NOISE = 0.02;

  /** Both tails of what an interval leaves out. */
  private static final double TAILS = 0.05;

  /** Number of each thing that a line has, in {@link #line}. */
  static final int START = 0;

  static final int SLOPE = 1;
  static final int STEP = 2;

  /** A measurement in nanoseconds. */
  record Point(int size, double ns) {}

  private final int unknowns;
  private final double[] roots;
  private final double[] noise;
  private final RealMatrix weighted;

  /** From roots of weights times measurements to unknowns. */
  private final RealMatrix inverse;

  private LineEstimator(double[] roots, double[] noise, RealMatrix design) {
    this.roots = roots;
    this.noise = noise;
    unknowns = design.getColumnDimension();
    weighted = MatrixUtils.createRealDiagonalMatrix(roots).multiply(design);
    inverse = new QRDecomposition(weighted).getSolver().getInverse();
  }

  /**
   * For measurements, whose amounts say how well each is known.
   *
   * @param stepAfter size after which there may be a step; without one if there are less than two
   *     larger or three others
   * @return null if there are no more measurements than unknowns
   */
  static LineEstimator of(List<Point> measured, int stepAfter) {
    long large = measured.stream().filter(point -> point.size() > stepAfter).count();
    int unknowns = large >= 2 && measured.size() - large >= 3 ? STEP + 1 : STEP;
    if (measured.size() <= unknowns
        || measured.stream().mapToInt(Point::size).distinct().count() < unknowns) {
      return null;
    }
    RealMatrix design = MatrixUtils.createRealMatrix(measured.size(), unknowns);
    double[] roots = new double[measured.size()];
    double[] noise = new double[measured.size()];
    for (int i = 0; i < measured.size(); i++) {
      Point point = measured.get(i);
      design.setEntry(i, START, 1);
      design.setEntry(i, SLOPE, point.size());
      if (unknowns > STEP) {
        design.setEntry(i, STEP, point.size() > stepAfter ? 1 : 0);
      }
      noise[i] = NOISE * point.ns();
      roots[i] = 1 / Math.hypot(PRINTED_SIGMA, noise[i]);
    }
    return new LineEstimator(roots, noise, design);
  }

  /** Whether a step is one of the unknowns. */
  boolean hasStep() {
    return unknowns > STEP;
  }

  /** The unknowns of the line through values at the sizes. */
  double[] line(double[] values) {
    return inverse.operate(weighted(values));
  }

  private double[] weighted(double[] values) {
    return IntStream.range(0, roots.length).mapToDouble(i -> roots[i] * values[i]).toArray();
  }

  /**
   * Half the width of the interval in which an unknown is in 95 of 100 cases. Noise goes by
   * Student's t, and is never taken for less than is expected; what the tool rounds away may be the
   * same for all values, and is taken at its worst.
   *
   * @param off what the values are off what is expected of them
   */
  double halfWidth(int unknown, double[] off) {
    int free = roots.length - unknowns;
    double squares = 0;
    double rounded = 0;
    for (int i = 0; i < roots.length; i++) {
      double share = inverse.getEntry(unknown, i) * roots[i];
      squares += share * share * noise[i] * noise[i];
      rounded += Math.abs(share) * PRINTED_NS;
    }
    double quantile = new TDistribution(free).inverseCumulativeProbability(1 - TAILS / 2);
    double more = Math.max(1, scatter(off) / Math.sqrt(free));
    return Math.hypot(quantile * more * Math.sqrt(squares), rounded);
  }

  /** How far values are off their line, each in multiples of what is expected; their root sum. */
  private double scatter(double[] values) {
    double[] left = weighted(values);
    double[] found = weighted.operate(inverse.operate(left));
    return Math.sqrt(
        IntStream.range(0, left.length).mapToDouble(i -> Math.pow(left[i] - found[i], 2)).sum());
  }

  /** Root of the mean square of what values are off their line, in nanoseconds. */
  double rms(double[] values) {
    double[] left = weighted(values);
    double[] found = weighted.operate(inverse.operate(left));
    return Math.sqrt(
        IntStream.range(0, left.length)
            .mapToDouble(i -> Math.pow((left[i] - found[i]) / roots[i], 2))
            .average()
            .orElse(0));
  }
}
