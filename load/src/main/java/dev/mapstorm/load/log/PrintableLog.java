package dev.mapstorm.load.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.pattern.CompositeConverter;
import dev.mapstorm.persistence.text.PrintableText;

/**
 * Lines of the log as a terminal may be given them, {@code %shown(...)} in a pattern of Logback: a
 * line may hold names that come from elsewhere.
 */
public final class PrintableLog extends CompositeConverter<ILoggingEvent> {
  /** Called by Logback. */
  public PrintableLog() {}

  @Override
  protected String transform(ILoggingEvent event, String lines) {
    return PrintableText.lines(lines);
  }
}
