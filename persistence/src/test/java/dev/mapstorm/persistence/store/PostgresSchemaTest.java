package dev.mapstorm.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PostgresSchemaTest {
  private DatabaseAddress address;

  @BeforeEach
  void makeADatabase() {
    address = EmbeddedDatabase.shared().newDatabase();
  }

  private void assertRefused(String message) {
    assertThatThrownBy(() -> new PostgresSchema(address).check())
        .isInstanceOf(StoreException.class)
        .hasMessage(message.formatted(address));
    assertThatThrownBy(() -> new PostgresSchema(address).create())
        .isInstanceOf(StoreException.class)
        .hasMessage(message.formatted(address));
  }

  @Test
  void shouldBeMadeOnceWhoeverAsks() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    List<Future<Integer>> made = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      made.add(threads.submit(() -> new PostgresSchema(address).create()));
    }
    int created = 0;
    for (Future<Integer> each : made) {
      created += each.get(30, TimeUnit.SECONDS) == PostgresSchema.NONE ? 1 : 0;
    }
    threads.shutdown();

    assertThat(created).isOne();
    new PostgresSchema(address).check();
    assertThat(new PostgresSchema(address).create()).isEqualTo(PostgresSchema.VERSION);
  }

  @Test
  void shouldStoreEntriesAsTheyAre() throws Exception {
    new PostgresSchema(address).create();

    try (Connection connection = address.connect();
        ResultSet storage =
            connection
                .createStatement()
                .executeQuery(
                    "SELECT attstorage FROM pg_attribute WHERE attrelid = 'event_journal'::regclass"
                        + " AND attname = 'event_payload'")) {
      storage.next();
      assertThat(storage.getString(1)).isEqualTo("e");
    }
  }

  @Test
  void shouldStandInASchemaOfItsOwnWhereTheUrlSaysSo() {
    EmbeddedDatabase.execute(address, "CREATE TABLE snapshot (mine INTEGER)");
    EmbeddedDatabase.execute(address, "CREATE SCHEMA storm");
    DatabaseAddress own = DatabaseAddress.of(address.url() + "&currentSchema=storm", Map.of());

    assertThat(new PostgresSchema(own).create()).isZero();

    new PostgresSchema(own).check();
    assertRefused(
        "the database %s has the table snapshot, made by something else than mapstorm: mapstorm"
            + " needs a database or a schema of its own");
  }

  @Test
  void shouldRefuseADatabaseWithoutTables() {
    assertThatThrownBy(() -> new PostgresSchema(address).check())
        .isInstanceOf(StoreException.class)
        .hasMessage(
            "the database %s has no journal yet; mapstorm db init makes it".formatted(address));
  }

  @Test
  void shouldRefuseAnotherVersion() {
    new PostgresSchema(address).create();
    EmbeddedDatabase.execute(address, "UPDATE mapstorm_schema SET version = 3");

    assertRefused(
        "the database %s has a journal of schema version 3, this version of mapstorm uses version"
            + " 2");
  }

  @Test
  void shouldBringTablesOfTheFirstVersionUpToDate() {
    EmbeddedDatabase.execute(address, Resources.text(PostgresSchema.class, "postgres-journal.sql"));
    EmbeddedDatabase.execute(
        address, "INSERT INTO stream_writer VALUES ('claimed|3', 7, 'node-2', now())");
    assertThatThrownBy(() -> new PostgresSchema(address).check())
        .isInstanceOf(StoreException.class)
        .hasMessage(
            "the database %s has a journal of schema version 1, this version of mapstorm uses version 2; mapstorm db init adds what is new"
                .formatted(address));

    assertThat(new PostgresSchema(address).create()).isOne();

    new PostgresSchema(address).check();
    assertThat(new PostgresSchema(address).create()).isEqualTo(PostgresSchema.VERSION);
    assertThat(new StoredRuns(address).status().runs()).hasSize(1);
  }

  @Test
  void shouldRefuseAJournalThatLacksSomething() {
    new PostgresSchema(address).create();
    EmbeddedDatabase.execute(address, "ALTER TABLE event_journal DISABLE TRIGGER one_writer");
    assertRefused(
        "the journal in the database %s lacks the trigger one_writer, or it is switched off: two"
            + " nodes could write the same host");

    EmbeddedDatabase.execute(address, "DROP TABLE snapshot, stream_writer");
    assertRefused("the journal in the database %s lacks the tables snapshot, stream_writer");
  }
}
