package dev.mapstorm.load.validate;

/** Count, mean and standard deviation of whole numbers, by their sums. Not thread-safe. */
public final class Moments {
  private long count;
  private long sum;
  private double squares;

  void add(long value) {
    count++;
    sum += value;
    squares += (double) value * value;
  }

  /** Their sum. */
  public long sum() {
    return sum;
  }

  /** Their mean; 0 if there are none. */
  public double mean() {
    return count == 0 ? 0 : (double) sum / count;
  }

  /** Their standard deviation, as that of all there are. */
  public double deviation() {
    double mean = mean();
    return count == 0 ? 0 : Math.sqrt(Math.max(0, squares / count - mean * mean));
  }
}
