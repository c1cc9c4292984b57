package dev.mapstorm.load.calibrate;

import java.util.Arrays;
import java.util.List;

/**
 * A straight line through measurements, with a step where mappings are too large for the IOVA
 * caches, by least squares.
 *
 * @param start where it begins, in nanoseconds
 * @param slope in nanoseconds a page
 * @param step that large mappings take more, in nanoseconds; NaN if there are too few of either
 * @param startSigma standard error of the start
 * @param slopeSigma that of the slope
 * @param stepSigma that of the step
 * @param rms what the measurements are off, in nanoseconds
 */
record Line(
    double start,
    double slope,
    double step,
    double startSigma,
    double slopeSigma,
    double stepSigma,
    double rms) {
  /** The tool prints tenths of a microsecond: as a standard error in nanoseconds. */
  static final double PRINTED_SIGMA = 100 / Math.sqrt(12);

  /** Largest mapping that the IOVA caches hold, in pages. */
  private static final int CACHED_PAGES = 32;

  /** A 2 MiB block has another entry. */
  private static final int MOST_PAGES = 511;

  /** Noise of the machine, of a measurement. */
  private static final double NOISE = 0.02;

  /** A measurement in nanoseconds. */
  record Point(int pages, double ns) {}

  /** The line, or null if there are fewer than three sizes of up to 511 pages. */
  static Line through(List<Point> all) {
    List<Point> points = all.stream().filter(point -> point.pages() <= MOST_PAGES).toList();
    long large = points.stream().filter(point -> point.pages() > CACHED_PAGES).count();
    boolean steps = large >= 2 && points.size() - large >= 3;
    int unknowns = steps ? 3 : 2;
    if (points.size() <= unknowns) {
      return null;
    }
    double[][] normal = new double[unknowns][unknowns];
    double[] right = new double[unknowns];
    for (Point point : points) {
      double[] row = row(point, unknowns);
      for (int i = 0; i < unknowns; i++) {
        right[i] += row[i] * point.ns() * weight(point);
        for (int j = 0; j < unknowns; j++) {
          normal[i][j] += row[i] * row[j] * weight(point);
        }
      }
    }
    double[][] inverse = inverse(normal);
    double[] found = new double[unknowns];
    for (int i = 0; i < unknowns; i++) {
      for (int j = 0; j < unknowns; j++) {
        found[i] += inverse[i][j] * right[j];
      }
    }
    double squares = 0;
    double weighted = 0;
    for (Point point : points) {
      double[] row = row(point, unknowns);
      double off = point.ns();
      for (int i = 0; i < unknowns; i++) {
        off -= row[i] * found[i];
      }
      squares += off * off;
      weighted += off * off * weight(point);
    }
    int free = points.size() - unknowns;
    // Weights are one over a variance, so errors grow only if the points are off by more than that.
    double scale = Math.max(1, weighted / free);
    return new Line(
        found[0],
        found[1],
        steps ? found[2] : Double.NaN,
        Math.sqrt(inverse[0][0] * scale),
        Math.sqrt(inverse[1][1] * scale),
        steps ? Math.sqrt(inverse[2][2] * scale) : Double.NaN,
        Math.sqrt(squares / points.size()));
  }

  private static double weight(Point point) {
    double noise = NOISE * point.ns();
    return 1 / (PRINTED_SIGMA * PRINTED_SIGMA + noise * noise);
  }

  private static double[] row(Point point, int unknowns) {
    double[] row = {1, point.pages(), point.pages() > CACHED_PAGES ? 1 : 0};
    return Arrays.copyOf(row, unknowns);
  }

  /** Gauss and Jordan. */
  private static double[][] inverse(double[][] matrix) {
    int n = matrix.length;
    double[][] left = new double[n][];
    double[][] inverse = new double[n][n];
    for (int i = 0; i < n; i++) {
      left[i] = matrix[i].clone();
      inverse[i][i] = 1;
    }
    for (int i = 0; i < n; i++) {
      double pivot = left[i][i];
      for (int j = 0; j < n; j++) {
        left[i][j] /= pivot;
        inverse[i][j] /= pivot;
      }
      for (int k = 0; k < n; k++) {
        double factor = k == i ? 0 : left[k][i];
        for (int j = 0; j < n; j++) {
          left[k][j] -= factor * left[i][j];
          inverse[k][j] -= factor * inverse[i][j];
        }
      }
    }
    return inverse;
  }
}
