package dev.mapstorm.load.bench;

import dev.mapstorm.persistence.store.DirectoryTree;
import dev.mapstorm.persistence.store.JournalStore;
import dev.mapstorm.persistence.store.RunLock;
import dev.mapstorm.persistence.store.SqliteJournal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;

/**
 * An embedded journal in the temporary directory that is gone afterwards. A process that is killed
 * leaves its own there; the next one removes it, which is not locked any more.
 */
final class ScratchJournal {
  private static final String PREFIX = "mapstorm-bench";
  private static final String LOCK = "lock";

  /** A directory that was changed less long ago may be another process's, about to be locked. */
  private static final Duration SETTLED = Duration.ofMinutes(1);

  private ScratchJournal() {}

  /** Hands a fresh journal to {@code user} and deletes it when that returns. */
  static void with(Consumer<JournalStore> user) {
    with(Path.of(System.getProperty("java.io.tmpdir")), user);
  }

  /** The same in another directory. */
  static void with(Path temporary, Consumer<JournalStore> user) {
    try {
      Path directory = Files.createTempDirectory(temporary, PREFIX);
      RunLock lock = RunLock.take(directory.resolve(LOCK));
      try (lock) {
        deleteLeftovers(temporary, directory);
        JournalStore store = new SqliteJournal(directory.resolve("journal.db"));
        store.create();
        user.accept(store);
      } finally {
        DirectoryTree.delete(directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("no room for a journal in the temporary directory", e);
    }
  }

  private static void deleteLeftovers(Path temporary, Path mine) throws IOException {
    FileTime settled = FileTime.from(Instant.now().minus(SETTLED));
    try (DirectoryStream<Path> others = Files.newDirectoryStream(temporary, PREFIX + "*")) {
      for (Path other : others) {
        if (Files.isDirectory(other, LinkOption.NOFOLLOW_LINKS)
            && Files.getOwner(other).equals(Files.getOwner(mine))
            && Files.getLastModifiedTime(other).compareTo(settled) < 0
            && !RunLock.isTaken(other.resolve(LOCK))) {
          DirectoryTree.delete(other);
        }
      }
    }
  }
}
