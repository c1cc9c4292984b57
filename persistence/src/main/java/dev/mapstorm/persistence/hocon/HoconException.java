package dev.mapstorm.persistence.hocon;

import com.typesafe.config.ConfigException;
import dev.mapstorm.actors.pekko.Causes;

/**
 * Text that is refused: one sentence with the text's name, line and key. Of the text itself it
 * shows keys and what a parser tripped over, cut and with control characters escaped.
 */
public final class HoconException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int SHOWN_MAX = 500;

  HoconException(String message) {
    super(shown(message, SHOWN_MAX));
  }

  private HoconException(String message, Throwable cause) {
    super(shown(message, SHOWN_MAX), cause);
  }

  /** What a parser says of a text. */
  public static HoconException of(ConfigException e) {
    return new HoconException(Causes.oneLine(e.getMessage()), e);
  }

  /**
   * Text of somebody else's as it can be shown on a terminal.
   *
   * @param max characters of it that are kept
   */
  public static String shown(String text, int max) {
    StringBuilder shown = new StringBuilder();
    text.codePoints()
        .limit(max)
        .forEach(
            c -> {
              if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) {
                shown.append("\\u%04x".formatted(c));
              } else {
                shown.appendCodePoint(c);
              }
            });
    return text.codePointCount(0, text.length()) > max ? shown + "…" : shown.toString();
  }
}
