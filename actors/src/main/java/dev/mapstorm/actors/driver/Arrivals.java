package dev.mapstorm.actors.driver;

/** When requests come that nobody waits for: the arrivals of an open loop. Not thread-safe. */
interface Arrivals {
  /** Whether another request will come. */
  boolean hasNext();

  /** Nanoseconds from {@code now}, the last arrival, to the next; there must be one. */
  long gap(long now);
}
