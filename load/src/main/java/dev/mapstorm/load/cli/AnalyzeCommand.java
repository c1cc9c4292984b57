package dev.mapstorm.load.cli;

import dev.mapstorm.load.run.RecordedRun;
import dev.mapstorm.load.run.RunReport;
import dev.mapstorm.load.run.RunReportText;
import dev.mapstorm.load.threshold.Verdicts;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Reports on a run from its journal. */
@Command(
    name = "analyze",
    description = {
      "Reads the journal of a run, whole or stopped early, and reports where the time went.",
      "",
      "The figures are those that the run itself printed; nothing is simulated again.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mapstorm analyze runs/nvme-batch-1",
      "  mapstorm analyze runs/nvme-batch-1 --json | jq .analysis.locks",
      "  mapstorm analyze runs/nvme-batch-1 --threshold \"unmap.p99 < 20us\" --junit-xml gate.xml",
    })
final class AnalyzeCommand implements Callable<Integer> {
  private final Console console;

  @Parameters(paramLabel = "RUN", description = "A run directory.")
  private Path path;

  @Mixin private final SalvageChoice salvage = new SalvageChoice();

  @Mixin private final ThresholdChoice thresholds = new ThresholdChoice();

  @Option(names = "--json", description = "Print the report as JSON.")
  private boolean json;

  AnalyzeCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    RecordedRun run = salvage.open(console, path);
    thresholds.check(run.scenario().thresholds());
    RunReport report;
    try (ProgressLine line = new ProgressLine(console, System::nanoTime)) {
      report = run.report((part, events) -> line.events("reading " + path, part, events));
    }
    Verdicts verdicts = thresholds.of(run.scenario().thresholds(), report);
    if (json) {
      SalvageChoice.printJson(console, verdicts, report, List.of(run));
    } else {
      ThresholdChoice.print(console, verdicts);
      SalvageChoice.print(console, List.of(run));
      console.text(RunReportText.of(report));
    }
    return ThresholdChoice.exitCode(verdicts);
  }
}
