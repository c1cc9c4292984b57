package dev.mapstorm.load.sweep;

import dev.mapstorm.load.sweep.SweepResult.Variant;
import dev.mapstorm.load.sweep.SweepResult.VariantFigure;
import dev.mapstorm.persistence.text.TextTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A sweep's result as a table for a terminal, as CSV, and as JMH writes results. */
public final class SweepText {
  private static final double OUTCOME = 1;

  private SweepText() {}

  /** The names of all figures of a result, in the order in which they first appear. */
  public static List<String> names(SweepResult result) {
    Map<String, Boolean> names = new LinkedHashMap<>();
    result.variants().stream()
        .flatMap(variant -> variant.figures().stream())
        .forEach(figure -> names.put(figure.figure(), true));
    return List.copyOf(names.keySet());
  }

  /** What a run is for, as far as any variant has it. */
  public static List<String> outcomes(SweepResult result) {
    Map<String, Boolean> shown = new LinkedHashMap<>();
    for (Variant variant : result.variants()) {
      for (VariantFigure figure : variant.figures()) {
        boolean matters = figure.weight() >= OUTCOME && !figure.figure().equals("latency mean");
        if (matters && figure.estimate().mean() != 0) {
          shown.put(figure.figure(), true);
        }
      }
    }
    return List.copyOf(shown.keySet());
  }

  /**
   * A row a variant: the mean of each figure over the seeds, with the margin of the mean.
   *
   * @param figures to show
   */
  public static String table(SweepResult result, List<String> figures) {
    List<String> headings = new ArrayList<>();
    result.plan().vary().forEach(each -> headings.add(">" + each.key()));
    figures.forEach(figure -> headings.add(">" + figure));
    TextTable table = new TextTable(headings.toArray(String[]::new));
    for (Variant variant : result.variants()) {
      List<Object> row = new ArrayList<>(variant.settings().values());
      figures.forEach(name -> row.add(cell(variant.figure(name))));
      table.row(row.toArray());
    }
    return table.toString();
  }

  private static String cell(VariantFigure figure) {
    if (figure == null) {
      return "-";
    }
    Estimate of = figure.estimate();
    String mean = figure.unit().text(of.mean());
    if (of.margin() == null || of.margin() == 0 || of.mean() == 0) {
      return mean;
    }
    double percent = 100 * of.margin() / Math.abs(of.mean());
    return percent < 0.1
        ? mean + " ±<0.1%"
        : percent < 10
            ? "%s ±%.1f%%".formatted(mean, percent)
            : "%s ±%.0f%%".formatted(mean, percent);
  }

  /** A line a run with all figures in base units: nanoseconds, bytes, counts, percent. */
  public static String csv(SweepResult result) {
    List<String> names = names(result);
    List<String> heading = new ArrayList<>();
    result.plan().vary().forEach(each -> heading.add(each.key()));
    heading.add("seed");
    heading.addAll(names);
    StringBuilder text = new StringBuilder();
    line(text, heading);
    for (Variant variant : result.variants()) {
      for (int i = 0; i < variant.seeds().size(); i++) {
        List<String> cells = new ArrayList<>(variant.settings().values());
        cells.add(variant.seeds().get(i).toString());
        for (String name : names) {
          VariantFigure figure = variant.figure(name);
          Double value = figure == null ? null : figure.values().get(i);
          cells.add(value == null ? "" : value.toString());
        }
        line(text, cells);
      }
    }
    return text.toString();
  }

  /** RFC 4180, with line feeds alone. */
  private static void line(StringBuilder text, List<String> cells) {
    for (int i = 0; i < cells.size(); i++) {
      String cell = cells.get(i);
      boolean plain = cell.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
      text.append(i == 0 ? "" : ",")
          .append(plain ? cell : "\"" + cell.replace("\"", "\"\"") + "\"");
    }
    text.append('\n');
  }

  /** Results in the shape of JMH's {@code -rf json}, a benchmark a variant and figure. */
  public static List<Map<String, Object>> jmh(SweepResult result) {
    String name = result.plan().scenario() == null ? "trace" : result.plan().scenario();
    List<Map<String, Object>> all = new ArrayList<>();
    for (Variant variant : result.variants()) {
      for (VariantFigure figure : variant.figures()) {
        all.add(benchmark(name, variant, figure));
      }
    }
    return all;
  }

  private static Map<String, Object> benchmark(String name, Variant variant, VariantFigure figure) {
    Map<String, Object> of = new LinkedHashMap<>();
    of.put("benchmark", "mapstorm.%s.%s".formatted(name, figure.figure().replace(' ', '_')));
    of.put("mode", figure.unit().isRate() ? "thrpt" : "avgt");
    of.put("threads", 1);
    of.put("forks", variant.seeds().size());
    of.put("warmupIterations", 0);
    of.put("measurementIterations", 1);
    of.put("params", variant.settings());
    Estimate estimate = figure.estimate();
    Map<String, Object> metric = new LinkedHashMap<>();
    metric.put("score", estimate.mean());
    if (estimate.margin() == null) {
      metric.put("scoreError", "NaN");
      metric.put("scoreConfidence", List.of("NaN", "NaN"));
    } else {
      metric.put("scoreError", estimate.margin());
      metric.put(
          "scoreConfidence",
          List.of(estimate.mean() - estimate.margin(), estimate.mean() + estimate.margin()));
    }
    metric.put("scoreUnit", figure.unit().symbol());
    metric.put(
        "rawData", figure.values().stream().filter(value -> value != null).map(List::of).toList());
    of.put("primaryMetric", metric);
    of.put("secondaryMetrics", Map.of());
    return of;
  }
}
