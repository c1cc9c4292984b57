package dev.mapstorm.load.conform;

import java.util.ArrayList;
import java.util.List;

/** The mismatches of a file: all are counted, the first are kept. Not thread-safe. */
public final class Mismatches {
  private final List<Mismatch> first = new ArrayList<>();
  private long count;

  /**
   * One more operation has another answer.
   *
   * @return false, for a comparison that ends with it
   */
  public boolean add(Mismatch mismatch) {
    count++;
    if (first.size() < ConformanceResult.MAX_LISTED) {
      first.add(mismatch);
    }
    return false;
  }

  /** What was found in so many operations. */
  public ConformanceResult result(long operations) {
    return new ConformanceResult(operations, count, first);
  }
}
