package dev.mapstorm.load.advise;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mapstorm.load.compare.Comparison;
import dev.mapstorm.persistence.analysis.FigureUnit;
import java.util.List;
import java.util.Map;

/**
 * What is recommended, and what that rests on.
 *
 * @param goal as it was given
 * @param figure of the goal
 * @param unit of the figure
 * @param scenario that was varied
 * @param seeds of each variant
 * @param asItIs the scenario as it is
 * @param tried all variants, the best first; those that miss a condition last
 * @param refused variants that are none on this machine, with the reason
 * @param recommended the best; null if none keeps the conditions
 * @param asGood variants that are as good within the noise
 * @param runnerUp the best of the others; null without
 * @param margin how much worse the runner-up is, in percent of the best
 * @param why the figures that make the difference against the scenario as it is
 * @param assumptions what assumed costs do to the choice; null without a runner-up
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Advice(
    String goal,
    String figure,
    FigureUnit unit,
    String scenario,
    int seeds,
    Tried asItIs,
    List<Tried> tried,
    List<Refused> refused,
    Tried recommended,
    List<Tried> asGood,
    Tried runnerUp,
    Double margin,
    List<Comparison.Row> why,
    Assumptions assumptions) {

  /** A variant that is none. */
  public record Refused(Map<String, String> settings, String reason) {}

  /**
   * The best and the runner-up with each assumed cost at the least and the most of its range, one
   * at a time, with all seeds. Differences within the noise turn nothing.
   *
   * @param varied how many costs
   * @param turning what would turn the choice
   */
  public record Assumptions(int varied, List<Turning> turning) {}

  /**
   * A cost at which another choice would be right.
   *
   * @param key of the cost
   * @param at the value
   * @param was the value that it has
   * @param best the figure of the recommended variant there
   * @param runnerUp that of the runner-up there
   * @param how what happens
   */
  public record Turning(
      String key, String at, String was, double best, double runnerUp, String how) {}
}
