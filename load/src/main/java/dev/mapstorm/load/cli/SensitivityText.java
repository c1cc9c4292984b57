package dev.mapstorm.load.cli;

import dev.mapstorm.load.sensitivity.Headline;
import dev.mapstorm.load.sensitivity.Influence;
import dev.mapstorm.load.sensitivity.Sensitivity;
import dev.mapstorm.persistence.text.TextTable;
import dev.mapstorm.persistence.text.Units;
import java.util.List;

/** A {@link Sensitivity} as text for a terminal. */
final class SensitivityText {
  /** Half of what is shown as 1 %. */
  private static final double LEAST_SHARE = 0.005;

  private SensitivityText() {}

  /**
   * The whole of it.
   *
   * @param most figures that are named of each headline
   */
  static String of(Sensitivity found, int most) {
    StringBuilder text = new StringBuilder();
    text.append(
        "hangs on  the first %s again with each figure of %s at its least and its most, one at a time%n"
            .formatted(Units.time(found.untilNs()), found.platform()));
    TextTable table =
        new TextTable("", ">mean", ">least", ">most", "figures, by their share of the width");
    for (Headline each : found.headlines()) {
      List<String> on =
          each.hangsOn().stream()
              .filter(one -> one.share() >= LEAST_SHARE)
              .limit(most)
              .map(SensitivityText::share)
              .toList();
      table.row(
          each.of(),
          amount(each, each.value()),
          amount(each, each.low()),
          amount(each, each.high()),
          on.isEmpty() ? "none" : on.get(0));
      on.stream().skip(1).forEach(more -> table.row("", "", "", "", more));
    }
    text.append(table);
    if (!found.notVaried().isEmpty()) {
      text.append(
          "  refused beside the other figures, so not tried: %s%n"
              .formatted(String.join(", ", found.notVaried())));
    }
    return text.toString().replace(System.lineSeparator(), "\n");
  }

  private static String share(Influence on) {
    return "%.0f %%  %s, %s: %s"
        .formatted(
            100 * on.share(),
            on.key().substring(on.key().indexOf('.') + 1),
            on.basis(),
            on.amount());
  }

  private static String amount(Headline of, double value) {
    return of.unit().equals("ns")
        ? Units.time(Math.round(value))
        : Units.count(Math.round(value)) + "/s";
  }
}
