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
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs a scenario, journals it and reports. */
@Command(
    name = "run",
    description = {
      "Runs a scenario, keeps every event in a run directory and reports where the time went.",
      "",
      "The same scenario, options and seed give the same events and the same hash. The run directory holds the"
          + " resolved scenario.conf, which runs again as it is, the journal, and report.json. Ctrl-C stops the run;"
          + " what was journaled until then stays usable.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mapstorm run nvme-batch",
      "  mapstorm run nvme-4k --set iommu.mode=lazy --set clients=8 --seed 7 --duration 50ms",
      "  mapstorm run --trace nvme.trace.gz --set iommu.iova.magazine-size=64",
      "  mapstorm run mine.conf --out runs/mine --json",
    })
final class RunCommand implements Callable<Integer> {
  private final Console console;

  @Parameters(
      arity = "0..1",
      paramLabel = "SCENARIO|FILE.conf",
      description = "A built-in scenario (mapstorm scenarios lists them) or a file.")
  private String scenarioName;

  @Option(
      names = "--trace",
      paramLabel = "FILE",
      description = "Repeat the client requests of a kernel trace, plain or gzip.")
  private Path trace;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Override a key of the scenario; may be repeated.")
  private List<String> assignments = List.of();

  @Option(names = "--seed", paramLabel = "N", description = "Seed of the run.")
  private Long seed;

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

  RunCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws InterruptedException, IOException {
    Scenario scenario = load();
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
      RunReport report = run(scenario, threads, directory, interruption);
      report(report, directory);
    }
    return ExitCode.OK;
  }

  private void report(RunReport report, RunDirectory directory) throws IOException {
    String text = Json.text(report);
    Files.writeString(directory.reportJson(), text + "\n");
    if (json) {
      console.print(text);
    } else {
      console.out().print(RunReportText.of(report));
      console.print("run       " + directory.path());
    }
    console.flush();
  }

  private Scenario load() {
    ScenarioLoader loader = new ScenarioLoader(Version.current());
    assignments.forEach(loader::set);
    if (seed != null) {
      loader.set("--seed", "seed", seed.toString());
    }
    if (duration != null) {
      loader.set("--duration", "duration", duration);
    }
    if (trace != null) {
      loader.trace(trace);
    }
    if (scenarioName == null && trace == null) {
      throw new CommandException(
          ExitCode.USAGE, "run what? Name a scenario, a file that ends in .conf, or a --trace");
    }
    return scenarioName == null ? loader.loadTrace() : loader.load(scenarioName);
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

  private RunReport run(
      Scenario scenario, int threads, RunDirectory directory, Interruption interruption)
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
