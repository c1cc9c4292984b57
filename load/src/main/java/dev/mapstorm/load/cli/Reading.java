package dev.mapstorm.load.cli;

import dev.mapstorm.load.text.CountedInput;
import dev.mapstorm.load.text.TextLines;
import java.nio.file.Path;
import java.util.function.Function;

/** Reads a file of recorded lines, showing how far it is when that takes long. */
final class Reading {
  private Reading() {}

  /** What {@code work} makes of the lines of a file. */
  static <R> R of(Console console, Path file, Function<TextLines, R> work) {
    long size = TextLines.sizeOf(file);
    try (ProgressLine progress = new ProgressLine(console, System::nanoTime);
        TextLines lines =
            TextLines.open(
                file, in -> new CountedInput(in, bytes -> show(progress, file, bytes, size)))) {
      return work.apply(lines);
    }
  }

  private static void show(ProgressLine progress, Path file, long bytes, long size) {
    double fraction = size > 0 ? Math.min(1, (double) bytes / size) : 0;
    double perSecond = bytes * 1e9 / progress.workingNs();
    progress.update(
        "reading %s  %.1f MB/s".formatted(file.getFileName(), perSecond / 1e6), fraction);
  }
}
