package dev.mapstorm.load.cli;

import dev.mapstorm.load.run.RunReport;
import dev.mapstorm.load.scenario.Threshold;
import dev.mapstorm.load.threshold.JunitXml;
import dev.mapstorm.load.threshold.Measured;
import dev.mapstorm.load.threshold.Verdicts;
import dev.mapstorm.persistence.store.FileErrors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** {@code --threshold} and {@code --junit-xml}, and what follows from the verdicts. */
final class ThresholdChoice {
  /** The field of verdicts in JSON. */
  static final String FIELD = "thresholds";

  @Option(
      names = "--threshold",
      paramLabel = "\"FIGURE < LIMIT\"",
      description =
          "What a figure has to keep, such as \"latency p99 < 2ms\", \"unmap.p99 <= 20us\" or"
              + " \"throughput > 5GiB/s\"; may be repeated. A name that fits several figures holds"
              + " for each. Verdicts come first, and the command ends with 99 if one is missed."
              + " mapstorm compare --all names the figures.")
  private List<String> texts = List.of();

  @Option(
      names = "--junit-xml",
      paramLabel = "FILE",
      description = "Also write the verdicts as JUnit's XML, for continuous integration.")
  private Path junitXml;

  /**
   * Those of the command line, after others.
   *
   * @param scenario those that the scenario has
   * @param compares whether changes against a first run can be told
   */
  List<Threshold> with(List<Threshold> scenario, boolean compares) {
    List<Threshold> all = new ArrayList<>(scenario);
    for (String text : texts) {
      Threshold threshold = OptionValues.named("--threshold", text, Threshold::parse);
      if (threshold.relative() && !compares) {
        throw new CommandException(
            ExitCode.USAGE,
            "--threshold %s: a change needs a run to compare with: only compare has one"
                .formatted(text));
      }
      all.add(threshold);
    }
    if (junitXml != null && all.isEmpty()) {
      throw new CommandException(
          ExitCode.USAGE, "--junit-xml needs a --threshold, or thresholds in the scenario");
    }
    return all;
  }

  /** Refuses, before anything runs, what cannot be a threshold. */
  void check(List<Threshold> scenario) {
    with(scenario, false);
  }

  /** The verdicts on a run; writes them as XML where that was asked for. */
  Verdicts of(List<Threshold> scenario, RunReport report) {
    List<Threshold> thresholds = with(scenario, false);
    List<Measured> figures =
        thresholds.isEmpty()
            ? List.of()
            : report.analysis().figures().stream().map(Measured::of).toList();
    Verdicts verdicts = Verdicts.of(thresholds, "", figures, false);
    write(report.scenario(), verdicts);
    return verdicts;
  }

  /** Writes the XML where that was asked for. */
  void write(String suite, Verdicts verdicts) {
    if (junitXml == null) {
      return;
    }
    try {
      Files.writeString(junitXml, JunitXml.of(suite, verdicts), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new CommandException(
          ExitCode.ERROR,
          "--junit-xml %s cannot be written: %s".formatted(junitXml, FileErrors.reason(e)));
    }
  }

  /** Prints verdicts above a report for a terminal. */
  static void print(Console console, Verdicts verdicts) {
    if (!verdicts.all().isEmpty()) {
      console.text(verdicts.text());
      console.print("");
    }
  }

  /** What the command ends with. */
  static int exitCode(Verdicts verdicts) {
    return verdicts.missed() == 0 ? ExitCode.OK : ExitCode.THRESHOLD;
  }
}
