package dev.mapstorm.load.cli;

import dev.mapstorm.load.run.RunMemory;
import dev.mapstorm.load.run.RunReport;
import dev.mapstorm.load.run.RunReportText;
import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.load.scenario.ScenarioLoader;
import dev.mapstorm.persistence.store.RunDirectory;
import dev.mapstorm.persistence.store.RunLock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Function;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a scenario is run into a directory: the options that say so, and the run itself. */
final class ScenarioRun {
  @Mixin private final ScenarioOverrides overrides = new ScenarioOverrides();
  @Mixin private final LanesChoice lanes = new LanesChoice();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "The run directory; by default runs/SCENARIO-N.")
  private Path out;

  @Option(names = "--json", description = "Print the report as JSON.")
  private boolean json;

  /** Whether what is printed is to be JSON. */
  boolean json() {
    return json;
  }

  /**
   * Loads a scenario with the options over it.
   *
   * @param load what to load
   */
  Scenario load(Console console, Function<ScenarioLoader, Scenario> load) {
    return load(console, overrides.loader(), load);
  }

  /**
   * Loads a scenario, showing how far it is where that takes long: where it takes its requests from
   * a trace or a journal.
   *
   * @param load what to load
   */
  static Scenario load(
      Console console, ScenarioLoader loader, Function<ScenarioLoader, Scenario> load) {
    try (ProgressLine line = new ProgressLine(console, System::nanoTime)) {
      return load.apply(
          loader.onReading((part, events) -> line.events("reading the requests", part, events)));
    }
  }

  /** A run that was made. */
  record Made(Path path, RunReport report) {}

  /** Runs a scenario, showing how far it is, and leaves the directory with its report. */
  Made run(Console console, Scenario scenario) throws InterruptedException, IOException {
    scenario.notes().forEach(note -> console.note("mapstorm: " + note));
    int threads = lanes.of(scenario);
    RunMemory.ofProcess(scenario).check();
    Path path = out != null ? out : RunDirectories.next(scenario.name());
    RunDirectory directory = RunDirectory.create(path, scenario.text());
    console.note(
        "mapstorm: running %s for %.3f ms of virtual time into %s"
            .formatted(scenario.name(), scenario.durationNs() / 1e6, path));
    RunLock lock = directory.lock();
    try (lock;
        Interruption interruption = new Interruption()) {
      RunReport report =
          new LiveRun(console, scenario, scenario.name(), directory, threads).run(interruption);
      directory.writeReport(Json.text(report) + "\n");
      return new Made(path, report);
    }
  }

  /** Prints the report of a run for a terminal. */
  static void print(Console console, Made made) {
    print(console, made, "");
  }

  /**
   * The same.
   *
   * @param more lines after the report
   */
  static void print(Console console, Made made, String more) {
    console.text(RunReportText.of(made.report()) + more);
    console.print("run       " + made.path());
  }
}
