package dev.mapstorm.persistence.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The removal of one run's rows from a shared database. Not thread-safe. */
final class RunRemoval {
  /** Entries in a transaction: some 50 MB of payload. */
  private static final int CHUNK = 500;

  private static final String CLAIMANT = "removal of the run";
  private static final String IN_SCOPE = " WHERE persistence_id > ? AND persistence_id < ?";
  private static final int TABLES = 4;
  private static final String STREAMS =
      "SELECT persistence_id FROM stream_writer"
          + IN_SCOPE
          + " UNION SELECT persistence_id FROM snapshot"
          + IN_SCOPE
          + " UNION SELECT persistence_id FROM event_journal"
          + IN_SCOPE
          + " UNION SELECT persistence_id FROM node_death"
          + IN_SCOPE
          + " ORDER BY 1";
  private static final String LAST =
      "SELECT coalesce(max(sequence_number), 0) FROM event_journal WHERE persistence_id = ?";
  private static final String REMOVE_BEHIND =
      "DELETE FROM event_journal WHERE persistence_id = ? AND sequence_number > ?";
  private static final String REMOVE_CHECKPOINTS = "DELETE FROM snapshot WHERE persistence_id = ?";
  private static final String REMOVE_DEATHS = "DELETE FROM node_death WHERE persistence_id = ?";
  private static final String REMOVE_CLAIM = "DELETE FROM stream_writer WHERE persistence_id = ?";

  private final Connection connection;
  private final JournalScope scope;
  private final StoredRuns.Progress progress;
  private long removed;

  RunRemoval(Connection connection, String run, StoredRuns.Progress progress) {
    this.connection = connection;
    this.scope = JournalScope.ofRun(run);
    this.progress = progress;
  }

  /** Removes everything, and returns how many entries that were. */
  long all() throws SQLException {
    List<String> streams = streams();
    connection.setAutoCommit(false);
    for (String stream : streams) {
      PostgresClaims.claim(connection, stream, CLAIMANT);
      connection.commit();
      removeEntries(stream);
      update(REMOVE_CHECKPOINTS, stream);
      update(REMOVE_DEATHS, stream);
      update(REMOVE_CLAIM, stream);
      connection.commit();
    }
    return removed;
  }

  private List<String> streams() throws SQLException {
    List<String> streams = new ArrayList<>();
    try (PreparedStatement query = connection.prepareStatement(STREAMS)) {
      for (int i = 0; i < TABLES; i++) {
        query.setString(2 * i + 1, scope.after());
        query.setString(2 * i + 2, scope.before());
      }
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          streams.add(rows.getString(1));
        }
      }
    }
    return streams;
  }

  /** From the last one on, so that what is left at any time is a stream that ends early. */
  private void removeEntries(String stream) throws SQLException {
    long left = last(stream);
    while (left > 0) {
      left = Math.max(0, left - CHUNK);
      try (PreparedStatement delete = connection.prepareStatement(REMOVE_BEHIND)) {
        delete.setString(1, stream);
        delete.setLong(2, left);
        removed += delete.executeUpdate();
      }
      connection.commit();
      progress.removed(removed);
    }
  }

  private long last(String stream) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(LAST)) {
      query.setString(1, stream);
      try (ResultSet row = query.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  private void update(String sql, String stream) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, stream);
      statement.executeUpdate();
    }
  }
}
