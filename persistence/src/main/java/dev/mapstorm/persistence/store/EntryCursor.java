package dev.mapstorm.persistence.store;

import dev.mapstorm.protocol.event.DamagedBatchException;
import dev.mapstorm.protocol.event.JournalEntry;
import dev.mapstorm.protocol.event.StreamId;
import dev.mapstorm.protocol.event.StreamVerifier;
import dev.mapstorm.protocol.wire.WireFormat;
import dev.mapstorm.protocol.wire.WireFormatException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * Stands in one stream of a journal and verifies every entry that it passes: for whoever reads two
 * streams in step, where {@link JournalReader#forEach} reads one. Not thread-safe.
 */
public final class EntryCursor implements AutoCloseable {
  private static final String ENTRIES =
      "SELECT sequence_number, event_payload FROM event_journal"
          + " WHERE persistence_id = ? AND sequence_number > ? ORDER BY sequence_number";

  /** Rows that a driver which reads ahead may hold. */
  private static final int FETCH_ROWS = 16;

  private final StreamVerifier verifier;
  private final WireFormat format;
  private final Connection connection;
  private final PreparedStatement statement;
  private final ResultSet rows;
  private final StreamId stream;
  private long passed;

  /**
   * Owns the connection if nothing is thrown.
   *
   * @param passed entries to leave out
   * @param verifier of those that follow
   */
  EntryCursor(
      WireFormat format,
      Connection connection,
      StreamId stream,
      long passed,
      StreamVerifier verifier)
      throws SQLException {
    this.passed = passed;
    this.verifier = verifier;
    this.format = format;
    this.connection = connection;
    this.stream = stream;
    // PostgreSQL's driver reads a result piece by piece only within a transaction.
    connection.setAutoCommit(false);
    statement = connection.prepareStatement(ENTRIES);
    statement.setFetchSize(FETCH_ROWS);
    statement.setString(1, stream.text());
    statement.setLong(2, passed);
    rows = statement.executeQuery();
  }

  /**
   * The next entry, or null behind the last.
   *
   * @throws DamagedJournalException if it is missing, unreadable or not what was written
   */
  public JournalEntry next() {
    try {
      if (!rows.next()) {
        return null;
      }
      passed++;
      long number = rows.getLong(1);
      if (number != passed) {
        throw damaged("it is missing, entry " + number + " follows", null);
      }
      JournalEntry entry = format.read(rows.getBytes(2), JournalEntry.class);
      verifier.accept(entry);
      return entry;
    } catch (SQLException | WireFormatException | DamagedBatchException e) {
      throw damaged(e.getMessage(), e);
    }
  }

  private DamagedJournalException damaged(String why, Exception cause) {
    return new DamagedJournalException(
        "host %d, entry %d, behind %d good batches: %s"
            .formatted(stream.host(), passed, verifier.batches(), why),
        cause);
  }

  /** Gives its connection back. */
  @Override
  public void close() {
    try (connection;
        statement;
        rows) {
      connection.rollback();
    } catch (SQLException e) {
      throw new StoreException(
          "the stream of host %d cannot be closed: %s".formatted(stream.host(), e.getMessage()), e);
    }
  }
}
