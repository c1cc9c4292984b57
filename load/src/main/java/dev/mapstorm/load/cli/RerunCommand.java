package dev.mapstorm.load.cli;

import dev.mapstorm.load.compare.ComparedRuns;
import dev.mapstorm.load.run.RecordedRun;
import dev.mapstorm.load.run.RunReport;
import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.load.threshold.Verdicts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs what an earlier run was asked for under another policy. */
@Command(
    name = "rerun",
    description = {
      "Repeats the requests in a run's journal under another policy, platform or way to map,"
          + " journals and reports that as a run of its own, and ends with what differs most from"
          + " the first.",
      "",
      "By default each request comes at its journaled instant, or as soon as its CPU and one of the"
          + " client's depth are free, whatever became of the others. With --closed-loop only their"
          + " order is kept: a client asks for the next when one is done. Requests that arrived"
          + " after --duration are left out.",
      "",
      "Policy, caches, flush queue, client.api, client.depth, device, platform, costs and journal"
          + " can be set; what the requests themselves are cannot. The new run directory names the"
          + " journal and its hash, so its scenario.conf runs again as long as that journal is"
          + " there.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mapstorm rerun runs/nvme-page-1 --set iommu.mode=lazy",
      "  mapstorm rerun runs/nvme-page-1 --closed-loop --set client.api=batch",
      "  mapstorm rerun runs/trace-1 --set iommu.iova.magazine-size=64 --set costs.walk-read=100ns",
      "  mapstorm rerun runs/nvme-page-1 --set iommu.mode=lazy --json | jq"
          + " '.comparison.figures[0]'",
    })
final class RerunCommand implements Callable<Integer> {
  private static final long ROWS_OF_FIGURES = 15;

  private final Console console;

  @Parameters(paramLabel = "RUN", description = "The run directory that holds the requests.")
  private Path path;

  @Option(
      names = "--closed-loop",
      description = "Ask for the next request when one is done, instead of at its instant.")
  private boolean closedLoop;

  @Mixin private final ThresholdChoice thresholds = new ThresholdChoice();
  @Mixin private final ScenarioRun scenarioRun = new ScenarioRun();
  @Mixin private final DatabaseChoice database = new DatabaseChoice();

  /**
   * The result for JSON.
   *
   * @param report of the new run
   * @param comparison of the first run and the new one
   */
  record Report(RunReport report, ComparedRuns comparison) {}

  RerunCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws InterruptedException, IOException {
    RecordedRun first = RecordedRun.open(path, database.named());
    Scenario scenario =
        scenarioRun.load(
            console, loader -> loader.from(database.named()).loadAgain(path, closedLoop));
    thresholds.check(scenario.thresholds());
    ScenarioRun.Made made = scenarioRun.run(console, scenario);
    Verdicts verdicts = thresholds.of(scenario.thresholds(), made.report());
    if (!scenarioRun.json()) {
      ThresholdChoice.print(console, verdicts);
      ScenarioRun.print(console, made);
    }
    ComparedRuns compared =
        CompareCommand.compare(console, List.of(first, RecordedRun.open(made.path())));
    if (scenarioRun.json()) {
      Json.print(
          console,
          Map.of(ThresholdChoice.FIELD, verdicts.all()),
          new Report(made.report(), compared));
    } else {
      console.print("%nAgainst the run that it repeats (mapstorm compare has all):".formatted());
      CompareCommand.print(console, compared, compared.text(ROWS_OF_FIGURES));
      if (compared.unchanged() == compared.figures().size()) {
        console.print("no figure differs by more than a little");
      }
    }
    return ThresholdChoice.exitCode(verdicts);
  }
}
