package dev.mapstorm.load.cli;

import dev.mapstorm.load.check.CheckResult;
import dev.mapstorm.load.check.CheckText;
import dev.mapstorm.load.check.Findings;
import dev.mapstorm.load.check.RunCheck;
import dev.mapstorm.load.check.TraceCheck;
import dev.mapstorm.load.run.RecordedRun;
import dev.mapstorm.load.trace.TraceReader;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Finds wrong use of the DMA API in a run or a kernel trace. */
@Command(
    name = "check",
    description = {
      "Finds wrong use of mappings: what dma-debug looks for, and what it misses: accesses of"
          + " devices after unmapping, the rules of two-step calls, two mappings in one page.",
      "",
      "Each finding is a line with its story: who mapped, who unmapped, when. The exit code is 0"
          + " if nothing is wrong, 1 if there are findings, 2 if the command line is wrong.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mapstorm check runs/nvme-4k-1",
      "  mapstorm check runs/nvme-4k-1 --json | jq .rules",
      "  mapstorm check --trace trace.txt",
    })
final class CheckCommand implements Callable<Integer> {
  private final Console console;

  @Parameters(paramLabel = "RUN", arity = "0..1", description = "A run directory.")
  private Path path;

  @Option(
      names = "--trace",
      paramLabel = "FILE",
      description = "A kernel trace instead of a run, plain or gzip.")
  private Path trace;

  @Option(
      names = "--whole",
      description =
          "The trace covers all use of its devices: what is mapped at its end is a leak. Without"
              + " it, only what outlived its kind.")
  private boolean whole;

  @Option(
      names = "--most",
      paramLabel = "N",
      defaultValue = "10",
      description =
          "Show at most this many findings that break the same rule by the same device and client;"
              + " all are counted. Default: ${DEFAULT-VALUE}.")
  private int most;

  @Mixin private final HostChoice hosts = new HostChoice();

  @Mixin private final SalvageChoice salvage = new SalvageChoice();

  @Mixin private final StrictReading reading = new StrictReading();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  CheckCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    if (path == null == (trace == null)) {
      throw new CommandException(
          ExitCode.USAGE,
          path == null
              ? "check needs a run directory, or a kernel trace with --trace"
              : "--trace %s: give a run or a trace, not both".formatted(trace));
    }
    if (most < 1) {
      throw new CommandException(ExitCode.USAGE, "--most: must be at least 1, is " + most);
    }
    if (whole && trace == null) {
      throw new CommandException(ExitCode.USAGE, "--whole has a meaning only with --trace");
    }
    return trace == null ? run() : trace();
  }

  private int run() {
    RecordedRun run = salvage.open(console, path);
    List<Integer> chosen = hosts.of(path, run.hosts());
    CheckResult result;
    try (ProgressLine line = new ProgressLine(console, System::nanoTime)) {
      result =
          RunCheck.check(
              run,
              chosen,
              new Findings(most),
              (part, events) -> line.events("reading " + path, part, events));
    }
    if (json) {
      SalvageChoice.printJson(console, result, List.of(run));
    } else {
      SalvageChoice.print(console, List.of(run));
      CheckText.of(result, run.hosts().size() > 1).forEach(console::print);
    }
    return code(result);
  }

  private int trace() {
    CheckResult result =
        Reading.of(
            console,
            trace,
            lines ->
                TraceCheck.check(
                    trace.toString(),
                    new TraceReader(lines, reading.strictness()),
                    whole,
                    new Findings(most)));
    if (json) {
      Json.print(console, result);
    } else {
      CheckText.of(result, false).forEach(console::print);
    }
    return code(result);
  }

  private static int code(CheckResult result) {
    return result.found() == 0 ? ExitCode.OK : ExitCode.ERROR;
  }
}
