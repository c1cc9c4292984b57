package dev.mapstorm.load.calibrate;

/**
 * What another instrument than dma_map_benchmark shows.
 *
 * @param key of the figure that it is; or one of the two sums below
 * @param value in nanoseconds, or the unit of the figure
 * @param halfWidth half the width of the interval that it is in
 * @param from what shows it, in words
 * @param at file and line
 */
public record Finding(String key, double value, double halfWidth, String from, String at) {
  /** An invalidation of one range: from asking for the queue until the CPU sees its end. */
  static final String INVALIDATION = "an invalidation";

  /** What a request takes longer strict than lazy. */
  static final String STRICT_PRICE = "strict less lazy";

  /** What a request takes longer lazy than not translated; only compared. */
  static final String LAZY_PRICE = "lazy less passthrough";

  /** Whether it is a figure of a profile by itself. */
  boolean isFigure() {
    return !key.equals(INVALIDATION) && !key.equals(STRICT_PRICE) && !key.equals(LAZY_PRICE);
  }
}
