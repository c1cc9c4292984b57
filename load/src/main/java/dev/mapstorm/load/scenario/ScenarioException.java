package dev.mapstorm.load.scenario;

import com.typesafe.config.ConfigOrigin;
import dev.mapstorm.persistence.hocon.HoconException;

/**
 * What is wrong with a scenario or a platform profile: one sentence with file, line and key, cut
 * where what it quotes is long, and with control characters escaped.
 */
public final class ScenarioException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int LONGEST = 1000;

  /** A complaint that belongs to no place in a file. */
  public ScenarioException(String message) {
    super(HoconException.shown(message, LONGEST));
  }

  public ScenarioException(String message, Throwable cause) {
    super(HoconException.shown(message, LONGEST), cause);
  }

  /** A complaint about {@code key}, which stands at {@code origin}. */
  static ScenarioException at(ConfigOrigin origin, String key, String problem) {
    return new ScenarioException("%s: %s: %s".formatted(place(origin), key, problem));
  }

  /** Where a value stands, as {@code file:line}; built-in files are named by their resource. */
  static String place(ConfigOrigin origin) {
    if (UserHocon.isFromEnvironment(origin)) {
      return "environment";
    }
    String name = origin.filename();
    if (name == null) {
      name = origin.resource();
    }
    if (name == null) {
      name = origin.description();
      String merge = "merge of ";
      if (name.startsWith(merge)) {
        name = name.substring(merge.length(), name.indexOf(',') + 1).replace(",", "");
      }
      return name.replaceFirst(": \\d+$", "");
    }
    return origin.lineNumber() > 0 ? name + ":" + origin.lineNumber() : name;
  }
}
