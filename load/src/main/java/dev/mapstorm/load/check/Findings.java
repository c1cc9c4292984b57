package dev.mapstorm.load.check;

import dev.mapstorm.load.check.CheckResult.RuleCount;
import dev.mapstorm.persistence.check.Rule;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Collects findings. Of those that break the same rule on the same host, by the same device and
 * client, only the first are kept; all are counted. Memory is bounded by devices and clients.
 */
public final class Findings {
  private final int most;
  private final List<Finding> kept = new ArrayList<>();
  private final Map<List<Object>, Integer> alike = new HashMap<>();
  private final Map<Rule, Long> counts = new EnumMap<>(Rule.class);

  /** Keeps at most {@code most} that are alike. */
  public Findings(int most) {
    this.most = most;
  }

  void add(Rule rule, Finding finding) {
    counts.merge(rule, 1L, Long::sum);
    int number =
        alike.merge(
            List.of(rule, finding.host(), finding.device(), finding.client()), 1, Integer::sum);
    if (number <= most) {
      kept.add(finding);
    }
  }

  CheckResult result(String what, long events, List<String> notes) {
    return new CheckResult(
        what,
        events,
        counts.values().stream().mapToLong(Long::longValue).sum(),
        counts.entrySet().stream()
            .map(each -> new RuleCount(each.getKey().label(), each.getValue()))
            .toList(),
        List.copyOf(kept),
        List.copyOf(notes));
  }
}
