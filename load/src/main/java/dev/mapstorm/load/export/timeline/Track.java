package dev.mapstorm.load.export.timeline;

/**
 * A row of a timeline. Slices of one track nest or follow each other. Tracks of a host that bear
 * the same name are lanes of one thing, such as the requests of a device, and shown together.
 *
 * @param id from 1, no two alike in a trace
 * @param host that it belongs to
 * @param kind what it shows
 * @param number thread number within the host for {@link Kind#THREAD}; else of no meaning
 * @param name shown with it
 */
public record Track(int id, int host, Kind kind, int number, String name) {
  /** What a track shows. */
  public enum Kind {
    /** What a CPU executes. */
    THREAD,
    /** What is in flight: one of several lanes. */
    ASYNC,
    /** A number over time. */
    COUNT,
    /** Bytes over time. */
    BYTES
  }

  /** Whether it shows a number and not slices. */
  public boolean isCounter() {
    return kind == Kind.COUNT || kind == Kind.BYTES;
  }
}
