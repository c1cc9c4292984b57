package dev.mapstorm.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class IdleConnectionsTest {
  private final DatabaseAddress address = EmbeddedDatabase.shared().newDatabase();
  private final List<Connection> made = new ArrayList<>();
  private final IdleConnections connections =
      new IdleConnections(
          () -> {
            made.add(address.connect());
            return made.get(made.size() - 1);
          });

  @AfterEach
  void close() throws SQLException {
    connections.close();
    for (Connection each : made) {
      each.close();
    }
  }

  private static String ask(Connection connection, String sql) throws SQLException {
    try (ResultSet row = connection.createStatement().executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  @Test
  void shouldLendAConnectionAgainWithoutWhatWasLeftInIt() throws Exception {
    try (Connection first = connections.open()) {
      first.setAutoCommit(false);
      first.createStatement().execute("CREATE TABLE left_over (n INTEGER)");
    }
    try (Connection second = connections.open()) {
      assertThat(made).hasSize(1);
      assertThat(second.getAutoCommit()).isTrue();
      assertThat(ask(second, "SELECT to_regclass('left_over')")).isNull();
    }
  }

  @Test
  void shouldLendAConnectionToOneAtATime() throws Exception {
    Connection first = connections.open();
    try (Connection second = connections.open()) {
      assertThat(made).hasSize(2);
      first.close();
      Connection third = connections.open();
      // Whoever had it before has no business with it any more.
      first.close();
      try (Connection fourth = connections.open()) {
        assertThat(made).hasSize(3);
        assertThat(ask(fourth, "SELECT pg_backend_pid()"))
            .isNotEqualTo(ask(third, "SELECT pg_backend_pid()"))
            .isNotEqualTo(ask(second, "SELECT pg_backend_pid()"));
      }
      third.close();
    }
  }

  @Test
  void shouldReplaceAConnectionThatTheServerEnded() throws Exception {
    try (Connection first = connections.open()) {
      assertThat(ask(first, "SELECT 1")).isEqualTo("1");
    }
    EmbeddedDatabase.execute(
        address,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            + " WHERE datname = current_database() AND pid <> pg_backend_pid()");

    try (Connection second = connections.open()) {
      assertThat(ask(second, "SELECT 1")).isEqualTo("1");
      assertThat(made).hasSize(2);
    }
  }
}
