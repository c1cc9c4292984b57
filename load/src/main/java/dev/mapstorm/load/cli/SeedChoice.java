package dev.mapstorm.load.cli;

import dev.mapstorm.load.scenario.ScenarioLoader;
import picocli.CommandLine.Option;

/** {@code --seed}. */
final class SeedChoice {
  @Option(names = "--seed", paramLabel = "N", description = "Seed of the run.")
  private Long seed;

  /** Sets it where one was given. */
  void set(ScenarioLoader loader) {
    if (seed != null) {
      loader.set("--seed", "seed", seed.toString());
    }
  }
}
