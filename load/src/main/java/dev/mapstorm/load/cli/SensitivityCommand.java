package dev.mapstorm.load.cli;

import dev.mapstorm.load.Version;
import dev.mapstorm.load.run.RecordedRun;
import dev.mapstorm.load.run.RunMemory;
import dev.mapstorm.load.scenario.PricedHost;
import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.load.scenario.ScenarioLoader;
import dev.mapstorm.load.sensitivity.Sensitivity;
import dev.mapstorm.load.sensitivity.SensitivityRuns;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Tells which figures of its platform a run hangs on. */
@Command(
    name = "sensitivity",
    description = {
      "Tells how far the headlines of a run may be off, and which figures of its platform that"
          + " hangs on most.",
      "",
      "The beginning of the run's first host is executed again with each figure at the least and at"
          + " the most that its profile says, one at a time. What they move the headline is added"
          + " by squares, as errors that have nothing to do with each other. Only the profile's"
          + " errors are counted, not those of the model.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mapstorm sensitivity runs/nvme-4k-1",
      "  mapstorm sensitivity runs/nvme-4k-1 --steps 1000000 --json | jq"
          + " '.headlines[0].hangsOn[0]'",
    })
final class SensitivityCommand implements Callable<Integer> {
  private static final int MOST_STEPS = 100_000_000;
  private static final int FIGURES = 8;

  private final Console console;

  @Parameters(paramLabel = "RUN", description = "A run directory.")
  private Path path;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "100000",
      description =
          "Messages of the simulation that are executed for each figure, at most (default:"
              + " ${DEFAULT-VALUE}); the first half of the time they take is not counted.")
  private int steps;

  @Mixin private final SalvageChoice salvage = new SalvageChoice();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  SensitivityCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    OptionValues.within(1000, MOST_STEPS, "--steps", steps);
    RecordedRun run = salvage.open(console, path);
    Scenario scenario =
        ScenarioRun.load(
            console,
            new ScenarioLoader(Version.current()).from(salvage.databases()),
            loader ->
                Files.exists(run.scenarioFile())
                    ? loader.loadOfRun(run.scenarioFile())
                    : loader.loadJournaled(
                        run.opened(run.hosts().get(0)).scenario(), run.scenario().name()));
    RunMemory.check(scenario.hosts().get(0));
    AtomicBoolean stopped = new AtomicBoolean();
    Sensitivity found;
    try (Interruption interruption = new Interruption();
        ProgressLine progress = new ProgressLine(console, System::nanoTime)) {
      interruption.onSignal(() -> stopped.set(true));
      found =
          new SensitivityRuns(PricedHost.of(scenario), stopped::get)
              .run(steps, part -> progress.update("figures one at a time", part));
    } catch (CancellationException e) {
      console.note("mapstorm: stopped; nothing is shown of figures when not all were tried");
      return ExitCode.OK;
    }
    if (json) {
      Json.print(console, found);
    } else {
      console.text(SensitivityText.of(found, FIGURES));
    }
    return ExitCode.OK;
  }
}
