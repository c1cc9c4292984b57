package dev.mapstorm.load.cli;

import dev.mapstorm.load.text.TextLines;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;

/** Reads a file of recorded lines, showing how far it is when that takes long. */
final class Reading extends FilterInputStream {
  private final ProgressLine progress;
  private final String name;
  private final long size;
  private long read;

  private Reading(InputStream in, ProgressLine progress, Path file, long size) {
    super(in);
    this.progress = progress;
    this.name = file.getFileName().toString();
    this.size = size;
  }

  /** What {@code work} makes of the lines of a file. */
  static <R> R of(Console console, Path file, Function<TextLines, R> work) {
    try (ProgressLine progress = new ProgressLine(console, System::nanoTime);
        TextLines lines =
            TextLines.open(file, in -> new Reading(in, progress, file, sizeOf(file)))) {
      return work.apply(lines);
    }
  }

  @Override
  public int read() throws IOException {
    int one = super.read();
    count(one < 0 ? 0 : 1);
    return one;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int some = super.read(buffer, offset, length);
    count(Math.max(some, 0));
    return some;
  }

  private void count(int bytes) {
    read += bytes;
    double fraction = size > 0 ? Math.min(1, (double) read / size) : 0;
    double perSecond = read * 1e9 / progress.workingNs();
    progress.update("reading %s  %.1f MB/s".formatted(name, perSecond / 1e6), fraction);
  }

  /** Bytes of a file, 0 where that is not known, as for a pipe. */
  private static long sizeOf(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return 0;
    }
  }
}
