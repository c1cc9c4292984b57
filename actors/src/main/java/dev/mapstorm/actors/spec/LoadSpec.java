package dev.mapstorm.actors.spec;

/** What makes a client issue its next request. */
public sealed interface LoadSpec {
  /** Requests in flight. */
  int depth();

  /** Requests after which the client stops; 0 for all that it has. */
  long requests();

  /**
   * A new request as soon as one of {@code depth} is done.
   *
   * @param depth requests in flight
   * @param requests after which the client stops; 0 for no limit
   */
  record ClosedLoop(int depth, long requests) implements LoadSpec {}

  /**
   * Requests at a rate of their own, whatever became of the earlier ones.
   *
   * @param perSecond requests a second
   * @param poisson exponentially distributed gaps instead of equal ones
   * @param depth requests in flight beyond which arrivals wait in order
   * @param requests after which the client stops; 0 for no limit
   */
  record OpenLoop(long perSecond, boolean poisson, int depth, long requests) implements LoadSpec {}

  /** Nothing is asked for: the client only keeps its buffers mapped. */
  record Idle() implements LoadSpec {
    @Override
    public int depth() {
      return 0;
    }

    @Override
    public long requests() {
      return 0;
    }
  }

  /**
   * Each request at the instant at which it was recorded, whatever became of the earlier ones.
   *
   * @param depth requests in flight beyond which arrivals wait in order
   */
  record AsRecorded(int depth) implements LoadSpec {
    @Override
    public long requests() {
      return 0;
    }
  }
}
