package dev.mapstorm.persistence.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The runs that share a database: what there is of each, and its removal. A stream whose id has no
 * bar, such as that of a cluster's coordinator, belongs to none and stays. All rows are counted,
 * but no payload is read. Every call has a connection of its own. Thread-safe.
 */
public final class StoredRuns {
  private static final String ALL =
      """
      WITH entry AS (
        SELECT split_part(persistence_id, '|', 1) AS run, count(DISTINCT persistence_id) AS hosts,
          count(*) AS entries, sum(octet_length(event_payload)) AS bytes,
          to_timestamp(max(write_timestamp) / 1000.0) AS written
        FROM event_journal WHERE persistence_id LIKE '%|%' GROUP BY 1
      ), checkpoint AS (
        SELECT split_part(persistence_id, '|', 1) AS run, count(*) AS checkpoints,
          sum(octet_length(snapshot_payload)) AS checkpoint_bytes
        FROM snapshot WHERE persistence_id LIKE '%|%' GROUP BY 1
      ), claim AS (
        SELECT split_part(persistence_id, '|', 1) AS run, count(*) AS streams, max(epoch) AS epoch,
          max(claimed_at) AS claimed, (array_agg(claimed_by ORDER BY claimed_at DESC))[1] AS claimant
        FROM stream_writer WHERE persistence_id LIKE '%|%' GROUP BY 1
      )
      SELECT run, coalesce(hosts, 0) AS hosts, coalesce(entries, 0) AS entries,
        coalesce(bytes, 0) AS bytes, coalesce(checkpoints, 0) AS checkpoints,
        coalesce(checkpoint_bytes, 0) AS checkpoint_bytes, written, coalesce(streams, 0) AS streams,
        coalesce(epoch, 0) AS epoch, coalesce(claimant, '') AS claimant, claimed,
        coalesce(greatest(written, claimed) > now() - interval '1 minute', false) AS active
      FROM entry FULL JOIN checkpoint USING (run) FULL JOIN claim USING (run)
      ORDER BY greatest(written, claimed) DESC NULLS LAST, run COLLATE "C"
      """;

  private static final String SERVER =
      "SELECT current_setting('server_version'), pg_database_size(current_database()),"
          + " current_setting('fsync') = 'on'"
          + " AND current_setting('synchronous_commit') <> 'off', now()";

  private final DatabaseAddress address;

  /** The runs in the database at {@code address}. */
  public StoredRuns(DatabaseAddress address) {
    this.address = address;
  }

  /**
   * A database as a whole.
   *
   * @param schemaVersion of its tables
   * @param server version of the server
   * @param bytes that the database takes on the server's disk, with what it may use again
   * @param durable whether the server confirms a write only once it is on the disk
   * @param now the server's clock
   * @param runs what is in it, written or claimed last first
   */
  public record Status(
      int schemaVersion,
      String server,
      long bytes,
      boolean durable,
      Instant now,
      List<StoredRun> runs) {}

  /**
   * Looks at everything.
   *
   * @throws StoreException if the database cannot be used or has no journal of this version
   */
  public Status status() {
    try (Connection connection = address.connect();
        Statement statement = connection.createStatement()) {
      new PostgresSchema(address).check(connection);
      // Counting may take longer than the server may be silent otherwise.
      connection.setNetworkTimeout(Runnable::run, 0);
      List<StoredRun> runs = runs(statement);
      try (ResultSet server = statement.executeQuery(SERVER)) {
        server.next();
        return new Status(
            PostgresSchema.VERSION,
            server.getString(1),
            server.getLong(2),
            server.getBoolean(3),
            server.getTimestamp(4).toInstant(),
            runs);
      }
    } catch (SQLException e) {
      throw PostgresSchema.failed(address, e);
    }
  }

  private static List<StoredRun> runs(Statement statement) throws SQLException {
    List<StoredRun> runs = new ArrayList<>();
    try (ResultSet row = statement.executeQuery(ALL)) {
      while (row.next()) {
        runs.add(
            new StoredRun(
                row.getString("run"),
                row.getInt("hosts"),
                row.getLong("entries"),
                row.getLong("bytes"),
                row.getLong("checkpoints"),
                row.getLong("checkpoint_bytes"),
                instant(row, "written"),
                new StoredRun.Claims(
                    row.getInt("streams"),
                    row.getLong("epoch"),
                    row.getString("claimant"),
                    instant(row, "claimed")),
                row.getBoolean("active")));
      }
    }
    return runs;
  }

  private static Instant instant(ResultSet row, String column) throws SQLException {
    return row.getTimestamp(column) == null ? Instant.EPOCH : row.getTimestamp(column).toInstant();
  }

  /**
   * Removes a run's rows, stream by stream, each claimed before so that nobody writes it any more,
   * and from its end on in transactions of some hundred entries: whenever this is cut off, what is
   * left looks like an interrupted run, and another call goes on.
   *
   * @param progress hears how many entries are gone, behind each transaction
   * @return the entries that were removed
   * @throws StoreException if the database cannot be used
   */
  public long remove(String run, Progress progress) {
    try (Connection connection = address.connect()) {
      new PostgresSchema(address).check(connection);
      return new RunRemoval(connection, run, progress).all();
    } catch (SQLException e) {
      throw PostgresSchema.failed(address, e);
    }
  }

  /** Hears how far a removal is. */
  @FunctionalInterface
  public interface Progress {
    /** So many entries are gone. */
    void removed(long entries);
  }
}
