package dev.mapstorm.load.export.timeline;

import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * What a host's timeline is drawn on: a writer, behind the limits of a window. Before the window
 * opens nothing is drawn. Failures to write are {@link UncheckedIOException}. Not thread-safe.
 */
final class Canvas {
  private final TimelineWriter writer;
  private final Numbers numbers;
  private final int host;
  private final long fromNs;
  private final long toNs;
  private boolean open;

  /** Numbers that are unique in a trace, whatever hosts it has. */
  static final class Numbers {
    private int tracks;
    private long flows;

    private int track() {
      return ++tracks;
    }

    private long flow() {
      return ++flows;
    }
  }

  /**
   * @param fromNs first instant of the window
   * @param toNs last instant of the window
   */
  Canvas(TimelineWriter writer, Numbers numbers, int host, long fromNs, long toNs) {
    this.writer = writer;
    this.numbers = numbers;
    this.host = host;
    this.fromNs = fromNs;
    this.toNs = toNs;
  }

  /** First instant of the window. */
  long from() {
    return fromNs;
  }

  /** The instant, or the end of the window if that is earlier. */
  long within(long t) {
    return Math.min(t, toNs);
  }

  /** Whether the window is open. */
  boolean isOpen() {
    return open;
  }

  /** Opens it. */
  void open() {
    open = true;
  }

  /** The number of a new flow. */
  long newFlow() {
    return numbers.flow();
  }

  /** A new track of slices in lanes, or of a counter. */
  Track track(Track.Kind kind, String name) {
    return declare(new Track(numbers.track(), host, kind, 0, name));
  }

  /** A new track of a thread. */
  Track thread(int number, String name) {
    return declare(new Track(numbers.track(), host, Track.Kind.THREAD, number, name));
  }

  private Track declare(Track track) {
    try {
      writer.track(track);
      return track;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A slice begins. */
  void begin(Track track, long t, String name, Arguments arguments, Flow flow) {
    try {
      writer.begin(track, t, name, arguments, flow);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The innermost slice ends. */
  void end(Track track, long t, Arguments arguments) {
    try {
      writer.end(track, t, arguments);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Something happens. */
  void instant(Track track, long t, String name, Arguments arguments) {
    try {
      writer.instant(track, t, name, arguments);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A counter has a new value. */
  void counter(Track track, long t, long value) {
    try {
      writer.counter(track, t, value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
