package dev.mapstorm.load.cli;

import dev.mapstorm.actors.pekko.Progress;
import dev.mapstorm.actors.pekko.SimulationResult;
import dev.mapstorm.load.Version;
import dev.mapstorm.load.run.RunReport;
import dev.mapstorm.load.run.RunReportText;
import dev.mapstorm.load.run.Runner;
import dev.mapstorm.load.scenario.ResolvedScenario;
import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.load.scenario.ScenarioLoader;
import dev.mapstorm.persistence.store.RunDirectory;
import dev.mapstorm.persistence.store.RunLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** How a scenario is run into a directory: the options that say so, and the run itself. */
final class ScenarioRun {
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

  @Option(
      names = "--lanes",
      paramLabel = "N",
      description = "Threads that simulate; by default one for each host, up to the processors.")
  private Integer lanes;

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

  /** A loader that knows the options. */
  ScenarioLoader loader() {
    ScenarioLoader loader = new ScenarioLoader(Version.current());
    assignments.forEach(loader::set);
    if (duration != null) {
      loader.set("--duration", "duration", duration);
    }
    return loader;
  }

  /** A run that was made. */
  record Made(Path path, RunReport report) {}

  /** Runs a scenario, showing how far it is, and leaves the directory with its report. */
  Made run(Console console, Scenario scenario) throws InterruptedException, IOException {
    scenario.notes().forEach(note -> console.note("mapstorm: " + note));
    int threads = lanes(scenario);
    Path path = out != null ? out : RunDirectories.next(scenario.name());
    RunDirectory directory = RunDirectory.create(path, scenario.text());
    console.note(
        "mapstorm: running %s for %.3f ms of virtual time into %s"
            .formatted(scenario.name(), scenario.durationNs() / 1e6, path));
    RunLock lock = directory.lock();
    try (lock;
        Interruption interruption = new Interruption()) {
      RunReport report = run(console, scenario, threads, directory, interruption);
      Files.writeString(directory.reportJson(), Json.text(report) + "\n");
      return new Made(path, report);
    }
  }

  /** Prints the report of a run for a terminal. */
  static void print(Console console, Made made) {
    console.out().print(RunReportText.of(made.report()));
    console.print("run       " + made.path());
  }

  private int lanes(Scenario scenario) {
    if (lanes == null) {
      return Math.min(scenario.hosts().size(), Runtime.getRuntime().availableProcessors());
    }
    if (lanes < 1) {
      throw new CommandException(ExitCode.USAGE, "--lanes " + lanes + ": must be at least 1");
    }
    return lanes;
  }

  private static RunReport run(
      Console console,
      Scenario scenario,
      int threads,
      RunDirectory directory,
      Interruption interruption)
      throws InterruptedException {
    try (ProgressLine line = new ProgressLine(console, System::nanoTime);
        Runner runner =
            new Runner(
                scenario,
                scenario.name(),
                Version.current(),
                threads,
                directory.journal().pekkoConfig())) {
      interruption.onSignal(runner::stop);
      SimulationResult end = runner.await(progress -> show(line, progress));
      long wallNs = line.elapsedNs();
      ResolvedScenario resolved = ResolvedScenario.of(scenario.text(), scenario.name());
      return RunReport.of(resolved, end, runner.analysis().result()).took(wallNs);
    }
  }

  private static void show(ProgressLine line, Progress progress) {
    double seconds = line.workingNs() / 1e9;
    line.update(
        "%.1f ms of %.1f ms  %.2f M events/s  virtual/wall %.3f"
            .formatted(
                progress.virtualNs() / 1e6,
                progress.totalVirtualNs() / 1e6,
                progress.events() / seconds / 1e6,
                progress.virtualNs() / 1e9 / seconds),
        (double) progress.virtualNs() / progress.totalVirtualNs());
  }
}
