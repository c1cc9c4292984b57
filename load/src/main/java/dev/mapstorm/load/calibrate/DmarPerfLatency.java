package dev.mapstorm.load.calibrate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hipparchus.distribution.continuous.NormalDistribution;

/**
 * VT-d's own histogram, {@code /sys/kernel/debug/iommu/intel/dmar_perf_latency}: of each unit, how
 * many invalidations took up to 0.1 us, up to 1 us and so on, and the longest in whole
 * microseconds. Times are taken for a lognormal distribution with the share that is beyond a bucket
 * and with the longest as the quantile that the number of samples gives it; averages are whole
 * microseconds and not used.
 */
final class DmarPerfLatency implements Instrument {
  private static final Pattern ROW =
      Pattern.compile("\\s*inv_iotlb\\s+((?:\\d+\\s+){7}\\d+(?:\\s+\\d+)*)\\s*");
  private static final double[] ENDS_NS = {100, 1e3, 1e4, 1e5, 1e6, 1e7};
  private static final int BUCKETS = 7;
  private static final int LEAST_SAMPLES = 50;
  private static final double TWO_SIGMA = 2;
  private static final NormalDistribution NORMAL = new NormalDistribution();

  @Override
  public List<Finding> read(MeasuredFile file) {
    long[] counts = new long[BUCKETS];
    double longestNs = 0;
    String at = null;
    for (int i = 0; i < file.lines().size(); i++) {
      Matcher row = ROW.matcher(file.lines().get(i));
      if (row.matches()) {
        long[] numbers =
            Arrays.stream(row.group(1).strip().split("\\s+")).mapToLong(Long::parseLong).toArray();
        if (numbers.length < BUCKETS + 2) {
          throw new CalibrationException(
              "%s: %d numbers, where dmar_perf_latency has 7 buckets, the shortest and the longest"
                  .formatted(file.at(i), numbers.length));
        }
        for (int bucket = 0; bucket < BUCKETS; bucket++) {
          counts[bucket] += numbers[bucket];
        }
        // Printed in whole microseconds, rounded down.
        longestNs = Math.max(longestNs, 1e3 * (numbers[BUCKETS + 1] + 1));
        at = at == null ? file.at(i) : at;
      }
    }
    long samples = Arrays.stream(counts).sum();
    if (at == null || samples < LEAST_SAMPLES) {
      return List.of();
    }
    List<Finding> found = new ArrayList<>();
    found.add(finding(counts, samples, longestNs, at));
    return found;
  }

  private static Finding finding(long[] counts, long samples, double longestNs, String at) {
    // The end of a bucket that most nearly halves the samples says most.
    int best = -1;
    long below = 0;
    double bestShare = 0;
    for (int i = 0; i < ENDS_NS.length; i++) {
      below += counts[i];
      double share = (double) below / samples;
      if (below > 0
          && below < samples
          && (best < 0 || Math.abs(share - 0.5) < Math.abs(bestShare - 0.5))) {
        best = i;
        bestShare = share;
      }
    }
    if (best < 0) {
      throw new CalibrationException(
          "%s: all %d samples are in one bucket, which says no more than that"
              .formatted(at, samples));
    }
    double error = TWO_SIGMA * Math.sqrt(bestShare * (1 - bestShare) / samples);
    double mean = mean(ENDS_NS[best], bestShare, samples, longestNs);
    double least =
        mean(ENDS_NS[best], Math.min(1 - 0.5 / samples, bestShare + error), samples, longestNs);
    double most =
        mean(ENDS_NS[best], Math.max(0.5 / samples, bestShare - error), samples, longestNs);
    // The longest is rounded to a microsecond, which moves the mean by about as much as it moves.
    double half = Math.max(most - least, 0.1 * mean);
    return new Finding(
        Finding.INVALIDATION,
        mean,
        half,
        "dmar_perf_latency, inv_iotlb, %d samples, %.0f %% up to %.1f us"
            .formatted(samples, 100 * bestShare, ENDS_NS[best] / 1e3),
        at);
  }

  /**
   * Mean of the lognormal distribution with a share below an end and the longest of the samples.
   */
  static double mean(double endNs, double share, long samples, double longestNs) {
    double atEnd = NORMAL.inverseCumulativeProbability(share);
    double atLongest = NORMAL.inverseCumulativeProbability(1 - 1.0 / samples);
    double sigma =
        longestNs > endNs && atLongest > atEnd
            ? Math.log(longestNs / endNs) / (atLongest - atEnd)
            : 0;
    double median = endNs * Math.exp(-atEnd * sigma);
    return median * Math.exp(sigma * sigma / 2);
  }
}
