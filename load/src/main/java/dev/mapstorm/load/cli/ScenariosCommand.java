package dev.mapstorm.load.cli;

import dev.mapstorm.load.scenario.ScenarioLoader;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists what can be run. */
@Command(
    name = "scenarios",
    description = {
      "Lists the scenarios that come with the program.",
      "",
      "Every key of a scenario is explained by the comments that --keys prints; a scenario file of your own"
          + " holds only what differs and may include a built-in one.",
    },
    footerHeading = "%nExamples:%n",
    footer = {"  mapstorm scenarios", "  mapstorm scenarios --keys | less"})
final class ScenariosCommand implements Callable<Integer> {
  private final Console console;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Option(names = "--keys", description = "Print every key of a scenario with its default.")
  private boolean keys;

  ScenariosCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    Map<String, String> scenarios = ScenarioLoader.builtIn();
    if (keys) {
      console.text(ScenarioLoader.documentation());
    } else if (json) {
      Json.print(console, scenarios);
    } else {
      scenarios.forEach((name, line) -> console.print("%-14s %s".formatted(name, line)));
    }
    return ExitCode.OK;
  }
}
