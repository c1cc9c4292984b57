package dev.mapstorm.load.cli;

import dev.mapstorm.load.run.RecordedRun;
import dev.mapstorm.load.run.RunReport;
import dev.mapstorm.load.run.RunReportText;
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
    })
final class AnalyzeCommand implements Callable<Integer> {
  private final Console console;

  @Parameters(paramLabel = "RUN", description = "A run directory.")
  private Path path;

  @Mixin private final SalvageChoice salvage = new SalvageChoice();

  @Option(names = "--json", description = "Print the report as JSON.")
  private boolean json;

  AnalyzeCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    RecordedRun run = salvage.open(console, path);
    RunReport report;
    try (ProgressLine line = new ProgressLine(console, System::nanoTime)) {
      report = run.report((part, events) -> line.events("reading " + path, part, events));
    }
    if (json) {
      SalvageChoice.printJson(console, report, List.of(run));
    } else {
      SalvageChoice.print(console, List.of(run));
      console.text(RunReportText.of(report));
    }
    return ExitCode.OK;
  }
}
