package dev.mapstorm.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A journal whose tables somebody exchanged or gave more to do. */
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SqliteTablesTest {
  private static final String ENDLESS =
      "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)";

  /** Columns of {@code event_journal}, all rows of one stream. */
  private static final String EVENTS =
      " SELECT x AS ordering, 0 AS deleted, 'small|0' AS persistence_id, x AS sequence_number,"
          + " '' AS writer, 0 AS write_timestamp, '' AS adapter_manifest, 28019 AS event_ser_id,"
          + " '1' AS event_ser_manifest, NULL AS meta_ser_id, NULL AS meta_ser_manifest,"
          + " NULL AS meta_payload, x'00' AS event_payload FROM n";

  @TempDir private static Path shared;
  @TempDir private Path directory;
  private Path file;

  @BeforeAll
  static void write() throws Exception {
    SmallJournal.write(shared.resolve("sound.db"));
  }

  @BeforeEach
  void copy() throws Exception {
    file = directory.resolve("journal.db");
    Files.copy(shared.resolve("sound.db"), file);
  }

  private void change(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.executeUpdate(sql);
    }
  }

  private void assertRefused(String flaw) {
    assertThatThrownBy(() -> new SqliteJournal(file).check())
        .isExactlyInstanceOf(StoreException.class)
        .hasMessage("%s is not a mapstorm journal: %s", file, flaw);
  }

  @ParameterizedTest
  @CsvSource({"event_journal", "snapshot"})
  void aViewInPlaceOfATableIsNotRead(String table) throws Exception {
    change("DROP TABLE event_tag");
    change("DROP TABLE %s".formatted(table));
    change("CREATE VIEW %s AS %s%s".formatted(table, ENDLESS, EVENTS));

    assertRefused("it has a view %s, which mapstorm does not make".formatted(table));
  }

  @Test
  void nothingIsSalvagedOfAView() throws Exception {
    change("DROP TABLE event_journal");
    change("CREATE VIEW event_journal AS %s%s".formatted(ENDLESS, EVENTS));

    assertNothingIsSalvaged();
  }

  @Test
  void nothingIsSalvagedWhereAColumnIsComputed() throws Exception {
    change("ALTER TABLE event_journal RENAME COLUMN writer TO wrote");
    change("ALTER TABLE event_journal ADD COLUMN writer AS (hex(zeroblob(500000000)))");

    assertNothingIsSalvaged();
  }

  private void assertNothingIsSalvaged() {
    assertThatThrownBy(() -> new SqliteJournal(file).salvage((part, events) -> {}))
        .isExactlyInstanceOf(StoreException.class)
        .hasMessage(
            "nothing of the SQLite journal %s can be read: its event_journal is not an ordinary"
                + " table",
            file);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "CREATE TRIGGER t BEFORE INSERT ON event_journal BEGIN DELETE FROM snapshot; END | trigger t",
        "CREATE INDEX i ON event_journal (length(event_payload)) | index i",
        "CREATE TABLE notes (text) | table notes",
        "CREATE VIRTUAL TABLE letters USING fts5(text) | table letters",
        "CREATE VIEW v AS SELECT 1 | view v",
      })
  void whatElseIsInTheFileIsNamed(String sql, String object) throws Exception {
    change(sql);

    assertRefused("it has a %s, which mapstorm does not make".formatted(object));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ALTER TABLE event_journal ADD COLUMN more AS (hex(zeroblob(500000000))) | event_journal",
        "ALTER TABLE snapshot ADD COLUMN more | snapshot",
        "ALTER TABLE snapshot RENAME COLUMN created TO made | snapshot",
        "DROP TABLE event_tag; CREATE TABLE event_tag (event_id, tag, CHECK (tag > 1)) | event_tag",
        "DROP TABLE snapshot; CREATE VIRTUAL TABLE snapshot USING fts5(created) | snapshot",
      })
  void aTableThatIsDefinedInAnotherWayIsNamed(String sql, String table) throws Exception {
    change(sql);

    assertRefused("its table %s is defined in another way than mapstorm does".formatted(table));
  }

  @Test
  void aTableThatIsMissingIsNamed() throws Exception {
    change("DROP TABLE event_tag");

    assertRefused("it has no table event_tag");
  }

  @Test
  void whatSqliteMakesItselfIsNotMinded() throws Exception {
    change("ANALYZE");

    assertThatCode(() -> new SqliteJournal(file).check()).doesNotThrowAnyException();
    assertThat(SmallJournal.read(new SqliteJournal(file).reader())).hasSize(2);
  }
}
