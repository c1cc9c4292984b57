package dev.mapstorm.load.cli;

import dev.mapstorm.load.run.RecordedRun;
import dev.mapstorm.load.threshold.Verdicts;
import dev.mapstorm.persistence.store.NamedDatabases;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code --salvage} and {@code --db}, and the opening of runs with or without them. */
final class SalvageChoice {
  /** Also what the refusal of a damaged journal points to. */
  static final String OPTION = "--salvage";

  @Option(
      names = OPTION,
      description =
          "Read a damaged journal as far as it is whole, host by host, and say what is lost."
              + " Without it damage is an error.")
  private boolean salvage;

  @Mixin private final DatabaseChoice database = new DatabaseChoice();

  /** Where the journals of runs of clusters may be. */
  NamedDatabases databases() {
    return database.named();
  }

  /** Opens a run. What is lost of it is said on standard error. */
  RecordedRun open(Console console, Path path) {
    if (!salvage) {
      return RecordedRun.open(path, databases());
    }
    RecordedRun run;
    try (ProgressLine line = new ProgressLine(console, System::nanoTime)) {
      run =
          RecordedRun.salvage(
              path,
              databases(),
              (part, events) -> line.events("looking through " + path, part, events));
    }
    run.damage().forEach(lost -> console.note("mapstorm: " + lost));
    if (run.damage().isEmpty()) {
      console.note("mapstorm: %s: nothing is damaged".formatted(path));
    }
    return run;
  }

  /** What is said above a report on runs: which of them are not whole. */
  static void print(Console console, List<RecordedRun> runs) {
    for (RecordedRun run : runs) {
      if (!run.damage().isEmpty()) {
        console.print(
            "salvaged: the journal of %s is damaged, what follows is what can be read of it"
                .formatted(run.path()));
        run.damage().forEach(lost -> console.print("          " + lost));
      }
    }
  }

  /** Prints a report on runs as JSON, with what is lost of them in front. */
  static void printJson(Console console, Object report, List<RecordedRun> runs) {
    printJson(console, Verdicts.NONE, report, runs);
  }

  /** Prints a report on runs as JSON, with verdicts and what is lost of them in front. */
  static void printJson(Console console, Verdicts verdicts, Object report, List<RecordedRun> runs) {
    List<String> lost = runs.stream().flatMap(run -> run.damage().stream()).toList();
    Map<String, Object> first = new LinkedHashMap<>();
    first.put(ThresholdChoice.FIELD, verdicts.all());
    first.put("salvaged", lost);
    Json.print(console, first, report);
  }
}
