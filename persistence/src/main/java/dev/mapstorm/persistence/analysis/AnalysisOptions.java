package dev.mapstorm.persistence.analysis;

/**
 * How an analysis looks at a run.
 *
 * @param windowNs width of the windows in which invalidations are counted, aligned to multiples of
 *     it
 * @param stormFactor a window is a storm when it holds more than this many times the median of the
 *     host's non-empty windows ...
 * @param stormFloor ... and more than this many invalidations
 * @param top rows kept of lists that can get long: waiting pairs of a lock, storms, largest causes
 */
public record AnalysisOptions(long windowNs, int stormFactor, long stormFloor, int top) {
  /** Windows of 1 ms, storms above 8 medians and 100 invalidations, 10 rows. */
  public static final AnalysisOptions DEFAULT = new AnalysisOptions(1_000_000L, 8, 100, 10);

  /** Refuses what cannot be counted. */
  public AnalysisOptions {
    if (windowNs < 1 || stormFactor < 1 || stormFloor < 0 || top < 1) {
      throw new IllegalArgumentException(
          "windows of %d ns, storm factor %d, floor %d, top %d: must be positive"
              .formatted(windowNs, stormFactor, stormFloor, top));
    }
  }
}
