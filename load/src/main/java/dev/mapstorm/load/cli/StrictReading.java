package dev.mapstorm.load.cli;

import dev.mapstorm.load.trace.TraceReader.Strictness;
import picocli.CommandLine.Option;

/** {@code --strict-reading}, of commands that read kernel traces. */
final class StrictReading {
  @Option(
      names = "--strict-reading",
      description =
          "A line that is no event, or a damaged one, is an error with its number, not left out and"
              + " counted.")
  private boolean strict;

  /** What becomes of a line that is no event. */
  Strictness strictness() {
    return strict ? Strictness.STRICT : Strictness.LENIENT;
  }
}
