package dev.mapstorm.load.cli;

import dev.mapstorm.load.compare.ComparedRuns;
import dev.mapstorm.load.run.RecordedRun;
import dev.mapstorm.load.scenario.Threshold;
import dev.mapstorm.load.threshold.Measured;
import dev.mapstorm.load.threshold.Verdicts;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows the figures of runs side by side. */
@Command(
    name = "compare",
    description = {
      "Shows the figures of runs side by side: throughput, latency, CPU time per request, lock"
          + " waits, invalidations, IOTLB, IOVA sources, exposure. Changes are against the first"
          + " run.",
      "",
      "What matters most comes first: the size of a change times its weight. Throughput, latency,"
          + " CPU time per request and failures weigh 1, their parts 0.5, causes 0.1 or less; a"
          + " part of the CPU time weighs half its share of it. A rank below 0.005 is left to"
          + " --all.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mapstorm compare runs/nvme-4k-1 runs/nvme-4k-lazy-1",
      "  mapstorm compare runs/before runs/after --threshold \"latency p99 < +5%%\"",
      "  mapstorm compare runs/* --json | jq '.figures[0]'",
    })
final class CompareCommand implements Callable<Integer> {
  private final Console console;

  @Parameters(arity = "2..*", paramLabel = "RUN", description = "Run directories, two or more.")
  private List<Path> paths;

  @Option(names = "--all", description = "Also the figures that differ little or not at all.")
  private boolean all;

  @Mixin private final SalvageChoice salvage = new SalvageChoice();

  @Mixin private final ThresholdChoice thresholds = new ThresholdChoice();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  CompareCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    List<Threshold> wanted = thresholds.with(List.of(), true);
    List<RecordedRun> runs = paths.stream().map(path -> salvage.open(console, path)).toList();
    ComparedRuns compared = compare(console, runs);
    Verdicts verdicts = verdicts(wanted, compared);
    thresholds.write("compare", verdicts);
    if (json) {
      SalvageChoice.printJson(console, verdicts, compared, runs);
    } else {
      ThresholdChoice.print(console, verdicts);
      SalvageChoice.print(console, runs);
      print(console, compared, all ? compared.textOfAll() : compared.text(Long.MAX_VALUE));
      unchanged(console, compared, all);
    }
    return ThresholdChoice.exitCode(verdicts);
  }

  /** Each run has to keep the limits, and each but the first those of changes. */
  private static Verdicts verdicts(List<Threshold> wanted, ComparedRuns compared) {
    Verdicts verdicts = Verdicts.NONE;
    for (int i = 0; i < compared.runs().size(); i++) {
      int run = i;
      List<Measured> figures =
          compared.figures().stream()
              .map(
                  row ->
                      new Measured(
                          row.figure(), row.unit(), row.values().get(run), row.changes().get(run)))
              .toList();
      verdicts = verdicts.and(Verdicts.of(wanted, compared.runs().get(i).path(), figures, i == 0));
    }
    return verdicts;
  }

  /** Prints why runs may not be comparable, what differs in their scenarios, and their figures. */
  static void print(Console console, ComparedRuns compared, String figures) {
    compared.notes().forEach(console::print);
    ScenarioChangesText.print(
        console,
        compared.scenario(),
        compared.runs().stream().map(run -> Path.of(run.path())).toList());
    console.print("");
    console.text(figures);
  }

  /** Reads and compares runs, showing how far it is. */
  static ComparedRuns compare(Console console, List<RecordedRun> runs) {
    try (ProgressLine line = new ProgressLine(console, System::nanoTime)) {
      return ComparedRuns.read(
          runs,
          (part, events) ->
              line.update(
                  "reading %d runs  %d events of this one".formatted(runs.size(), events), part));
    }
  }

  private static void unchanged(Console console, ComparedRuns compared, boolean shown) {
    if (compared.unchanged() > 0 && !shown) {
      console.print(
          "%d figures differ little or not at all; --all shows them"
              .formatted(compared.unchanged()));
    }
  }
}
