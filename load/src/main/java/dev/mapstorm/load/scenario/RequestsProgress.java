package dev.mapstorm.load.scenario;

/** Hears how far the reading of a journal's requests is. */
@FunctionalInterface
public interface RequestsProgress {
  /** Nobody listens. */
  RequestsProgress NONE = (fraction, events) -> {};

  /**
   * More was read.
   *
   * @param fraction of the journal, 0 to 1
   * @param events so far
   */
  void read(double fraction, long events);
}
