package dev.mapstorm.load.cli;

import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.load.scenario.ScenarioLoader;
import java.nio.file.Path;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What a command runs: a scenario by its name or file, a trace, or both. */
final class ScenarioSource {
  @Parameters(
      arity = "0..1",
      paramLabel = "SCENARIO|FILE.conf",
      description = "A built-in scenario (mapstorm scenarios lists them) or a file.")
  private String scenario;

  @Option(
      names = "--trace",
      paramLabel = "FILE",
      description = "Repeat the client requests of a kernel trace, plain or gzip.")
  private Path trace;

  /** The name or file; null with a trace alone. */
  String scenario() {
    return scenario;
  }

  /** The trace; null without. */
  Path trace() {
    return trace;
  }

  /** Whether neither is given. */
  boolean isEmpty() {
    return scenario == null && trace == null;
  }

  /**
   * Refuses a command line that names neither.
   *
   * @param what the command does, such as {@code run}
   */
  void check(String what) {
    if (isEmpty()) {
      throw new CommandException(
          ExitCode.USAGE,
          "%s what? Name a scenario, a file that ends in .conf, or a --trace".formatted(what));
    }
  }

  /** Loads it with what the loader was told before. */
  Scenario load(ScenarioLoader loader) {
    if (trace != null) {
      loader.trace(trace);
    }
    return scenario == null ? loader.loadTrace() : loader.load(scenario);
  }
}
