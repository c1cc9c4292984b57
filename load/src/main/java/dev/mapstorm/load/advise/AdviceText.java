package dev.mapstorm.load.advise;

import dev.mapstorm.load.advise.Advice.Refused;
import dev.mapstorm.load.advise.Advice.Turning;
import dev.mapstorm.load.compare.Comparison;
import dev.mapstorm.load.sweep.Estimate;
import dev.mapstorm.persistence.text.TextTable;
import dev.mapstorm.persistence.text.Units;
import java.util.List;
import java.util.Locale;

/** An advice for a terminal: what to do first, then why, then what was tried. */
public final class AdviceText {
  private static final int ROWS = 10;
  private static final int NAMED = 4;

  private AdviceText() {}

  /**
   * The text.
   *
   * @param all whether every variant is to be shown
   */
  public static String of(Advice advice, boolean all) {
    StringBuilder text = new StringBuilder();
    line(text, "Goal: %s; the figure is \"%s\"", advice.goal(), advice.figure());
    if (advice.recommended() == null) {
      line(
          text,
          "Nothing that was tried keeps the conditions. The nearest variants and what they miss:");
    } else {
      recommendation(text, advice);
    }
    text.append('\n');
    table(text, advice, all);
    refused(text, advice.refused());
    return text.toString();
  }

  private static void recommendation(StringBuilder text, Advice advice) {
    Tried best = advice.recommended();
    line(text, "Recommended: %s", best.named());
    line(text, "  %s %s", value(advice, best), against(advice, best));
    if (!advice.asGood().isEmpty()) {
      line(
          text,
          "  As good within the noise of %s: %s",
          Units.things(advice.seeds(), "seed"),
          named(advice.asGood()));
    }
    if (advice.runnerUp() == null) {
      line(text, "  There is no runner-up: all others miss a condition or are as good.");
    } else {
      line(
          text,
          "  Runner-up: %s, %s%s",
          advice.runnerUp().named(),
          value(advice, advice.runnerUp()),
          advice.margin() == null
              ? ""
              : String.format(Locale.ROOT, ", %.1f %% worse", advice.margin()));
    }
    assumptions(text, advice);
    if ("passthrough".equals(best.settings().get("iommu.mode"))) {
      line(
          text,
          "  Passthrough means that devices reach all memory; set a condition if they must not.");
    }
    why(text, advice);
    if (!best.settings().isEmpty()) {
      StringBuilder set = new StringBuilder();
      best.settings()
          .forEach((key, value) -> set.append(" --set ").append(key).append('=').append(value));
      line(text, "Try it: mapstorm run %s%s", advice.scenario(), set);
    }
  }

  private static String against(Advice advice, Tried best) {
    Estimate before = advice.asItIs().value();
    if (best.settings().isEmpty() || before == null) {
      return "";
    }
    String change =
        before.mean() == 0
            ? ""
            : String.format(
                Locale.ROOT,
                ", %+.1f %%",
                100 * (best.value().mean() - before.mean()) / Math.abs(before.mean()));
    return "against %s as the scenario is%s".formatted(value(advice, advice.asItIs()), change);
  }

  private static String value(Advice advice, Tried of) {
    Estimate value = of.value();
    String mean = advice.unit().text(value.mean());
    if (value.margin() == null || value.margin() == 0 || value.mean() == 0) {
      return mean;
    }
    return String.format(
        Locale.ROOT, "%s ±%.1f%%", mean, 100 * value.margin() / Math.abs(value.mean()));
  }

  private static String named(List<Tried> variants) {
    List<String> names = variants.stream().limit(NAMED).map(Tried::named).toList();
    int rest = variants.size() - names.size();
    return String.join("; ", names) + (rest > 0 ? "; and %d more".formatted(rest) : "");
  }

  private static void assumptions(StringBuilder text, Advice advice) {
    if (advice.assumptions() == null || advice.assumptions().varied() == 0) {
      return;
    }
    int varied = advice.assumptions().varied();
    List<Turning> turning = advice.assumptions().turning();
    if (turning.isEmpty()) {
      line(
          text,
          "  Of %s, each at the ends of its range, none turns that.",
          Units.things(varied, "assumed cost"));
      return;
    }
    line(text, "  Of %s these turn it:", Units.things(varied, "assumed cost"));
    for (Turning each : turning) {
      line(
          text,
          "    %s at %s instead of %s: %s (%s against %s)",
          each.key(),
          each.at(),
          each.was(),
          each.how(),
          advice.unit().text(each.best()),
          advice.unit().text(each.runnerUp()));
    }
  }

  private static void why(StringBuilder text, Advice advice) {
    if (advice.why().isEmpty()) {
      return;
    }
    line(text, "Why, against the scenario as it is:");
    TextTable table = new TextTable("figure", ">as it is", ">recommended");
    for (Comparison.Row row : advice.why()) {
      table.row(row.figure(), cell(row, 0), cell(row, 1));
    }
    text.append(table);
  }

  private static String cell(Comparison.Row row, int run) {
    Double value = row.values().get(run);
    return value == null ? "-" : row.unit().text(value);
  }

  private static void table(StringBuilder text, Advice advice, boolean all) {
    line(
        text,
        "Tried: %s, %s each",
        Units.things(advice.tried().size(), "variant"),
        Units.things(advice.seeds(), "seed"));
    TextTable table = new TextTable("variant", ">" + advice.figure(), "misses");
    List<Tried> shown = all ? advice.tried() : advice.tried().stream().limit(ROWS).toList();
    for (Tried each : shown) {
      table.row(
          each.named(), value(advice, each), each.misses().isEmpty() ? "" : each.misses().get(0));
    }
    text.append(table);
    if (shown.size() < advice.tried().size()) {
      line(text, "  %d more; --all shows them", advice.tried().size() - shown.size());
    }
  }

  private static void refused(StringBuilder text, List<Refused> refused) {
    if (refused.isEmpty()) {
      return;
    }
    line(
        text,
        "Not possible here: %s, such as %s",
        Units.things(refused.size(), "variant"),
        refused.get(0).reason());
  }

  private static void line(StringBuilder text, String format, Object... arguments) {
    text.append(String.format(Locale.ROOT, format, arguments).stripTrailing()).append('\n');
  }
}
