package dev.mapstorm.load.cli;

import dev.mapstorm.load.conform.ConformanceResult;
import dev.mapstorm.load.conform.MapSgConformance;
import dev.mapstorm.load.conform.Mismatch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Holds the models against what Linux did. */
@Command(
    name = "conform",
    description = "Runs the models over recorded answers of Linux and compares every one.",
    footerHeading = "%nExamples:%n",
    footer = {"  mapstorm conform map-sg map-sg.jsonl.gz"},
    subcommands = {ConformCommand.MapSg.class})
final class ConformCommand {

  /** What all comparisons share: their files, the summary line and the exit code. */
  abstract static class Comparison implements Callable<Integer> {
    final Console console;

    @Parameters(
        arity = "1..*",
        paramLabel = "FILE",
        description = "Recorded answers, plain or gzip.")
    List<Path> files;

    @Option(names = "--json", description = "Print JSON.")
    boolean json;

    Comparison(Console console) {
      this.console = console;
    }
  }

  /** What was found in one file. */
  record FileResult(String file, long operations, long mismatches, List<Mismatch> first) {}

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
        "  mapstorm conform map-sg --json *.jsonl"
      })
  static final class MapSg extends Comparison {
    MapSg(Console console) {
      super(console);
    }

    @Override
    public Integer call() {
      List<FileResult> found = new ArrayList<>();
      for (Path file : files) {
        ConformanceResult result = MapSgConformance.check(file);
        found.add(
            new FileResult(
                file.toString(), result.operations(), result.mismatches(), result.first()));
      }
      Result result = Result.of("map-sg", found);
      if (json) {
        Json.print(console, result);
      } else {
        found.forEach(file -> file.first().forEach(m -> console.print(file.file() + " " + m)));
        console.print(result.summary());
      }
      return result.mismatches() == 0 ? ExitCode.OK : ExitCode.ERROR;
    }
  }
}
