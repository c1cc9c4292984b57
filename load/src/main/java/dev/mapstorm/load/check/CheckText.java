package dev.mapstorm.load.check;

import dev.mapstorm.persistence.check.Rule;
import dev.mapstorm.persistence.text.Units;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** A check as a terminal shows it: a line for each finding, and one that sums up. */
public final class CheckText {
  private CheckText() {}

  /** The lines. */
  public static List<String> of(CheckResult result, boolean manyHosts) {
    List<String> lines = new ArrayList<>();
    result.findings().forEach(each -> lines.add(line(each, manyHosts)));
    long left = result.found() - result.findings().size();
    if (left > 0) {
      lines.add("and %d more that are like those above; --most shows more of them".formatted(left));
    }
    result.notes().forEach(lines::add);
    String events = Units.things(result.events(), "event");
    lines.add(
        result.found() == 0
            ? "%s: nothing wrong in %s".formatted(result.what(), events)
            : "%s: %s in %s: %s"
                .formatted(
                    result.what(), Units.things(result.found(), "finding"), events, rules(result)));
    return lines;
  }

  private static String line(Finding finding, boolean manyHosts) {
    String host = manyHosts ? "host %d ".formatted(finding.host()) : "";
    String where =
        finding.line() >= 0
            ? "line %d".formatted(finding.line())
            : host + Units.instant(finding.timeNs());
    return "%s: %s: %s".formatted(where, title(finding.rule()), finding.text());
  }

  private static String rules(CheckResult result) {
    return result.rules().stream()
        .map(each -> "%d %s".formatted(each.count(), title(each.rule())))
        .collect(Collectors.joining(", "));
  }

  private static String title(String label) {
    return Arrays.stream(Rule.values())
        .filter(each -> each.label().equals(label))
        .findFirst()
        .orElseThrow()
        .title();
  }
}
