package dev.mapstorm.load.cli;

import dev.mapstorm.load.conform.ConformanceOptions;
import dev.mapstorm.load.conform.DeviceConformance;
import dev.mapstorm.load.conform.InvalidationConformance;
import dev.mapstorm.load.conform.TraceConformance;
import dev.mapstorm.load.conform.TraceConformanceReport;
import dev.mapstorm.load.conform.UnexplainedAllocation;
import dev.mapstorm.load.trace.MachineFile;
import dev.mapstorm.load.trace.TraceReader.Strictness;
import dev.mapstorm.persistence.text.Units;
import dev.mapstorm.protocol.Limits;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code conform trace}. */
@Command(
    name = "trace",
    description = {
      "Compares the models with kernel traces: does the allocator answer, address for address, what"
          + " the kernel did?",
      "",
      "FILE is text of ftrace, trace-cmd or perf with the events iommu:* and dma:*, and"
          + " intel_iommu:* where there are any, traced from before the devices' drivers were"
          + " loaded. A trace does not tell the order of what overlaps on several CPUs; an"
          + " allocation is explained if some order that the trace allows gives its address.",
      "",
      "What is known of the machine is used: the options, else the '# machine:' lines that capture"
          + " writes into the trace, else a file beside it, NAME.machine.txt for NAME.trace.gz."
          + " What none of them says is inferred. The line 'rules' tells which was which.",
      "",
      "Allocations that the trace does not decide (freed before it began, lost events) are counted"
          + " apart.",
      "",
      "Exits with 1 if fewer of the decidable allocations match than --at-least says, or an"
          + " invalidation differs.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mapstorm conform trace nvme-strict.trace.gz",
      "  mapstorm conform trace --at-least 95 --json mixed.trace",
    })
final class ConformTraceCommand implements Callable<Integer> {
  private final Console console;

  @Parameters(arity = "1..*", paramLabel = "FILE", description = "A kernel trace, plain or gzip.")
  private List<Path> files;

  @Option(
      names = "--at-least",
      paramLabel = "P",
      defaultValue = "99.9",
      description =
          "Percentage of the decidable allocations that must match (default: ${DEFAULT-VALUE}).")
  private double atLeast;

  @Mixin private StrictReading reading = new StrictReading();

  @Option(
      names = "--kernel",
      paramLabel = "V",
      description =
          "Version of the kernel, such as 6.1, where its events do not tell: sizes of its caches,"
              + " and when it tries 32-bit space.")
  private String kernel;

  @Option(
      names = "--mode",
      paramLabel = "M",
      description =
          "strict or lazy, where the events do not tell (default: from the ranges that come back).")
  private Mode mode;

  @Option(
      names = "--granule",
      paramLabel = "G",
      description = "4k, 16k or 64k (default: from the page tables).")
  private String granule;

  @Option(
      names = "--possible-cpus",
      paramLabel = "N",
      description = "CPUs of the machine (default: those of the trace).")
  private Integer possibleCpus;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  /** Whether unmaps go through flush queues, as the command line has it. */
  enum Mode {
    strict,
    lazy
  }

  /** What was found in one trace. */
  record FileResult(String file, TraceConformanceReport report) {}

  /** What was found in all traces. */
  record Result(
      long allocations,
      long decidable,
      long explained,
      long unexplained,
      double matchPercent,
      List<FileResult> files) {
    static Result of(List<FileResult> files) {
      long allocations = files.stream().mapToLong(f -> f.report().allocations()).sum();
      long decidable = files.stream().mapToLong(f -> f.report().decidable()).sum();
      long explained = files.stream().mapToLong(f -> f.report().explained()).sum();
      return new Result(
          allocations,
          decidable,
          explained,
          decidable - explained,
          percent(decidable, explained),
          files);
    }

    /** Rounded down to two decimals, so that 100 means all; all of none is 0. */
    private static double percent(long decidable, long explained) {
      return decidable == 0 ? 0 : 10_000 * explained / decidable / 100.0;
    }

    String summary() {
      return "trace: " + TraceConformanceReport.counts(allocations, decidable, explained);
    }
  }

  ConformTraceCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    if (!(atLeast >= 0 && atLeast <= 100)) {
      throw new CommandException(
          ExitCode.USAGE, "--at-least " + atLeast + ": must be a percentage, 0 to 100");
    }
    Strictness strictness = reading.strictness();
    ConformanceOptions options = options();
    List<FileResult> found = new ArrayList<>();
    for (Path file : files) {
      found.add(
          new FileResult(
              file.toString(),
              Reading.of(
                  console,
                  file,
                  lines ->
                      TraceConformance.check(
                          lines, strictness, options.with(MachineFile.beside(file))))));
    }
    Result result = Result.of(found);
    if (json) {
      Json.print(console, result);
    } else {
      found.forEach(this::show);
      console.print(result.summary());
    }
    boolean invalidationsMatch =
        found.stream().allMatch(file -> file.report().invalidations().mismatches() == 0);
    return result.matchPercent() >= atLeast && invalidationsMatch ? ExitCode.OK : ExitCode.ERROR;
  }

  private ConformanceOptions options() {
    ConformanceOptions options = ConformanceOptions.INFERRED;
    try {
      options = kernel == null ? options : options.withKernel(kernel);
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitCode.USAGE, "--kernel " + kernel + ": " + e.getMessage());
    }
    options = mode == null ? options : options.withLazy(mode == Mode.lazy);
    options = granule == null ? options : options.withGranuleShift(granuleShift());
    if (possibleCpus == null) {
      return options;
    }
    if (possibleCpus < 1 || possibleCpus > Limits.CPUS) {
      throw new CommandException(
          ExitCode.USAGE, "--possible-cpus " + possibleCpus + ": must be 1 to " + Limits.CPUS);
    }
    return options.withPossibleCpus(possibleCpus);
  }

  private int granuleShift() {
    return switch (granule) {
      case "4k" -> 12;
      case "16k" -> 14;
      case "64k" -> 16;
      default ->
          throw new CommandException(
              ExitCode.USAGE, "--granule " + granule + ": must be 4k, 16k or 64k");
    };
  }

  private void show(FileResult result) {
    TraceConformanceReport report = result.report();
    console.print("%s: %s".formatted(result.file(), report.summary()));
    for (DeviceConformance device : report.devices()) {
      console.print(
          "  %s: %s, %d decidable, %d unexplained"
              .formatted(
                  device.device().isEmpty() ? "device unknown" : device.device(),
                  Units.things(device.allocations(), "allocation"),
                  device.decidable(),
                  device.unexplained()));
    }
    report.notDecidableText().forEach(line -> console.print("  " + line));
    if (!report.rules().isEmpty()) {
      console.print("  rules: " + String.join(", ", report.rules()));
    }
    InvalidationConformance invalidations = report.invalidations();
    console.print(
        "  invalidations: %d range flushes, %d whole flushes, %d descriptors, %d mismatches"
            .formatted(
                invalidations.rangeFlushes(),
                invalidations.wholeFlushes(),
                invalidations.descriptors(),
                invalidations.mismatches()));
    report.reading().text().forEach(note -> console.print("  " + note));
    if (report.gaps() > 0) {
      console.print("  the kernel dropped events in " + Units.things(report.gaps(), "place"));
    }
    for (UnexplainedAllocation allocation : report.firstUnexplained()) {
      console.print("  " + allocation.describe());
    }
    invalidations.firstMismatches().forEach(mismatch -> console.print("  " + mismatch));
  }
}
