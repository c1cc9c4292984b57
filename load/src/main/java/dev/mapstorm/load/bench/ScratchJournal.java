package dev.mapstorm.load.bench;

import dev.mapstorm.persistence.store.JournalStore;
import dev.mapstorm.persistence.store.SqliteJournal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** An embedded journal in the temporary directory that is gone afterwards. */
final class ScratchJournal {
  private ScratchJournal() {}

  /** Hands a fresh journal to {@code user} and deletes it when that returns. */
  static void with(Consumer<JournalStore> user) {
    try {
      Path directory = Files.createTempDirectory("mapstorm-bench");
      try {
        JournalStore store = new SqliteJournal(directory.resolve("journal.db"));
        store.create();
        user.accept(store);
      } finally {
        delete(directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("no room for a journal in the temporary directory", e);
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
