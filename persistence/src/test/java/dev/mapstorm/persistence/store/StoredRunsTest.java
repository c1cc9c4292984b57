package dev.mapstorm.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StoredRunsTest {
  private static final String ROWS =
      """
      INSERT INTO event_journal (persistence_id, sequence_number, writer, write_timestamp,
        adapter_manifest, event_ser_id, event_ser_manifest, event_payload)
      SELECT '%s', n, 'w', 1000 * n, '', 28019, '1', '\\x010203' FROM generate_series(1, %d) n
      """;

  private DatabaseAddress address;
  private StoredRuns runs;

  @BeforeEach
  void fill() {
    address = EmbeddedDatabase.shared().newJournalDatabase();
    runs = new StoredRuns(address);
    EmbeddedDatabase.execute(address, ROWS.formatted("long|0", 1200));
    EmbeddedDatabase.execute(address, ROWS.formatted("long|1", 3));
    EmbeddedDatabase.execute(address, ROWS.formatted("longer|0", 2));
    EmbeddedDatabase.execute(address, ROWS.formatted("of no run", 1));
  }

  private String text(String sql) throws SQLException {
    try (Connection connection = address.connect();
        ResultSet row = connection.createStatement().executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  @Test
  void shouldCountTheRowsOfEachRun() {
    EmbeddedDatabase.execute(
        address, "INSERT INTO stream_writer VALUES ('claimed|3', 7, 'node-2', now())");

    List<StoredRun> stored = runs.status().runs();

    assertThat(stored).extracting(StoredRun::id).containsExactly("claimed", "long", "longer");
    assertThat(stored.get(0).claims().highestEpoch()).isEqualTo(7);
    assertThat(stored.get(0).active()).isTrue();
    assertThat(stored.get(0).lastWritten()).isEqualTo(Instant.EPOCH);
    assertThat(stored.get(1))
        .isEqualTo(
            new StoredRun(
                "long",
                2,
                1203,
                3 * 1203,
                0,
                0,
                Instant.ofEpochSecond(1200),
                new StoredRun.Claims(0, 0, "", Instant.EPOCH),
                false));
  }

  @Test
  void shouldRemoveARunInTransactionsOfBoundedSize() throws Exception {
    List<Long> progress = new ArrayList<>();

    assertThat(runs.remove("long", progress::add)).isEqualTo(1203);

    assertThat(progress).containsExactly(500L, 1000L, 1200L, 1203L);
    assertThat(runs.status().runs()).extracting(StoredRun::id).containsExactly("longer");
    assertThat(runs.remove("long", progress::add)).isZero();
  }

  @Test
  void shouldRemoveWhatNodesSaidOfTheHostsOfARun() throws Exception {
    for (String stream : List.of("long|0", "long|9", "longer|0")) {
      EmbeddedDatabase.execute(
          address,
          "INSERT INTO node_death VALUES ('%s', 1, 'node-2', true, 'why', now())"
              .formatted(stream));
    }

    runs.remove("long", entries -> {});

    assertThat(text("SELECT string_agg(persistence_id, ' ') FROM node_death"))
        .isEqualTo("longer|0");
  }

  @Test
  void shouldLeaveAnInterruptedRunThatNobodyWritesWhereItIsCutOff() throws Exception {
    IllegalStateException cut = new IllegalStateException("cut off");
    assertThatThrownBy(
            () ->
                runs.remove(
                    "long",
                    entries -> {
                      throw cut;
                    }))
        .isSameAs(cut);

    assertThat(
            text(
                "SELECT min(sequence_number) || ' to ' || max(sequence_number) || ', ' || count(*)"
                    + " FROM event_journal WHERE persistence_id = 'long|0'"))
        .isEqualTo("1 to 700, 700");
    assertThatThrownBy(() -> text(ROWS.formatted("long|0", 0).replace("(1, 0)", "(701, 701)")))
        .hasMessageContaining("stream long|0 can be written under epoch 1 only");
    assertThat(runs.remove("long", entries -> {})).isEqualTo(703);
    assertThat(text("SELECT count(*) FROM stream_writer")).isEqualTo("0");
  }
}
