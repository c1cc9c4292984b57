package dev.mapstorm.load.cli;

import dev.mapstorm.actors.pekko.DivergedException;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.load.Version;
import dev.mapstorm.load.diff.DivergenceText;
import dev.mapstorm.load.diff.HostVerification;
import dev.mapstorm.load.diff.HostVerification.Finding;
import dev.mapstorm.load.run.RecordedRun;
import dev.mapstorm.load.run.RunMemory;
import dev.mapstorm.load.run.RunReport;
import dev.mapstorm.load.run.RunReportText;
import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.load.scenario.ScenarioLoader;
import dev.mapstorm.load.threshold.Verdicts;
import dev.mapstorm.persistence.store.DamagedJournalException;
import dev.mapstorm.persistence.store.JournalEnds;
import dev.mapstorm.persistence.store.JournalReader;
import dev.mapstorm.persistence.store.RunDirectory;
import dev.mapstorm.persistence.store.RunLock;
import dev.mapstorm.protocol.event.StreamOpened;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Continues a run that was interrupted. */
@Command(
    name = "resume",
    description = {
      "Continues a run that was stopped, killed or ran out of disk, and reports on the whole of"
          + " it.",
      "",
      "Each host is executed again from its last checkpoint up to where its journal ends, and every"
          + " batch is held against the journal; from there on it is journaled as ever. The run"
          + " ends with the hash that it would have had undisturbed. A run that is complete is only"
          + " reported on.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mapstorm resume runs/nvme-4k-1",
      "  mapstorm resume runs/fleet-1 --lanes 2 --json",
    })
final class ResumeCommand implements Callable<Integer> {
  private static final int CONTEXT = 5;

  private final Console console;

  @Parameters(paramLabel = "RUN", description = "A run directory.")
  private Path path;

  @Mixin private final LanesChoice lanes = new LanesChoice();

  @Mixin private final ThresholdChoice thresholds = new ThresholdChoice();

  @Option(names = "--json", description = "Print the report as JSON.")
  private boolean json;

  ResumeCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws InterruptedException, IOException {
    RunDirectory unchecked = RunDirectory.unchecked(path);
    if (!Files.exists(unchecked.scenario())) {
      // Says what is wrong, before a lock is left in a directory that is none of ours.
      RunDirectory.open(path);
    }
    unchecked.checkResumable();
    thresholds.check(List.of());
    Verdicts verdicts;
    RunLock lock = unchecked.lock();
    try (lock;
        Interruption interruption = new Interruption()) {
      RunDirectory directory = RunDirectory.openToResume(path);
      Optional<RecordedRun> begun = begun(directory);
      boolean complete = begun.isPresent() && isComplete(begun.get());
      if (!complete) {
        goOn(directory, begun, interruption);
      }
      RunReport report = report(complete ? begun.get() : RecordedRun.of(directory));
      // It may have been killed between its last entry and its report.
      if (!complete || Files.notExists(directory.reportJson())) {
        directory.writeReport(Json.text(report) + "\n");
      }
      verdicts = thresholds.of(RecordedRun.of(directory).scenario().thresholds(), report);
      print(report, verdicts);
    } catch (DamagedJournalException e) {
      throw new CommandException(
          ExitCode.ERROR,
          "%s (mapstorm analyze %s %s reads what comes before the damage)"
              .formatted(e.getMessage(), path, SalvageChoice.OPTION));
    }
    return ThresholdChoice.exitCode(verdicts);
  }

  /** What is in its journal; empty if that is. */
  private static Optional<RecordedRun> begun(RunDirectory directory) {
    return directory.journal().reader().hosts().isEmpty()
        ? Optional.empty()
        : Optional.of(RecordedRun.of(directory));
  }

  /** Whether all hosts that the run's scenario names have ended. */
  private static boolean isComplete(RecordedRun run) {
    return run.scenario().isComplete(JournalEnds.of(run.journal()));
  }

  private void goOn(RunDirectory directory, Optional<RecordedRun> begun, Interruption interruption)
      throws InterruptedException {
    Scenario scenario = scenario(directory, begun);
    RunMemory.ofProcess(scenario).check();
    String runId = begun.flatMap(each -> each.journal().run()).orElse(scenario.name());
    LiveRun run = new LiveRun(console, scenario, runId, directory, lanes.of(scenario));
    console.note("mapstorm: resuming %s in %s".formatted(scenario.name(), path));
    try {
      run.goOn(interruption);
    } catch (IllegalStateException e) {
      if (e.getCause() instanceof DivergedException diverged) {
        throw diverged(RecordedRun.of(directory), scenario, diverged);
      }
      // Recovery meets damage without naming its place; reading names it.
      JournalReader journal = directory.journal().reader();
      journal.hosts().forEach(host -> journal.forEach(host, entry -> true));
      throw e;
    }
  }

  /** The run's own scenario, from its journal; from its directory if nothing is journaled yet. */
  private Scenario scenario(RunDirectory directory, Optional<RecordedRun> begun) {
    ScenarioLoader loader = new ScenarioLoader(Version.current());
    if (begun.isEmpty()) {
      return loader.loadOfRun(directory.scenario());
    }
    RecordedRun run = begun.get();
    if (run.isScenarioEdited()) {
      console.note(
          "mapstorm: %s was edited since the run began: it continues as it began"
              .formatted(run.scenarioFile()));
    }
    StreamOpened opened = run.opened(run.hosts().get(0));
    if (!opened.version().equals(Version.current())) {
      throw new CommandException(
          ExitCode.ERROR,
          "%s was begun by mapstorm %s, this is %s: only the version that began a run can continue it"
              .formatted(path, opened.version(), Version.current()));
    }
    return ScenarioRun.load(
        console, loader, each -> each.loadJournaled(opened.scenario(), path.toString()));
  }

  private RunReport report(RecordedRun run) {
    try (ProgressLine line = new ProgressLine(console, System::nanoTime)) {
      return run.report((part, events) -> line.events("reading " + path, part, events));
    }
  }

  private void print(RunReport report, Verdicts verdicts) {
    if (json) {
      Json.print(console, Map.of(ThresholdChoice.FIELD, verdicts.all()), report);
    } else {
      ThresholdChoice.print(console, verdicts);
      console.text(RunReportText.of(report));
      console.print("run       " + path);
    }
  }

  /** Shows the first event that differs. */
  private CommandException diverged(
      RecordedRun run, Scenario scenario, DivergedException diverged) {
    HostSpec spec = scenario.hosts().get(diverged.host());
    Finding finding = new HostVerification(run, spec, CONTEXT).find(null, batches -> {});
    if (finding.divergence() != null) {
      console.note(DivergenceText.of(finding.divergence(), "journal", "executed").stripTrailing());
    }
    return new CommandException(
        ExitCode.ERROR,
        "%s cannot be resumed: %s; it was run by another build, or its journal was changed"
            .formatted(path, diverged.getMessage()));
  }
}
