package dev.mapstorm.load.check;

import java.util.List;

/**
 * What a check found.
 *
 * @param what the run or file
 * @param events events that were looked at
 * @param found findings in all
 * @param rules how often each rule was broken, those that were
 * @param findings the findings, in the order in which they show, those left out by {@link Findings}
 *     apart
 * @param notes what was not judged, and why, in sentences
 */
public record CheckResult(
    String what,
    long events,
    long found,
    List<RuleCount> rules,
    List<Finding> findings,
    List<String> notes) {
  /**
   * How often a rule was broken.
   *
   * @param rule its label
   * @param count how often
   */
  public record RuleCount(String rule, long count) {}
}
