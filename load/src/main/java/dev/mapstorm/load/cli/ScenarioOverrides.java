package dev.mapstorm.load.cli;

import dev.mapstorm.load.Version;
import dev.mapstorm.load.scenario.ScenarioLoader;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** {@code --set} and {@code --duration}: what a command changes in the scenario it is given. */
final class ScenarioOverrides {
  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Override a key of the scenario; may be repeated.")
  private List<String> assignments = List.of();

  @Option(
      names = "--duration",
      paramLabel = "T",
      description = "Virtual time to simulate, such as 50ms.")
  private String duration;

  /** Whether there are any. */
  boolean isEmpty() {
    return assignments.isEmpty() && duration == null;
  }

  /** These overrides as {@code key=value}, in order. */
  List<String> settings() {
    List<String> settings = new ArrayList<>(assignments);
    if (duration != null) {
      settings.add("duration=" + duration);
    }
    return settings;
  }

  /** A loader with these overrides. */
  ScenarioLoader loader() {
    return over(new ScenarioLoader(Version.current()));
  }

  /** Lays them over what a loader was told before. */
  ScenarioLoader over(ScenarioLoader loader) {
    assignments.forEach(loader::set);
    if (duration != null) {
      loader.set("--duration", "duration", duration);
    }
    return loader;
  }
}
