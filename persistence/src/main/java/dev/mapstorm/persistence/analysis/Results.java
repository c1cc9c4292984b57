package dev.mapstorm.persistence.analysis;

/** What analyses found in a run. */
public interface Results {
  /**
   * What one of them found.
   *
   * @throws IllegalArgumentException if it was not made
   */
  <R> R of(Analysis<?, R> analysis);
}
