package dev.mapstorm.load.advise;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mapstorm.load.sweep.Estimate;
import dev.mapstorm.load.threshold.Measured;
import dev.mapstorm.persistence.analysis.FigureUnit;
import dev.mapstorm.persistence.analysis.RunFigure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A variant that was run with all seeds.
 *
 * @param settings what it changes in the scenario; empty for the scenario as it is
 * @param value the figure of the goal, over the seeds; null if it was not measured
 * @param values the same by seed
 * @param misses conditions that it does not keep, with what was measured
 * @param bySeed its figures by seed
 */
public record Tried(
    Map<String, String> settings,
    @JsonInclude(JsonInclude.Include.NON_NULL) Estimate value,
    List<Double> values,
    List<String> misses,
    @JsonIgnore List<List<RunFigure>> bySeed) {

  /** Whether it keeps all conditions, and has the figure. */
  boolean isPossible() {
    return value != null && misses.isEmpty();
  }

  /** The means of its figures over the seeds that have them. */
  static List<Measured> means(List<List<RunFigure>> bySeed) {
    Map<String, List<Double>> values = new LinkedHashMap<>();
    Map<String, FigureUnit> units = new LinkedHashMap<>();
    for (List<RunFigure> figures : bySeed) {
      for (RunFigure figure : figures) {
        values.computeIfAbsent(figure.name(), name -> new ArrayList<>()).add(figure.value());
        units.put(figure.name(), figure.unit());
      }
    }
    List<Measured> means = new ArrayList<>();
    values.forEach(
        (name, each) ->
            means.add(new Measured(name, units.get(name), Estimate.of(each).mean(), null)));
    return means;
  }

  /** The settings as {@code key=value}, or that there are none. */
  String named() {
    return settings.isEmpty()
        ? "the scenario as it is"
        : String.join(
            " ", settings.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList());
  }
}
