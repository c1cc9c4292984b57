package dev.mapstorm.load.cli;

import dev.mapstorm.load.conform.ConformanceResult;
import dev.mapstorm.load.conform.IovaConformance;
import dev.mapstorm.load.conform.MapSgConformance;
import dev.mapstorm.load.text.TextLines;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Holds the models against what Linux did. */
@Command(
    name = "conform",
    description = "Runs the models over recorded answers of Linux and compares every one.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  mapstorm conform iova iova-page.csv.gz",
      "  mapstorm conform map-sg map-sg.jsonl.gz",
    },
    synopsisSubcommandLabel = "(iova | map-sg)",
    subcommands = {ConformCommand.Iova.class, ConformCommand.MapSg.class})
final class ConformCommand {
  /** Mismatches that are shown of each file. */
  private static final int SHOWN = ConformanceResult.MAX_LISTED;

  private ConformCommand() {}

  /**
   * What was found in one file.
   *
   * @param first the first mismatches, in words, with their context
   */
  record FileResult(String file, long operations, long mismatches, List<String> first) {}

  /** What was found in all files. */
  record Result(String model, long operations, long mismatches, List<FileResult> files) {
    static Result of(String model, List<FileResult> files) {
      return new Result(
          model,
          files.stream().mapToLong(FileResult::operations).sum(),
          files.stream().mapToLong(FileResult::mismatches).sum(),
          files);
    }

    String summary() {
      return "%s: %d operations, %d mismatches".formatted(model, operations, mismatches);
    }
  }

  /** Files of recorded operations, each compared on its own. */
  abstract static class OfOperations implements Callable<Integer> {
    private final Console console;
    private final String model;

    @Parameters(
        arity = "1..*",
        paramLabel = "FILE",
        description = "Recorded answers, plain or gzip.")
    private List<Path> files;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    OfOperations(Console console, String model) {
      this.console = console;
      this.model = model;
    }

    abstract FileResult compare(TextLines lines);

    @Override
    public Integer call() {
      List<FileResult> found = new ArrayList<>();
      for (Path file : files) {
        found.add(Reading.of(console, file, this::compare));
      }
      Result result = Result.of(model, found);
      if (json) {
        Json.print(console, result);
      } else {
        found.forEach(this::show);
        console.print(result.summary());
      }
      return result.mismatches() == 0 ? ExitCode.OK : ExitCode.ERROR;
    }

    private void show(FileResult file) {
      file.first().forEach(console::print);
      if (files.size() > 1) {
        console.print(
            "%s: %d operations, %d mismatches"
                .formatted(file.file(), file.operations(), file.mismatches()));
      }
    }

    static <M> List<String> described(List<M> mismatches, Function<M, String> description) {
      return mismatches.stream().map(description).toList();
    }
  }

  /** {@code conform iova}. */
  @Command(
      name = "iova",
      description = {
        "Compares the IOVA allocator: address, path and tree walk of every operation.",
        "",
        "FILE begins with a line \"# … cpus=N start_pfn=1 granule=4096 [pci32=0|1]\"; then CSV with the columns op, cpu,"
            + " size, limit_pfn, pfn, path, walk.",
      },
      footerHeading = "%nExamples:%n",
      footer = {
        "  mapstorm conform iova iova-page.csv.gz",
        "  mapstorm conform iova --json iova-*.csv.gz",
      })
  static final class Iova extends OfOperations {
    Iova(Console console) {
      super(console, "iova");
    }

    @Override
    FileResult compare(TextLines lines) {
      IovaConformance.Result result = IovaConformance.run(lines, SHOWN);
      return new FileResult(
          lines.name(),
          result.operations(),
          result.mismatches(),
          described(result.first(), mismatch -> describe(lines.name(), mismatch)));
    }

    private static String describe(String file, IovaConformance.Mismatch mismatch) {
      StringBuilder text = new StringBuilder();
      long line = mismatch.line() - mismatch.before().size();
      for (String before : mismatch.before()) {
        text.append("%s:%d: %s%n".formatted(file, line++, before));
      }
      return text.append(
              "%s:%d: %s: Linux answered %s, the model %s"
                  .formatted(file, line, mismatch.request(), mismatch.expected(), mismatch.got()))
          .toString();
    }
  }

  /** {@code conform map-sg}. */
  @Command(
      name = "map-sg",
      description = {
        "Compares dma_map_sg: IOVA length, DMA vectors and page-table writes.",
        "",
        "FILE holds one JSON object a line: segments, segBoundaryMask, maxSegSize, pgsizeBitmap, iova, iovaLength,"
            + " dmaVectors and mapped.",
      },
      footerHeading = "%nExamples:%n",
      footer = {
        "  mapstorm conform map-sg map-sg.jsonl.gz",
        "  mapstorm conform map-sg --json *.jsonl",
      })
  static final class MapSg extends OfOperations {
    MapSg(Console console) {
      super(console, "map-sg");
    }

    @Override
    FileResult compare(TextLines lines) {
      ConformanceResult result = MapSgConformance.check(lines);
      return new FileResult(
          lines.name(),
          result.operations(),
          result.mismatches(),
          described(result.first(), mismatch -> lines.name() + ": " + mismatch));
    }
  }
}
