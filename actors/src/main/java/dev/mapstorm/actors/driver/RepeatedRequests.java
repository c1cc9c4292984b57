package dev.mapstorm.actors.driver;

import dev.mapstorm.actors.spec.RecordedRequests;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.MapApi;

/** Requests that were recorded, in their order: the same memory, the same way. Not thread-safe. */
final class RepeatedRequests implements RequestSource {
  private final RecordedRequests recorded;
  private int next;

  /**
   * The requests of a recording.
   *
   * @param recorded maps only
   */
  RepeatedRequests(RecordedRequests recorded) {
    this.recorded = recorded;
  }

  @Override
  public boolean hasNext() {
    return next < recorded.size();
  }

  @Override
  public KeptBuffers kept() {
    return null;
  }

  @Override
  public void nextBuffer(DmaRequest buffer, MapApi api, long since) {
    throw new IllegalStateException("recorded requests map their own memory");
  }

  @Override
  public void renewBuffer(DmaRequest buffer, int place, MapApi api, long since) {
    throw new IllegalStateException("recorded requests map their own memory");
  }

  @Override
  public boolean wants() {
    return hasNext();
  }

  @Override
  public void next(DmaRequest request, int slot, MapApi api, long since) {
    int entry = next++;
    request.begin(
        recorded.op()[entry],
        api,
        Direction.of(recorded.direction()[entry]),
        recorded.physOf(entry),
        recorded.lengthOf(entry),
        since);
  }
}
