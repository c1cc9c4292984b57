package dev.mapstorm.load.cli;

import dev.mapstorm.load.explain.ExplanationText;
import dev.mapstorm.load.explain.TraceExplainer;
import dev.mapstorm.load.explain.TraceExplanation;
import dev.mapstorm.load.trace.TraceReader;
import dev.mapstorm.load.trace.TraceReader.Strictness;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says what a kernel trace holds: no model, no run. */
@Command(
    name = "explain",
    description = {
      "Says what a kernel trace holds: who mapped what, what was never unmapped or unmapped"
          + " wrongly, which calls failed, and the story of every fault.",
      "",
      "FILE is text of ftrace, trace-cmd or perf with events of dma, iommu, swiotlb or intel_iommu,"
          + " in whatever form it was captured or pasted. What is no event is left out and"
          + " counted.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mapstorm explain trace.txt",
      "  mapstorm explain --json capture.trace.gz",
      "  trace-cmd report -l | mapstorm explain /dev/stdin",
    })
final class ExplainCommand implements Callable<Integer> {
  private final Console console;

  @Parameters(paramLabel = "FILE", description = "A kernel trace, plain or gzip.")
  private Path file;

  @Mixin private StrictReading reading = new StrictReading();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  ExplainCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    Strictness strictness = reading.strictness();
    TraceExplanation found =
        Reading.of(
            console, file, lines -> TraceExplainer.explain(new TraceReader(lines, strictness)));
    if (json) {
      Json.print(console, found);
    } else {
      console.print(ExplanationText.of(file.toString(), found).stripTrailing());
    }
    return ExitCode.OK;
  }
}
