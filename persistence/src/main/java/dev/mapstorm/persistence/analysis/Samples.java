package dev.mapstorm.persistence.analysis;

import org.HdrHistogram.Histogram;
import org.HdrHistogram.PackedHistogram;

/**
 * Collects values for a {@link Distribution}; the histogram exists once there is a value. One in
 * which many are counted has room for every value up to the largest, some 100 KB; a sparse one only
 * for those that there were, and is several times slower. The figures are the same.
 */
public final class Samples {
  private static final int DIGITS = 3;

  private final boolean sparse;
  private Histogram histogram;
  private long count;
  private long sum;
  private long max;

  /** For many values. */
  public Samples() {
    this(false);
  }

  /** For few values, of which there are many others, or for many. */
  public Samples(boolean sparse) {
    this.sparse = sparse;
  }

  private static Histogram histogram(boolean sparse) {
    return sparse ? new PackedHistogram(DIGITS) : new Histogram(DIGITS);
  }

  /** Gives the room up that only counting on needs; the figures stay. */
  public void pack() {
    if (histogram != null && !(histogram instanceof PackedHistogram)) {
      Histogram packed = histogram(true);
      packed.add(histogram);
      histogram = packed;
    }
  }

  /**
   * Counts {@code value}.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public void record(long value) {
    if (value < 0) {
      throw new IllegalArgumentException("a duration or length of " + value + " in the events");
    }
    if (histogram == null) {
      histogram = histogram(sparse);
    }
    histogram.recordValue(value);
    count++;
    sum += value;
    if (value > max) {
      max = value;
    }
  }

  /** Counts all that {@code other} has counted. */
  public void add(Samples other) {
    if (other.count == 0) {
      return;
    }
    if (histogram == null) {
      histogram = histogram(sparse);
    }
    histogram.add(other.histogram);
    count += other.count;
    sum += other.sum;
    max = Math.max(max, other.max);
  }

  /** How many values were counted. */
  public long count() {
    return count;
  }

  /** The largest of them; 0 without any. */
  public long max() {
    return max;
  }

  /** Their distribution. */
  public Distribution distribution() {
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
