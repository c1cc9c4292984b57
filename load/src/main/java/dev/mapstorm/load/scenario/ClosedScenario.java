package dev.mapstorm.load.scenario;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import dev.mapstorm.persistence.hocon.ClosedHocon;
import dev.mapstorm.persistence.hocon.HoconException;
import dev.mapstorm.persistence.store.FileErrors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Scenarios that this process's user did not write: those of run directories and journals, and
 * those that are submitted to a node. Beyond what {@link ClosedHocon} asks of them they name no
 * files of profiles and scenarios; a submitted one names no file at all.
 */
final class ClosedScenario {
  private static final String NONE = "none";

  private ClosedScenario() {}

  /**
   * Parses a text.
   *
   * @param origin what messages call it
   * @throws ScenarioException if it is not closed
   */
  static Config of(String text, String origin) {
    try {
      return checked(ClosedHocon.parse(text, origin));
    } catch (HoconException e) {
      throw new ScenarioException(e.getMessage(), e);
    }
  }

  /**
   * Parses the file of a run directory.
   *
   * @throws ScenarioException if it cannot be read, or is not closed
   */
  static Config of(Path file) {
    try {
      return checked(ClosedHocon.read(file));
    } catch (HoconException e) {
      throw new ScenarioException(e.getMessage(), e);
    } catch (IOException e) {
      throw new ScenarioException("%s: %s".formatted(file, FileErrors.reason(e)), e);
    }
  }

  /**
   * Refuses requests that are in files of one machine, which the nodes of a cluster do not have in
   * common, and must not look for on a stranger's word.
   *
   * @param scenario resolved
   */
  static void checkNoRecordedRequests(Config scenario) {
    refuse(scenario, "trace", "a kernel trace");
    refuse(scenario, "requests", "the journal of a run");
  }

  private static void refuse(Config scenario, String key, String what) {
    ConfigValue value = scenario.root().get(key);
    if (value != null && !NONE.equals(value.unwrapped())) {
      throw ScenarioException.at(
          value.origin(),
          key,
          "the nodes of a cluster read no files that a scenario names, and %s is one; mapstorm run repeats it"
              .formatted(what));
    }
  }

  private static Config checked(Config scenario) {
    checkName("", "platform", scenario.root(), BuiltIn.PLATFORMS);
    if (scenario.root().get("mix") instanceof ConfigList mix) {
      for (int i = 0; i < mix.size(); i++) {
        if (mix.get(i) instanceof ConfigObject element) {
          String path = "mix[%d].".formatted(i);
          checkName(path, "platform", element, BuiltIn.PLATFORMS);
          checkName(path, "scenario", element, BuiltIn.SCENARIOS);
        }
      }
    }
    return scenario;
  }

  private static void checkName(
      String path, String key, ConfigObject section, List<String> builtIn) {
    ConfigValue value = section.get(key);
    if (value != null
        && value.valueType() == ConfigValueType.STRING
        && !builtIn.contains(value.unwrapped())) {
      throw ScenarioException.at(
          value.origin(),
          path + key,
          "must be one that comes with the program (%s) or be written out: a scenario of somebody else's names no files"
              .formatted(String.join(", ", builtIn)));
    }
  }
}
