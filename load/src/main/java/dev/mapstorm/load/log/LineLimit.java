package dev.mapstorm.load.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Marker;

/**
 * Limits what a logger writes: of each level so many lines in a window of some seconds. The others
 * are counted, and their number is written when the window ends. A peer, a database or a fleet that
 * gives cause for a line thousands of times a second can so not fill a disk with it.
 *
 * <p>Limited are warnings and errors of all loggers, and information of Pekko's, which strangers
 * cause as well. What is asked for with {@code --log debug} is not. A logger that is over its limit
 * also answers that the level is off, so that Pekko does not even queue the line.
 *
 * <p>Named in {@code log-appenders.xml}, made by Logback. Thread-safe.
 */
public final class LineLimit extends TurboFilter {
  private static final int DEFAULT_LINES = 20;
  private static final int DEFAULT_SECONDS = 10;
  private static final String PEKKO = "org.apache.pekko.";
  private static final String FQCN = LineLimit.class.getName();

  private record Source(Logger logger, Level level) {}

  private final Map<Source, AtomicLong> lines = new ConcurrentHashMap<>();
  private int atMost = DEFAULT_LINES;
  private int seconds = DEFAULT_SECONDS;
  private ScheduledFuture<?> windows;

  /** Called by Logback. */
  public LineLimit() {}

  /** Lines of one level that a logger may write in a window, by default 20; at least 1. */
  public void setLines(int lines) {
    atMost = lines;
  }

  /** Length of a window in seconds, by default 10; at least 1. */
  public void setSeconds(int seconds) {
    this.seconds = seconds;
  }

  @Override
  public void start() {
    if (atMost < 1 || seconds < 1) {
      addError("lines and seconds must be at least 1, are %d and %d".formatted(atMost, seconds));
      return;
    }
    LoggerContext context = (LoggerContext) getContext();
    windows =
        context
            .getScheduledExecutorService()
            .scheduleAtFixedRate(this::endWindow, seconds, seconds, TimeUnit.SECONDS);
    super.start();
  }

  @Override
  public void stop() {
    super.stop();
    if (windows != null) {
      windows.cancel(false);
    }
  }

  @Override
  public FilterReply decide(
      Marker marker,
      Logger logger,
      Level level,
      String format,
      Object[] arguments,
      Throwable cause) {
    if (!isStarted()
        || !isLimited(logger, level)
        || !level.isGreaterOrEqual(logger.getEffectiveLevel())) {
      return FilterReply.NEUTRAL;
    }
    AtomicLong count = lines.computeIfAbsent(new Source(logger, level), source -> new AtomicLong());
    boolean onlyAsked = format == null && cause == null;
    long number = onlyAsked && count.get() < atMost ? 0 : count.incrementAndGet();
    if (number <= atMost) {
      return FilterReply.NEUTRAL;
    }
    if (number == atMost + 1L) {
      write(
          logger,
          level,
          "%d such lines within %d s: more of this logger are only counted until then"
              .formatted(atMost, seconds));
    }
    return FilterReply.DENY;
  }

  private static boolean isLimited(Logger logger, Level level) {
    return level.isGreaterOrEqual(Level.WARN)
        || level.equals(Level.INFO) && logger.getName().startsWith(PEKKO);
  }

  /** Says what was left out, and begins to count anew. */
  void endWindow() {
    for (Source source : lines.keySet()) {
      long left = lines.remove(source).get() - atMost;
      if (left > 0) {
        write(
            source.logger(),
            source.level(),
            "%d more such lines in the last %d s".formatted(left, seconds));
      }
    }
  }

  /** Past this filter. */
  private static void write(Logger logger, Level level, String text) {
    logger.callAppenders(new LoggingEvent(FQCN, logger, level, text, null, null));
  }
}
