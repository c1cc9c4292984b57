package dev.mapstorm.load.calibrate;

import java.util.List;

/** What is in the middle: preemptions carry a mean, but no median. */
final class Medians {
  private Medians() {}

  /** The median of values, of which there is one at least. */
  static double of(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }
}
