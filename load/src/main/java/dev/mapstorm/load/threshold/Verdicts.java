package dev.mapstorm.load.threshold;

import dev.mapstorm.load.scenario.FigureName;
import dev.mapstorm.load.scenario.NearestName;
import dev.mapstorm.load.scenario.Threshold;
import dev.mapstorm.persistence.analysis.FigureUnit;
import dev.mapstorm.persistence.text.TextTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What became of thresholds, in their order. A threshold names one figure by its whole name, or all
 * figures that have its words in their order; then each of these has to keep it. One that names
 * nothing that was measured is missed: a figure that is absent, or misspelt, must not pass a gate.
 *
 * @param all in the order of the thresholds, of the runs or variants, and of the figures
 */
public record Verdicts(List<Verdict> all) {
  /** Of none. */
  public static final Verdicts NONE = new Verdicts(List.of());

  /** Keeps an unmodifiable copy. */
  public Verdicts {
    all = List.copyOf(all);
  }

  /**
   * Holds figures of one run or variant against thresholds.
   *
   * @param of its name where there are several, else empty
   * @param first whether it is the first of several runs, which has changed against nothing
   */
  public static Verdicts of(
      List<Threshold> thresholds, String of, List<Measured> figures, boolean first) {
    List<Verdict> verdicts = new ArrayList<>();
    for (Threshold threshold : thresholds) {
      if (first && threshold.relative()) {
        continue;
      }
      List<Measured> named =
          figures.stream()
              .filter(each -> FigureName.isWhole(threshold.figure(), each.figure()))
              .toList();
      if (named.isEmpty()) {
        named =
            figures.stream()
                .filter(each -> FigureName.fits(threshold.figure(), each.figure()))
                .toList();
      }
      if (named.isEmpty()) {
        verdicts.add(unknown(threshold, of, figures));
      }
      named.forEach(each -> verdicts.add(verdict(threshold, of, each)));
    }
    return new Verdicts(verdicts);
  }

  private static Verdict unknown(Threshold threshold, String of, List<Measured> figures) {
    List<String> names = figures.stream().map(Measured::figure).toList();
    return new Verdict(
        threshold.text(),
        of,
        null,
        null,
        null,
        false,
        "no such figure was measured" + NearestName.hint(threshold.figure(), names));
  }

  private static Verdict verdict(Threshold threshold, String of, Measured figure) {
    Double value = threshold.relative() ? figure.change() : figure.value();
    FigureUnit unit = threshold.relative() ? FigureUnit.PERCENT : figure.unit();
    String why = null;
    if (value == null) {
      why =
          threshold.relative() && figure.value() != null
              ? "nothing to compare with"
              : "was not measured";
    } else if (!threshold.units().contains(figure.unit())) {
      why = "is in %s, the limit is %s".formatted(inWords(figure.unit()), threshold.limitIs());
    }
    return new Verdict(
        threshold.text(),
        of,
        figure.figure(),
        unit,
        value,
        why == null && threshold.relation().holds(value, threshold.limit()),
        why);
  }

  private static String inWords(FigureUnit unit) {
    return switch (unit) {
      case NS -> "ns";
      case COUNT -> "plain numbers";
      case PER_SECOND -> "a second";
      case BYTES_PER_SECOND -> "bytes a second";
      case PERCENT -> "percent";
    };
  }

  /** These and others. */
  public Verdicts and(Verdicts others) {
    List<Verdict> both = new ArrayList<>(all);
    both.addAll(others.all);
    return new Verdicts(both);
  }

  /** How many were missed. */
  public long missed() {
    return all.stream().filter(each -> !each.met()).count();
  }

  /** A line a verdict, what was missed first; empty without any. */
  public String text() {
    if (all.isEmpty()) {
      return "";
    }
    boolean several = all.stream().anyMatch(each -> !each.of().isEmpty());
    TextTable table =
        several
            ? new TextTable("", "threshold", "of", ">value", "figure")
            : new TextTable("", "threshold", ">value", "figure");
    rows(table, several, false);
    rows(table, several, true);
    return "Thresholds: %s\n%s"
        .formatted(
            missed() == 0
                ? "all %d met".formatted(all.size())
                : String.format(Locale.ROOT, "%d of %d MISSED", missed(), all.size()),
            table);
  }

  private void rows(TextTable table, boolean several, boolean met) {
    for (Verdict each : all) {
      if (each.met() == met) {
        List<Object> cells = new ArrayList<>();
        cells.add(met ? "met" : "MISSED");
        cells.add(each.threshold());
        if (several) {
          cells.add(each.of());
        }
        cells.add(each.shown());
        cells.add(each.figure() == null ? "" : each.figure());
        table.row(cells.toArray());
      }
    }
  }
}
