package dev.mapstorm.load.bench;

/**
 * A figure beside its baseline, both from one run of the program.
 *
 * @param name what was measured
 * @param unit of the two figures
 * @param value the figure
 * @param baseline what it is compared with
 * @param baselineValue the baseline's figure
 * @param ratio value over baseline where more is better, baseline over value where less is better:
 *     1 is as good as the baseline
 * @param expected the smallest ratio that is expected; 0 where nothing is
 * @param note what else the run showed
 */
public record BenchResult(
    String name,
    String unit,
    double value,
    String baseline,
    double baselineValue,
    double ratio,
    double expected,
    String note) {

  /** Whether the ratio is what is expected. */
  public boolean met() {
    return ratio >= expected;
  }
}
