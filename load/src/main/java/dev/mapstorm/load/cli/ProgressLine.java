package dev.mapstorm.load.cli;

/**
 * How far a long command is, on standard error: on a terminal one line that is written over, else a
 * line every few seconds. Says nothing in the first two seconds. Not thread-safe.
 */
final class ProgressLine implements AutoCloseable {
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1000 * MILLI;
  private static final long SILENT_NS = 2 * SECOND;
  private static final long LIVE_NS = 200 * MILLI;
  private static final long LINES_NS = 5 * SECOND;
  private static final double LEAST_FRACTION = 0.001;

  private final Console console;
  private final Ticker ticker;
  private final long started;
  private long shownAt;
  private boolean shown;
  private double firstFraction;
  private long firstAt;

  /** Where wall time comes from, in nanoseconds. */
  interface Ticker {
    /** Only differences mean anything. */
    long now();
  }

  ProgressLine(Console console, Ticker ticker) {
    this.console = console;
    this.ticker = ticker;
    started = ticker.now();
    shownAt = started + SILENT_NS - (console.live() ? LIVE_NS : LINES_NS);
  }

  /** Wall nanoseconds since the beginning. */
  long elapsedNs() {
    return ticker.now() - started;
  }

  /**
   * Shows how far it is, if it is time to.
   *
   * @param what has been done, in words
   * @param fraction of the whole, 0 to 1
   */
  void update(String what, double fraction) {
    long now = ticker.now();
    if (firstFraction == 0 && fraction > 0) {
      firstFraction = fraction;
      firstAt = now;
    }
    if (now - started < SILENT_NS || now - shownAt < (console.live() ? LIVE_NS : LINES_NS)) {
      return;
    }
    shownAt = now;
    shown = true;
    String line = "%s  %3.0f %%%s".formatted(what, 100 * fraction, left(now, fraction));
    console.over(line);
  }

  /** Wall nanoseconds since the first progress, or the beginning while there is none. */
  long workingNs() {
    return Math.max(1, ticker.now() - (firstFraction > 0 ? firstAt : started));
  }

  /** The same with the rate of {@code events} so far. */
  void events(String what, double fraction, long events) {
    double perSecond = events * 1e9 / workingNs();
    update("%s  %.2f M events/s".formatted(what, perSecond / 1e6), fraction);
  }

  /** How long the rest takes at the pace since the first progress; nothing while there is none. */
  private String left(long now, double fraction) {
    if (fraction < LEAST_FRACTION || fraction <= firstFraction) {
      return "";
    }
    double seconds = (now - firstAt) * (1 - fraction) / (fraction - firstFraction) / SECOND;
    if (seconds < 90) {
      return "  %.0f s left".formatted(seconds);
    }
    return seconds < 5400
        ? "  %.0f min left".formatted(seconds / 60)
        : "  %.1f h left".formatted(seconds / 3600);
  }

  /** Takes the live line away. */
  @Override
  public void close() {
    if (shown && console.live()) {
      console.over("");
    }
  }
}
