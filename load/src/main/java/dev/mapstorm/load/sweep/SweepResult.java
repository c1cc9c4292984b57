package dev.mapstorm.load.sweep;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mapstorm.persistence.analysis.FigureUnit;
import dev.mapstorm.persistence.analysis.RunFigure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * What a sweep found.
 *
 * @param plan what was run
 * @param complete whether all of it was
 * @param variants those of which at least one run has ended, in order
 */
public record SweepResult(SweepPlan plan, boolean complete, List<Variant> variants) {

  /**
   * One combination of values.
   *
   * @param settings the varied keys with their values
   * @param seeds that have ended, in order
   * @param figures in a fixed order
   */
  public record Variant(
      Map<String, String> settings, List<Long> seeds, List<VariantFigure> figures) {
    /** The figure of that name; null without. */
    public VariantFigure figure(String name) {
      return figures.stream().filter(each -> each.figure().equals(name)).findFirst().orElse(null);
    }
  }

  /**
   * A figure of a variant.
   *
   * @param values by seed; null where a run does not have it
   * @param estimate of those that have it
   * @param weight how much the figure matters, 0 to 1
   */
  public record VariantFigure(
      String figure,
      FigureUnit unit,
      @JsonInclude(JsonInclude.Include.ALWAYS) List<Double> values,
      Estimate estimate,
      double weight) {}

  /** Puts it together from the runs that have ended, by number. */
  static SweepResult of(SweepPlan plan, SortedMap<Integer, RunResult> results) {
    List<Variant> variants = new ArrayList<>();
    for (int variant = 0; variant < plan.variants(); variant++) {
      int first = variant * plan.seeds();
      List<RunResult> runs = List.copyOf(results.subMap(first, first + plan.seeds()).values());
      if (!runs.isEmpty()) {
        variants.add(
            new Variant(
                plan.settingsOf(variant),
                runs.stream().map(run -> plan.seedOf(run.run())).toList(),
                figures(runs)));
      }
    }
    return new SweepResult(plan, results.size() == plan.runs(), variants);
  }

  private static List<VariantFigure> figures(List<RunResult> runs) {
    Map<String, RunFigure[]> byName = new LinkedHashMap<>();
    for (int i = 0; i < runs.size(); i++) {
      for (RunFigure figure : runs.get(i).figures()) {
        byName.computeIfAbsent(figure.name(), name -> new RunFigure[runs.size()])[i] = figure;
      }
    }
    List<VariantFigure> figures = new ArrayList<>();
    byName.forEach((name, each) -> figures.add(figure(name, each)));
    return figures;
  }

  private static VariantFigure figure(String name, RunFigure[] ofRuns) {
    List<Double> values = new ArrayList<>();
    List<Double> present = new ArrayList<>();
    FigureUnit unit = null;
    double weight = 0;
    for (RunFigure figure : ofRuns) {
      values.add(figure == null ? null : figure.value());
      if (figure != null) {
        present.add(figure.value());
        unit = figure.unit();
        weight = Math.max(weight, figure.weight());
      }
    }
    return new VariantFigure(name, unit, values, Estimate.of(present), weight);
  }
}
