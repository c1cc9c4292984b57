package dev.mapstorm.load.conform;

import dev.mapstorm.load.text.TextLines;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Recorded answers among the test resources, and altered copies of them. */
final class RecordedFile {
  private static final Path RESOURCES = Path.of("src/test/resources/dev/mapstorm/load/conform");

  private RecordedFile() {}

  static Path of(String name) {
    return RESOURCES.resolve(name);
  }

  /** All files of a folder, in order. */
  static List<Path> in(String folder) {
    try (Stream<Path> files = Files.list(RESOURCES.resolve(folder))) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<String> lines(Path file) {
    List<String> lines = new ArrayList<>();
    try (TextLines text = TextLines.open(file)) {
      while (text.advance()) {
        lines.add(text.line());
      }
    }
    return lines;
  }

  /** Writes lines to a file of a folder. */
  static Path write(Path folder, List<String> lines) {
    try {
      return Files.write(folder.resolve("some.jsonl"), lines);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Replaces a text in a line, from 1, which must hold it. */
  static void alter(List<String> lines, int line, String from, String to) {
    String before = lines.get(line - 1);
    String after = before.replaceFirst(Pattern.quote(from), to);
    if (before.equals(after)) {
      throw new AssertionError("line " + line + " has no " + from + ": " + before);
    }
    lines.set(line - 1, after);
  }
}
