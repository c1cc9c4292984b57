package dev.mapstorm.persistence.analysis;

/**
 * How a quantity is distributed. Count, sum, mean and maximum are exact; percentiles are right to
 * three significant digits (HdrHistogram). All zero when nothing was counted.
 *
 * @param count values
 * @param sum of all values
 * @param mean rounded down
 * @param p50 half of the values are not above it
 * @param p90 90 % are not above it
 * @param p99 99 % are not above it
 * @param p999 99.9 % are not above it
 * @param max largest value
 */
public record Distribution(
    long count, long sum, long mean, long p50, long p90, long p99, long p999, long max) {

  /** Of nothing. */
  public static final Distribution NONE = new Distribution(0, 0, 0, 0, 0, 0, 0, 0);
}
