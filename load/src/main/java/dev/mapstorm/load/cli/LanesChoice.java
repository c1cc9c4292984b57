package dev.mapstorm.load.cli;

import dev.mapstorm.actors.pekko.Lanes;
import dev.mapstorm.load.scenario.Scenario;
import picocli.CommandLine.Option;

/** {@code --lanes}, of a command that simulates one scenario. */
final class LanesChoice {
  @Option(
      names = "--lanes",
      paramLabel = "N",
      description =
          "Threads that simulate, 1 to "
              + Lanes.MAX
              + "; by default one for each host, up to the processors.")
  private Integer lanes;

  /** Threads to simulate a scenario with. */
  int of(Scenario scenario) {
    if (lanes == null) {
      return Math.min(scenario.hosts().size(), Runtime.getRuntime().availableProcessors());
    }
    OptionValues.lanes(lanes);
    return lanes;
  }
}
