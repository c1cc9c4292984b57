package dev.mapstorm.load.export.timeline;

import java.io.IOException;

/**
 * Writes a timeline in one format. Instants are virtual nanoseconds. Those of one track never go
 * back, those of different tracks may. Not thread-safe.
 */
public interface TimelineWriter {
  /** A host, before its tracks. */
  void host(int host, String name) throws IOException;

  /** A track, before what is on it. */
  void track(Track track) throws IOException;

  /** A slice begins, inside of those that are open on its track. */
  void begin(Track track, long t, String name, Arguments arguments, Flow flow) throws IOException;

  /**
   * The innermost open slice of a track ends.
   *
   * @param arguments told in addition to those of its beginning
   */
  void end(Track track, long t, Arguments arguments) throws IOException;

  /** Something happens on a track of slices. */
  void instant(Track track, long t, String name, Arguments arguments) throws IOException;

  /** A counter has a new value. */
  void counter(Track track, long t, long value) throws IOException;

  /** The trace is complete. */
  void finish() throws IOException;

  /** Packets or events written. */
  long written();
}
