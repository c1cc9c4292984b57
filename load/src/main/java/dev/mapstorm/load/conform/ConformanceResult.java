package dev.mapstorm.load.conform;

import java.util.List;

/**
 * What running a model over a file of recorded answers found.
 *
 * @param operations operations in the file
 * @param mismatches operations whose answer differs
 * @param first the first of them, at most {@link #MAX_LISTED}, in the file's order
 */
public record ConformanceResult(long operations, long mismatches, List<Mismatch> first) {
  /** Mismatches that a result lists. */
  public static final int MAX_LISTED = 10;

  /** With a copy of the list. */
  public ConformanceResult {
    first = List.copyOf(first);
  }
}
