package dev.mapstorm.actors.driver;

import dev.mapstorm.actors.spec.RecordedRequests;

/** Arrivals at the instants of a recording. Not thread-safe. */
final class RecordedArrivals implements Arrivals {
  private final RecordedRequests recorded;
  private int next;

  RecordedArrivals(RecordedRequests recorded) {
    this.recorded = recorded;
  }

  @Override
  public boolean hasNext() {
    return next < recorded.size();
  }

  @Override
  public long gap(long now) {
    return Math.max(0, recorded.t()[next++] - now);
  }
}
