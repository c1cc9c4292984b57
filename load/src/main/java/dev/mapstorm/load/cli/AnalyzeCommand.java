package dev.mapstorm.load.cli;

import dev.mapstorm.load.run.RecordedRun;
import dev.mapstorm.load.run.RunReport;
import dev.mapstorm.load.run.RunReportText;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
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

  @Option(names = "--json", description = "Print the report as JSON.")
  private boolean json;

  AnalyzeCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    RunReport report;
    try (ProgressLine line = new ProgressLine(console, System::nanoTime)) {
      report =
          RecordedRun.open(path)
              .report((part, events) -> line.events("reading " + path, part, events));
    }
    if (json) {
      Json.print(console, report);
    } else {
      console.out().print(RunReportText.of(report));
    }
    return ExitCode.OK;
  }
}
