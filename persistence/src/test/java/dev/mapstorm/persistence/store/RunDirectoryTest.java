package dev.mapstorm.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunDirectoryTest {
  @TempDir private Path parent;

  @Test
  void holdsTheScenarioAndAnEmptyJournalWhenItIsMade() {
    Path path = parent.resolve("runs").resolve("nvme");

    RunDirectory.create(path, "seed = 1");

    RunDirectory run = RunDirectory.open(path);
    assertThat(run.path()).isEqualTo(path);
    assertThat(run.scenario()).hasContent("seed = 1");
    assertThat(run.journal().reader().hosts()).isEmpty();
    assertThat(run.reportJson()).doesNotExist();
  }

  @Test
  void isMadeInAnEmptyDirectoryThatExists() {
    RunDirectory.create(parent, "");

    assertThat(RunDirectory.open(parent).scenario()).hasContent("");
  }

  @Test
  void doesNotOverwriteARunOrMixWithOtherFiles() throws Exception {
    Path path = parent.resolve("run");
    RunDirectory.create(path, "seed = 1");
    assertThatThrownBy(() -> RunDirectory.create(path, "seed = 2"))
        .isInstanceOf(StoreException.class)
        .hasMessage(path + " holds a run already");
    assertThat(path.resolve("scenario.conf")).hasContent("seed = 1");

    Path others = Files.createDirectory(parent.resolve("others"));
    Files.writeString(others.resolve("notes"), "mine");
    assertThatThrownBy(() -> RunDirectory.create(others, ""))
        .hasMessage(others + " exists and is not an empty directory");
    assertThatThrownBy(() -> RunDirectory.create(others.resolve("notes"), ""))
        .hasMessage(others.resolve("notes") + " exists and is not an empty directory");
    assertThat(others.resolve("scenario.conf")).doesNotExist();
  }

  @Test
  void saysWhyADirectoryIsNoRun() throws Exception {
    Path missing = parent.resolve("missing");
    assertThatThrownBy(() -> RunDirectory.open(missing))
        .isInstanceOf(StoreException.class)
        .hasMessage(missing + " does not exist");

    Path file = Files.createFile(parent.resolve("file"));
    assertThatThrownBy(() -> RunDirectory.open(file)).hasMessage(file + " is not a directory");

    assertThatThrownBy(() -> RunDirectory.open(parent))
        .hasMessage(parent + " is not a run directory: it has no journal.db and no journal.conf");

    Path lost = parent.resolve("lost");
    RunDirectory.create(lost, "");
    Files.delete(lost.resolve("journal.db"));
    assertThatThrownBy(() -> RunDirectory.open(lost))
        .hasMessage("the run in " + lost + " has no journal.db and no journal.conf");

    Files.writeString(lost.resolve("journal.db"), "something else, and long enough");
    assertThatThrownBy(() -> RunDirectory.open(lost))
        .hasMessage(lost.resolve("journal.db") + " is not an SQLite database");
  }
}
