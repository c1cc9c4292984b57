package dev.mapstorm.load.scenario;

import com.typesafe.config.ConfigOrigin;

/** What is wrong with a scenario or a platform profile: one sentence with file, line and key. */
public final class ScenarioException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A complaint that belongs to no place in a file. */
  public ScenarioException(String message) {
    super(message);
  }

  ScenarioException(String message, Throwable cause) {
    super(message, cause);
  }

  /** A complaint about {@code key}, which stands at {@code origin}. */
  static ScenarioException at(ConfigOrigin origin, String key, String problem) {
    return new ScenarioException("%s: %s: %s".formatted(place(origin), key, problem));
  }

  /** Where a value stands, as {@code file:line}; built-in files are named by their resource. */
  static String place(ConfigOrigin origin) {
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
