package dev.mapstorm.actors.driver;

/** When requests come that nobody waits for: the arrivals of an open loop. Not thread-safe. */
sealed interface Arrivals permits PacedArrivals, RecordedArrivals {
  /** Whether another request will come. */
  boolean hasNext();

  /** Nanoseconds from {@code now}, the last arrival, to the next; there must be one. */
  long gap(long now);
}
