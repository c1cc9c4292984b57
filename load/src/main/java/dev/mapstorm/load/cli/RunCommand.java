package dev.mapstorm.load.cli;

import dev.mapstorm.load.run.RunReport;
import dev.mapstorm.load.scenario.PricedHost;
import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.load.scenario.ScenarioLoader;
import dev.mapstorm.load.sensitivity.Sensitivity;
import dev.mapstorm.load.sensitivity.SensitivityRuns;
import dev.mapstorm.load.threshold.Verdicts;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs a scenario, journals it and reports. */
@Command(
    name = "run",
    description = {
      "Runs a scenario, keeps every event in a run directory and reports where the time went.",
      "",
      "The same scenario, options and seed give the same events and the same hash. The run"
          + " directory holds the resolved scenario.conf, which runs again as it is, the journal,"
          + " and report.json. Ctrl-C stops the run; what was journaled until then stays usable.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mapstorm run nvme-batch",
      "  mapstorm run nvme-4k --set iommu.mode=lazy --set clients=8 --seed 7 --duration 50ms",
      "  mapstorm run --trace nvme.trace.gz --set iommu.iova.magazine-size=64",
      "  mapstorm run mine.conf --out runs/mine --json",
      "  mapstorm run nvme-4k --threshold \"latency p99 < 200us\" --junit-xml gate.xml",
    })
final class RunCommand implements Callable<Integer> {
  /** Steps of a piece that is executed once for each figure of the platform, twice at most. */
  private static final int MOST_STEPS = 20_000;

  private static final int LEAST_STEPS = 10_000;

  /** Events of a run for each step of such a piece. */
  private static final int RUN_PER_PIECE = 20;

  private static final int FIGURES = 3;

  private final Console console;

  @Mixin private final ScenarioSource source = new ScenarioSource();

  @Option(
      names = "--keep-iovas",
      description =
          "With --trace: mappings have the addresses of the trace instead of those of a simulated"
              + " allocator, so that replay --iova finds the story of an address from a kernel"
              + " log.")
  private boolean keepIovas;

  @Mixin private final SeedChoice seed = new SeedChoice();
  @Mixin private final ThresholdChoice thresholds = new ThresholdChoice();
  @Mixin private final ScenarioRun scenarioRun = new ScenarioRun();

  RunCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws InterruptedException, IOException {
    Scenario scenario = scenarioRun.load(console, this::load);
    thresholds.check(scenario.thresholds());
    ScenarioRun.Made made = scenarioRun.run(console, scenario);
    Optional<Sensitivity> hangsOn = hangsOn(scenario, made.report());
    Verdicts verdicts = thresholds.of(scenario.thresholds(), made.report());
    if (!scenarioRun.json()) {
      ThresholdChoice.print(console, verdicts);
      ScenarioRun.print(
          console, made, hangsOn.map(found -> SensitivityText.of(found, FIGURES)).orElse(""));
    } else {
      Map<String, Object> first = new LinkedHashMap<>();
      first.put(ThresholdChoice.FIELD, verdicts.all());
      hangsOn.ifPresent(found -> first.put("sensitivity", found));
      Json.print(console, first, made.report());
    }
    return ThresholdChoice.exitCode(verdicts);
  }

  /**
   * What its headlines hang on, out of a short piece of it, so that it takes a small part of the
   * time of the run; nothing of a run that is itself no longer than such a piece, of one that was
   * stopped, and of a mix of machines.
   */
  private static Optional<Sensitivity> hangsOn(Scenario scenario, RunReport report) {
    long steps =
        Math.min(MOST_STEPS, report.journal().events() / scenario.hosts().size() / RUN_PER_PIECE);
    if (!report.complete() || !report.machines().isEmpty() || steps < LEAST_STEPS) {
      return Optional.empty();
    }
    return Optional.of(
        new SensitivityRuns(PricedHost.of(scenario), () -> false).run((int) steps, part -> {}));
  }

  private Scenario load(ScenarioLoader loader) {
    seed.set(loader);
    if (keepIovas) {
      if (source.trace() == null) {
        throw new CommandException(ExitCode.USAGE, "--keep-iovas needs a --trace");
      }
      loader.keepIovas();
    }
    source.check("run");
    return source.load(loader);
  }
}
