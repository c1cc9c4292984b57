package dev.mapstorm.persistence.index;

import dev.mapstorm.persistence.replay.Moment;
import dev.mapstorm.persistence.store.FileErrors;
import dev.mapstorm.persistence.store.JournalReader;
import dev.mapstorm.persistence.store.SqlErrors;
import dev.mapstorm.persistence.store.SqliteLibrary;
import dev.mapstorm.persistence.store.SqliteTables;
import dev.mapstorm.protocol.event.EventBatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.sqlite.SQLiteConfig;

/**
 * The index of a run as an SQLite database, in a file or in memory. Whatever goes wrong is an
 * {@link UntrustedIndexException}. Thread-safe.
 */
final class IndexFile implements AutoCloseable {
  private static final int BUSY_TIMEOUT_MS = 10_000;
  private static final int PAGE_BYTES = 16 * 1024;

  /** Rows that may be lost when the process is killed; they are made again. */
  private static final int ROWS_A_TRANSACTION = 64;

  private static final String MEMORY = "jdbc:sqlite::memory:";

  static {
    SqliteLibrary.place();
  }

  private final Connection connection;
  private final PreparedStatement insertBatch;
  private final PreparedStatement insertSnapshot;
  private int uncommitted;

  /** Whether the database is in write-ahead mode, in which others can read it meanwhile. */
  private boolean writing;

  private IndexFile(Connection connection) throws SQLException {
    this.connection = connection;
    insertBatch = connection.prepareStatement(IndexRows.INSERT_BATCH);
    insertSnapshot = connection.prepareStatement(IndexRows.INSERT_SNAPSHOT);
  }

  /** The index in {@code file}, to be written; an empty one if there is none. */
  static IndexFile open(Path file) {
    return open(
        "jdbc:sqlite:" + file.toAbsolutePath(),
        statement -> {
          statement.execute("PRAGMA page_size = " + PAGE_BYTES);
          statement.execute("PRAGMA synchronous = NORMAL");
        });
  }

  /** An empty index in memory. */
  static IndexFile inMemory() {
    return open(MEMORY, statement -> {});
  }

  /** A copy in memory of the index in {@code file}, which may be written by others meanwhile. */
  static IndexFile copyOf(Path file) {
    IndexFile copy = inMemory();
    try (PreparedStatement attach = copy.connection.prepareStatement("ATTACH ? AS disk");
        Statement statement = copy.connection.createStatement()) {
      attach.setString(1, file.toAbsolutePath().toString());
      attach.execute();
      IndexSchema.check(statement, "disk");
      statement.execute("INSERT INTO main.batch SELECT * FROM disk.batch");
      statement.execute("INSERT INTO main.snapshot SELECT * FROM disk.snapshot");
      statement.execute("DETACH disk");
      return copy;
    } catch (SQLException e) {
      copy.close();
      throw broken(e);
    } catch (UntrustedIndexException e) {
      copy.close();
      throw e;
    }
  }

  /** Deletes the index in {@code file}; nothing happens if there is none. */
  static void delete(Path file) {
    try {
      for (String suffix : List.of("", "-wal", "-shm", "-journal")) {
        Files.deleteIfExists(file.resolveSibling(file.getFileName() + suffix));
      }
    } catch (IOException e) {
      throw new UntrustedIndexException("it cannot be deleted: " + FileErrors.reason(e), e);
    }
  }

  /** Settings of a new connection. */
  @FunctionalInterface
  private interface Settings {
    void apply(Statement statement) throws SQLException;
  }

  private static IndexFile open(String url, Settings settings) {
    SQLiteConfig config = new SQLiteConfig();
    config.setBusyTimeout(BUSY_TIMEOUT_MS);
    Connection connection = null;
    try {
      connection = config.createConnection(url);
      try (Statement statement = connection.createStatement()) {
        statement.execute(SqliteTables.NO_TRUST);
        settings.apply(statement);
        IndexSchema.createIfEmpty(statement);
        IndexSchema.check(statement, "main");
      }
      return new IndexFile(connection);
    } catch (SQLException e) {
      closeQuietly(connection);
      throw broken(e);
    } catch (UntrustedIndexException e) {
      closeQuietly(connection);
      throw e;
    }
  }

  /**
   * Makes sure that it is of this journal and not ahead of it. Since each batch's hash covers all
   * before it, the last one of a host speaks for all.
   */
  void checkBelongsTo(JournalReader journal) {
    for (int host : journal.hosts()) {
      Optional<BatchSummary> last = lastBatch(host);
      if (last.isPresent()) {
        Optional<EventBatch> journaled = journal.batch(host, last.get().number());
        if (journaled.isEmpty() || !Arrays.equals(journaled.get().hash(), last.get().hash())) {
          throw new UntrustedIndexException(
              "it is of another journal, since batch %d of host %d differs"
                  .formatted(last.get().number(), host));
        }
      }
    }
  }

