package dev.mapstorm.load.trace;

/** What the timestamps of a trace are ({@code trace_clock}, Documentation/trace/ftrace.rst). */
public enum TraceClock {
  /**
   * Times: {@code local}, {@code global}, {@code mono}, {@code boot}, {@code tai}, {@code perf}.
   */
  TIME,
  /**
   * Microseconds since the first event, as latency-format prints them: distances are times, the
   * instants are not those of another trace.
   */
  RELATIVE,
  /** Ticks of unknown length ({@code counter}, {@code x86-tsc}): they tell the order alone. */
  TICKS,
  /** No timestamps: the order of the lines is all there is. */
  NONE;

  /** Whether distances between timestamps are times. */
  public boolean tellsTime() {
    return this == TIME || this == RELATIVE;
  }
}
