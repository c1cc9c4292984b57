package dev.mapstorm.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteJournalTest {
  @TempDir private Path directory;

  @Test
  void createsAnEmptyJournalWithLargePagesInWriteAheadMode() throws Exception {
    Path file = directory.resolve("journal of für 100%.db");
    SqliteJournal journal = new SqliteJournal(file);

    journal.create();

    journal.check();
    assertThat(journal.reader().hosts()).isEmpty();
    assertThat(journal.reader().run()).isEmpty();
    assertThat(pragma(file, "page_size")).isEqualTo("32768");
    assertThat(pragma(file, "journal_mode")).isEqualTo("wal");
  }

  @Test
  void doesNotCreateOverSomething() throws Exception {
    Path file = directory.resolve("journal.db");
    Files.writeString(file, "notes");

    assertThatThrownBy(() -> new SqliteJournal(file).create())
        .isInstanceOf(StoreException.class)
        .hasMessage(file + " exists already");
    assertThat(file).hasContent("notes");
  }

  @Test
  void saysWhatCannotBeCreated() {
    Path file = directory.resolve("missing").resolve("journal.db");

    assertThatThrownBy(() -> new SqliteJournal(file).create())
        .isInstanceOf(StoreException.class)
        .hasMessageStartingWith(file + " cannot be created: ");
  }

  @Test
  void refusesWhatIsNoJournal() throws Exception {
    Path missing = directory.resolve("missing.db");
    assertThatThrownBy(() -> new SqliteJournal(missing).check())
        .isInstanceOf(StoreException.class)
        .hasMessage(missing + " does not exist or is not a file");

    Path text = directory.resolve("text.db");
    Files.writeString(text, "SQLite? No.");
    assertThatThrownBy(() -> new SqliteJournal(text).check())
        .isInstanceOf(StoreException.class)
        .hasMessage(text + " is not an SQLite database");

    Path foreign = directory.resolve("foreign.db");
    execute(foreign, "CREATE TABLE event_journal (ordering INTEGER)");
    assertThatThrownBy(() -> new SqliteJournal(foreign).check())
        .isInstanceOf(StoreException.class)
        .hasMessage(foreign + " is an SQLite database, but not a mapstorm journal");
  }

  @Test
  void refusesAnotherTableLayout() throws Exception {
    Path file = directory.resolve("journal.db");
    new SqliteJournal(file).create();
    execute(file, "PRAGMA user_version = 2");

    assertThatThrownBy(() -> new SqliteJournal(file).check())
        .isInstanceOf(StoreException.class)
        .hasMessage(
            file + " is a journal with table layout 2, this version of mapstorm uses layout 1");
  }

  @Test
  void refusesAPathThatTheDriverWouldCutShort() {
    assertThatThrownBy(() -> new SqliteJournal(directory.resolve("what?.db")))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("cannot contain '?'");
  }

  private static void execute(Path file, String statement) throws Exception {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
      connection.createStatement().execute(statement);
    }
  }

  private static String pragma(Path file, String name) throws Exception {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        ResultSet row = connection.createStatement().executeQuery("PRAGMA " + name)) {
      return row.getString(1);
    }
  }
}
