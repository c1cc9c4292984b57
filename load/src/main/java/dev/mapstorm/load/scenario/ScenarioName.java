package dev.mapstorm.load.scenario;

/** Names of scenarios and of the machines in them, which reports and run directories use. */
final class ScenarioName {
  private ScenarioName() {}

  /** The name that a scenario without one has: that of its file, or its built-in name. */
  static String ofFile(String nameOrFile) {
    return nameOrFile.replaceFirst(".*[/\\\\]", "").replaceFirst("\\.conf$", "");
  }

  /**
   * Refuses a name that cannot be one.
   *
   * @param settings whose {@code name} it is
   */
  static String checked(Settings settings, String name) {
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
      throw settings.wrong("name", "\"" + name + "\" must be letters, digits, dots and dashes");
    }
    return name;
  }
}
