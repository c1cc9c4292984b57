package dev.mapstorm.persistence.store;

/** Hears how far the reading of a journal is. */
@FunctionalInterface
public interface ReadProgress {
  /** Nobody wants to know. */
  ReadProgress NONE = (fraction, events) -> {};

  /**
   * More was read.
   *
   * @param fraction of what there is to read, 0 to 1
   * @param events so far
   */
  void read(double fraction, long events);
}
