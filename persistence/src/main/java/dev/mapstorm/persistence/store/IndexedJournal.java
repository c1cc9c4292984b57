package dev.mapstorm.persistence.store;

import dev.mapstorm.protocol.event.StreamId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.SortedMap;

/**
 * The table by its index, as Pekko reads it, by plain JDBC: that needs no actor system and sees
 * what is committed, also while a run writes. Every call has its own connection.
 */
final class IndexedJournal implements JournalTable {
  /** Steps from id to id in the index, which stays quick however many entries there are. */
  private static final String STREAMS =
      "WITH RECURSIVE stream (id) AS ("
          + "SELECT (SELECT min(persistence_id) FROM event_journal"
          + " WHERE persistence_id > ? AND persistence_id < ?)"
          + " UNION ALL SELECT (SELECT min(persistence_id) FROM event_journal"
          + " WHERE persistence_id > stream.id AND persistence_id < ?)"
          + " FROM stream WHERE stream.id IS NOT NULL)"
          + " SELECT id FROM stream WHERE id IS NOT NULL";

  private static final String LAST =
      "SELECT coalesce(max(sequence_number), 0) FROM event_journal WHERE persistence_id = ?";
  private static final String ROWS = "SELECT coalesce(max(ordering), 0) FROM event_journal";
  private static final String ENTRIES =
      "SELECT "
          + EntryRow.COLUMNS
          + " FROM event_journal"
          + " WHERE persistence_id = ? AND sequence_number > ? ORDER BY sequence_number";

  /** Rows that a driver which reads ahead may hold. */
  private static final int FETCH_ROWS = 16;

  private final ConnectionSource connections;
  private final JournalScope scope;
  private final String journal;

  /**
   * The rows of {@code scope} in the table behind {@code connections}.
   *
   * @param journal what messages call it
   */
  IndexedJournal(ConnectionSource connections, JournalScope scope, String journal) {
    this.connections = connections;
    this.scope = scope;
    this.journal = journal;
  }

  @Override
  public SortedMap<Integer, StreamId> streams() throws SQLException {
    try (Connection connection = connections.open()) {
      return streams(connection);
    }
  }

  @Override
  public long entries(StreamId stream) throws SQLException {
    try (Connection connection = connections.open()) {
      return entries(connection, stream);
    }
  }

  /**
   * Makes sure that the streams together have as many entries as the table has rows. SQLite numbers
   * the rows without a gap, so this needs no more than the ends of all; it finds what a damaged
   * index hides, the last entries of a stream above all, which nothing follows that would miss
   * them.
   *
   * @throws DamagedJournalException if not
   */
  void checkComplete() throws SQLException {
    try (Connection connection = connections.open()) {
      // One transaction, so that a run that writes meanwhile changes nothing.
      connection.setAutoCommit(false);
      long entries = 0;
      for (StreamId stream : streams(connection).values()) {
        entries += entries(connection, stream);
      }
      long rows = number(connection, ROWS);
      connection.rollback();
      if (entries != rows) {
        throw new DamagedJournalException(
            "the %s is damaged: its streams have %d entries, %d were written"
                .formatted(journal, entries, rows),
            null);
      }
    }
  }

  private SortedMap<Integer, StreamId> streams(Connection connection) throws SQLException {
    StreamsOfRun streams = new StreamsOfRun(journal);
    try (PreparedStatement query = connection.prepareStatement(STREAMS)) {
      query.setString(1, scope.after());
      query.setString(2, scope.before());
      query.setString(3, scope.before());
      try (ResultSet ids = query.executeQuery()) {
        while (ids.next()) {
          if (!streams.add(ids.getString(1))) {
            throw new DamagedJournalException(
                "the %s is damaged: its index is not in order".formatted(journal), null);
          }
        }
      }
    }
    return streams.byHost();
  }

  private static long entries(Connection connection, StreamId stream) throws SQLException {
    return number(connection, LAST, stream.text());
  }

  private static long number(Connection connection, String sql, String... parameters)
      throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        query.setString(i + 1, parameters[i]);
      }
      try (ResultSet row = query.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  @Override
  public EntryRows rows(StreamId stream, long passed) throws SQLException {
    Connection connection = connections.open();
    try {
      return new Rows(connection, stream, passed, scope.epochs());
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  /** The result of one query. */
  private static final class Rows implements EntryRows {
    private final Connection connection;
    private final PreparedStatement statement;
    private final ResultSet rows;
    private final boolean epochs;
    private final long last;
    private long number;

    Rows(Connection connection, StreamId stream, long passed, boolean epochs) throws SQLException {
      this.connection = connection;
      this.epochs = epochs;
      // PostgreSQL's driver reads a result piece by piece only within a transaction.
      connection.setAutoCommit(false);
      number = passed;
      last = entries(connection, stream);
      statement = connection.prepareStatement(ENTRIES);
      statement.setFetchSize(FETCH_ROWS);
      statement.setString(1, stream.text());
      statement.setLong(2, passed);
      rows = statement.executeQuery();
    }

    @Override
    public Optional<EntryRow> next() throws SQLException {
      if (rows.next()) {
        EntryRow row = EntryRow.of(rows, epochs);
        number = row.number();
        return Optional.of(row);
      }
      if (number < last) {
        // The index is out of order: looked for directly, the last entry is there.
        throw new FlawedRowException("it is missing, the last entry is %d".formatted(last));
      }
      return Optional.empty();
    }

    @Override
    public void close() throws SQLException {
      try (connection;
          statement;
          rows) {
        connection.rollback();
      }
    }
  }
}
