package dev.mapstorm.load.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.persistence.store.RunLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScratchJournalTest {
  @TempDir private Path temporary;

  private Path left(String name, Instant changed) throws IOException {
    Path directory = Files.createDirectory(temporary.resolve(name));
    Files.writeString(directory.resolve("journal.db"), "");
    Files.writeString(directory.resolve("lock"), "");
    Files.setLastModifiedTime(directory, FileTime.from(changed));
    return directory;
  }

  @Test
  void whatAKilledProcessLeftIsRemovedByTheNext() throws IOException {
    Instant old = Instant.now().minusSeconds(3600);
    Path killed = left("mapstorm-bench1", old);
    Path atWork = left("mapstorm-bench2", old);
    Path beginning = left("mapstorm-bench3", Instant.now());
    Path somethingElse = left("mapstorm-runs", old);
    RunLock lock = RunLock.take(atWork.resolve("lock"));
    try (lock) {
      ScratchJournal.with(temporary, journal -> journal.check());
    }
    assertThat(killed).doesNotExist();
    assertThat(temporary.toFile().listFiles())
        .containsExactlyInAnyOrder(atWork.toFile(), beginning.toFile(), somethingElse.toFile());
  }
}
