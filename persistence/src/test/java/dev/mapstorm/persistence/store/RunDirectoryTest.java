package dev.mapstorm.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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
  void saysInWordsWhyItCannotBeMade() throws Exception {
    Path below = Files.createFile(parent.resolve("file")).resolve("run");

    assertThatThrownBy(() -> RunDirectory.create(below, ""))
        .isInstanceOf(StoreException.class)
        .hasMessage(below + " cannot be written: Not a directory");
  }

  @Test
  void aLookAtItsLockNeedsNoRightToWrite() throws Exception {
    Path path = parent.resolve("run");
    RunDirectory run = RunDirectory.create(path, "");
    run.lock().close();
    Files.setPosixFilePermissions(
        path.resolve("lock"), PosixFilePermissions.fromString("r--r--r--"));

    assertThat(run.isRunning()).isFalse();
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

  @Test
  void namesTheDatabaseThatHoldsItsJournal() throws Exception {
    DatabaseAddress address = EmbeddedDatabase.shared().newJournalDatabase();
    Path path = parent.resolve("fleet");

    RunDirectory.createShared(path, "seed = 1", address, "fleet-1");

    RunDirectory run = RunDirectory.open(path, NamedDatabases.of(address.variables()));
    assertThat(run.isShared()).isTrue();
    assertThat(run.sharedJournal().run()).isEqualTo("fleet-1");
    assertThat(run.sharedJournal().address().url()).isEqualTo(address.url());
    assertThat(run.sharedJournal().isActive()).isFalse();
    assertThat(run.journal().reader().hosts()).isEmpty();
    assertThat(RunDirectory.isAt(path)).isTrue();
    assertThat(run.files())
        .extracting(file -> file.getFileName().toString())
        .containsExactly("scenario.conf", "journal.conf");
    assertThatThrownBy(() -> RunDirectory.create(path, ""))
        .hasMessage(path + " holds a run already");
    assertThatThrownBy(() -> RunDirectory.openToResume(path))
        .isInstanceOf(StoreException.class)
        .hasMessageStartingWith(
            "the run in " + path + " is a cluster's, which resumes it by itself");
    assertThat(path.resolve("journal.db")).doesNotExist();
    assertThat(run.remove()).isTrue();
  }

  @Test
  void saysWhatIsWrongWithAJournalsAddress() throws Exception {
    DatabaseAddress address = EmbeddedDatabase.shared().newJournalDatabase();
    Path path = parent.resolve("fleet");
    RunDirectory.createShared(path, "", address, "fleet-1");
    Path conf = path.resolve("journal.conf");

    for (String text :
        new String[] {
          "journal {",
          "url = 1",
          "journal { url = \"jdbc:postgresql://db/x\" }",
          "journal { url = \"jdbc:sqlite:x\", run = a }",
          "journal { url = \"jdbc:postgresql://db/x\", run = \"a|b\" }"
        }) {
      Files.writeString(conf, text);
      assertThatThrownBy(() -> RunDirectory.open(path))
          .isInstanceOf(StoreException.class)
          .hasMessageStartingWith(conf + " is wrong: ");
    }
    Files.writeString(path.resolve("journal.db"), "");
    assertThatThrownBy(() -> RunDirectory.open(path))
        .hasMessage(
            path + " has both a journal.db and a journal.conf: one of them is of another run");
  }
}
