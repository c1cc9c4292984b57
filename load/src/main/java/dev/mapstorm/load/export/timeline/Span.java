package dev.mapstorm.load.export.timeline;

/**
 * Something that took a CPU some time.
 *
 * @param begin first instant
 * @param end last instant
 * @param name shown with it
 * @param arguments told with it
 * @param flow that it lies on
 */
record Span(long begin, long end, String name, Arguments arguments, Flow flow) {
  /** On no flow. */
  Span(long begin, long end, String name, Arguments arguments) {
    this(begin, end, name, arguments, Flow.NONE);
  }

  /** The same on another flow. */
  Span on(Flow other) {
    return new Span(begin, end, name, arguments, other);
  }

  /** Whether it takes any time, all of it within {@code other}. */
  boolean isWithin(Span other) {
    return begin >= other.begin && end <= other.end && begin < end;
  }
}
