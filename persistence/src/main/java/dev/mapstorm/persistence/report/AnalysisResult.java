package dev.mapstorm.persistence.report;

import dev.mapstorm.persistence.analysis.Analysis;
import dev.mapstorm.persistence.analysis.Results;
import dev.mapstorm.persistence.analysis.RunFigure;
import dev.mapstorm.persistence.analysis.RunFigures;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All that was found in a run. Times are virtual nanoseconds, pages are granules of 4 KiB, rates
 * are per virtual second over the run's span and rounded down. Lists are in a fixed order, given
 * with each, so that equal runs give equal results. A {@code client}, {@code cpu} or {@code domain}
 * of -1 means that there is none.
 *
 * @param found what each analysis found, in the order of JSON
 */
public record AnalysisResult(Map<Analysis<?, ?>, Object> found) implements Results {
  /** Keeps the order. */
  public AnalysisResult {
    found = Collections.unmodifiableMap(new LinkedHashMap<>(found));
  }

  @Override
  @SuppressWarnings("unchecked")
  public <R> R of(Analysis<?, R> analysis) {
    Object result = found.get(analysis);
    if (result == null) {
      throw new IllegalArgumentException("there is no analysis " + analysis.name());
    }
    return (R) result;
  }

  /** What each analysis found, by its {@linkplain Analysis#name() name}: what JSON shows. */
  public Map<String, Object> byName() {
    Map<String, Object> byName = new LinkedHashMap<>();
    found.forEach((analysis, result) -> byName.put(analysis.name(), result));
    return byName;
  }

  /** The figures that can be compared with those of other runs, in a fixed order. */
  public List<RunFigure> figures() {
    RunFigures figures = new RunFigures();
    Analyses.inReadingOrder(found.keySet()).forEach(each -> each.figures(this, figures));
    return figures.all();
  }
}
