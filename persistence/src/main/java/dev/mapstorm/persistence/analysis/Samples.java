package dev.mapstorm.persistence.analysis;

import org.HdrHistogram.Histogram;

/** Collects values for a {@link Distribution}; the histogram exists once there is a value. */
final class Samples {
  private static final int DIGITS = 3;

  private Histogram histogram;
  private long count;
  private long sum;
  private long max;

  /**
   * Counts {@code value}.
   *
   * @throws IllegalArgumentException if it is negative
   */
  void record(long value) {
    if (value < 0) {
      throw new IllegalArgumentException("a duration or length of " + value + " in the events");
    }
    if (histogram == null) {
      histogram = new Histogram(DIGITS);
    }
    histogram.recordValue(value);
    count++;
    sum += value;
    if (value > max) {
      max = value;
    }
  }

  /** Counts all that {@code other} has counted. */
  void add(Samples other) {
    if (other.count == 0) {
      return;
    }
    if (histogram == null) {
      histogram = new Histogram(DIGITS);
    }
    histogram.add(other.histogram);
    count += other.count;
    sum += other.sum;
    max = Math.max(max, other.max);
  }

  long count() {
    return count;
  }

  long sum() {
    return sum;
  }

  long max() {
    return max;
  }

  Distribution distribution() {
    if (count == 0) {
      return Distribution.NONE;
    }
    return new Distribution(
        count,
        sum,
        sum / count,
        percentile(50),
        percentile(90),
        percentile(99),
        percentile(99.9),
        max);
  }

  /** The upper end of the histogram's bucket, which may lie above the largest value itself. */
  private long percentile(double percent) {
    return Math.min(histogram.getValueAtPercentile(percent), max);
  }
}