  /** Adds a batch of a host; nothing happens if it is there. */
  synchronized void add(int host, BatchSummary batch) {
    try {
      begin();
      IndexRows.set(insertBatch, host, batch);
      insertBatch.executeUpdate();
      if (++uncommitted >= ROWS_A_TRANSACTION) {
        commit();
      }
    } catch (SQLException e) {
      throw broken(e);
    }
  }

  /** Adds a state of a host; nothing happens if it is there. */
  synchronized void add(int host, Snapshot snapshot) {
    try {
      begin();
      IndexRows.set(insertSnapshot, host, snapshot);
      insertSnapshot.executeUpdate();
      uncommitted++;
      commit();
    } catch (SQLException e) {
      throw broken(e);
    }
  }

  private void begin() throws SQLException {
    if (!writing) {
      execute("PRAGMA journal_mode = WAL");
      writing = true;
    }
    if (uncommitted == 0) {
      execute("BEGIN IMMEDIATE");
    }
  }

  /** Makes what was added last. */
  synchronized void commit() {
    try {
      if (uncommitted > 0) {
        execute("COMMIT");
        uncommitted = 0;
      }
    } catch (SQLException e) {
      throw broken(e);
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The batches of a host, in order and without a gap. */
  synchronized List<BatchSummary> batches(int host) {
    List<BatchSummary> batches =
        query(
            IndexRows.BATCHES + " ORDER BY number",
            query -> query.setInt(1, host),
            row -> IndexRows.batch(host, row));
    for (int i = 0; i < batches.size(); i++) {
      long before = i == 0 ? 0 : batches.get(i - 1).eventsBehind();
      if (batches.get(i).number() != i || batches.get(i).eventsBefore() != before) {
        throw new UntrustedIndexException("it lacks batch %d of host %d".formatted(i, host));
      }
    }
    return batches;
  }

  /** The last batch of a host; empty if there is none. */
  Optional<BatchSummary> lastBatch(int host) {
    return lastBatchBefore(host, Long.MAX_VALUE);
  }

  /** The last batch of a host whose events are all before {@code t}; empty if there is none. */
  synchronized Optional<BatchSummary> lastBatchBefore(int host, long t) {
    return query(
            IndexRows.BATCHES + " AND last < ? ORDER BY number DESC LIMIT 1",
            query -> {
              query.setInt(1, host);
              query.setLong(2, t);
            },
            row -> IndexRows.batch(host, row))
        .stream()
        .findFirst();
  }

  /** The last state of a host at or before a moment; empty if there is none. */
  synchronized Optional<Snapshot> snapshotBefore(int host, Moment moment) {
    return query(
            IndexRows.SNAPSHOTS + " AND last <= ? AND events <= ? ORDER BY batches DESC LIMIT 1",
            query -> {
              query.setInt(1, host);
              query.setLong(2, moment.lastInstant());
              query.setLong(3, moment.events());
            },
            row -> IndexRows.snapshot(host, row))
        .stream()
        .findFirst();
  }

  /** Fills in the parameters of a query. */
  @FunctionalInterface
  private interface Parameters {
    void set(PreparedStatement query) throws SQLException;
  }

  /** Reads one row. */
  @FunctionalInterface
  private interface RowReader<T> {
    T read(ResultSet row) throws SQLException;
  }

  private <T> List<T> query(String sql, Parameters parameters, RowReader<T> reader) {
    try (PreparedStatement query = connection.prepareStatement(sql)) {
      parameters.set(query);
      List<T> found = new ArrayList<>();
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          found.add(reader.read(rows));
        }
      }
      return found;
    } catch (SQLException e) {
      throw broken(e);
    }
  }

  /** Commits and lets go of the file, which is whole without others beside it if it was written. */
  @Override
  public synchronized void close() {
    try {
      commit();
      if (writing) {
        execute("PRAGMA journal_mode = DELETE");
      }
    } catch (SQLException e) {
      // Somebody reads it at this moment; the next who writes it leaves it whole.
      return;
    } finally {
      closeQuietly(connection);
    }
  }

  private static void closeQuietly(Connection connection) {
    try {
      if (connection != null) {
        connection.close();
      }
    } catch (SQLException e) {
      // The index is derived: what it lost is made again.
      return;
    }
  }

  private static UntrustedIndexException broken(SQLException e) {
    return new UntrustedIndexException(SqlErrors.clause(e), e);
  }
}
