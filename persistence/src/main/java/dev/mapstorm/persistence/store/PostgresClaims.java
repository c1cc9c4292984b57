package dev.mapstorm.persistence.store;

import dev.mapstorm.actors.pekko.WriterClaim;
import dev.mapstorm.actors.pekko.WriterClaims;
import dev.mapstorm.actors.pekko.WriterStanding;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.postgresql.util.PSQLException;

/**
 * Claims in the table {@code stream_writer} of a shared database. A claim raises the epoch of the
 * stream's row, and every insert of an entry holds a share of that row's lock until its transaction
 * is over ({@code postgres-journal.sql}). So a claim waits for the writes that are under way: when
 * its stage completes, each of them is in the journal, where recovery sees it, or was rolled back,
 * and every insert that begins later finds the new epoch and is refused if it carries another.
 *
 * <p>Two exceptions are the store's to know. A writer that disappears with its machine in mid-write
 * keeps claims waiting until the server gives its transaction up, ten seconds ({@code
 * postgres.conf}); a claim fails after twenty and may be tried again. Entries without an epoch can
 * be written as long as nobody has claimed their stream.
 *
 * <p>Statements run on threads of its own, not on the caller's. Thread-safe; to be closed.
 */
public final class PostgresClaims implements WriterClaims, AutoCloseable {
  /** What the trigger refuses with. */
  private static final String REFUSED = "MS001";

  private static final String UNIQUE_VIOLATION = "23505";
  private static final String JOURNAL_KEY = "event_journal_pkey";
  private static final String WAIT_AT_MOST = "SET LOCAL lock_timeout = '20s'";
  private static final String BEFORE =
      "SELECT claimed_by FROM stream_writer WHERE persistence_id = ? FOR UPDATE";
  private static final String NEWEST =
      "SELECT write_timestamp FROM event_journal WHERE persistence_id = ?"
          + " ORDER BY sequence_number DESC LIMIT 1";
  private static final String CLAIM =
      "INSERT INTO stream_writer AS present (persistence_id, epoch, claimed_by, claimed_at)"
          + " VALUES (?, 1, ?, now()) ON CONFLICT (persistence_id) DO UPDATE"
          + " SET epoch = present.epoch + 1, claimed_by = excluded.claimed_by,"
          + " claimed_at = excluded.claimed_at RETURNING epoch";

  /** A server that was away heard of no renewal meanwhile: time counts from its start. */
  private static final String STANDING =
      "SELECT epoch, claimed_by, claimed_at::TEXT, (extract(epoch FROM"
          + " now() - greatest(claimed_at, pg_postmaster_start_time())) * 1000)::BIGINT"
          + " FROM stream_writer WHERE persistence_id = ?";

  private static final String RENEW =
      "UPDATE stream_writer SET claimed_at = now() WHERE persistence_id = ? AND epoch = ?";

  /** As many as there are idle connections; a node claims its hosts in a burst when it starts. */
  private static final int THREADS = 2;

  private final IdleConnections connections;
  private final String claimant;
  private final ExecutorService threads = threads("stream-claims", THREADS);

  /** Not among the claims, which may wait for a writer that has disappeared. */
  private final ExecutorService renewals = threads("stream-renewals", 1);

  /**
   * Claims in the database at {@code address}.
   *
   * @param claimant who claims, for people who look into the table: the node's name
   */
  public PostgresClaims(DatabaseAddress address, String claimant) {
    connections = new IdleConnections(address::connect);
    this.claimant = claimant;
  }

  private static ExecutorService threads(String name, int count) {
    return Executors.newFixedThreadPool(
        count,
        task -> {
          Thread thread = new Thread(task, name);
          thread.setDaemon(true);
          return thread;
        });
  }

  @Override
  public CompletionStage<WriterClaim> claim(String persistenceId) {
    return CompletableFuture.supplyAsync(() -> claimNow(persistenceId), threads);
  }

  private WriterClaim claimNow(String persistenceId) {
    try (Connection connection = connections.open()) {
      connection.setAutoCommit(false);
      String before = text(connection, BEFORE, persistenceId).orElse("");
      long epoch = claim(connection, persistenceId, claimant);
      // A statement that begins now sees what the claim waited for.
      long newest =
          text(connection, NEWEST, persistenceId)
              .map(Long::parseLong)
              .orElse(WriterClaim.NOTHING_WRITTEN);
      connection.commit();
      return new WriterClaim(epoch, before, newest);
    } catch (SQLException e) {
      throw new StoreException(
          "the stream %s cannot be claimed: %s".formatted(persistenceId, SqlErrors.clause(e)), e);
    }
  }

  @Override
  public CompletionStage<Optional<WriterStanding>> standing(String persistenceId) {
    return CompletableFuture.supplyAsync(() -> standingNow(persistenceId), renewals);
  }

  private Optional<WriterStanding> standingNow(String persistenceId) {
    try (Connection connection = connections.open();
        PreparedStatement query = connection.prepareStatement(STANDING)) {
      query.setString(1, persistenceId);
      try (ResultSet row = query.executeQuery()) {
        return row.next()
            ? Optional.of(
                new WriterStanding(
                    row.getLong(1), row.getString(2), row.getString(3), row.getLong(4)))
            : Optional.empty();
      }
    } catch (SQLException e) {
      throw failed(persistenceId, "looked at", e);
    }
  }

  @Override
  public CompletionStage<Optional<String>> renew(String persistenceId, long epoch) {
    return CompletableFuture.supplyAsync(() -> renewNow(persistenceId, epoch), renewals);
  }

  private Optional<String> renewNow(String persistenceId, long epoch) {
    try (Connection connection = connections.open();
        PreparedStatement renew = connection.prepareStatement(RENEW)) {
      renew.setString(1, persistenceId);
      renew.setLong(2, epoch);
      if (renew.executeUpdate() == 1) {
        return Optional.empty();
      }
    } catch (SQLException e) {
      throw failed(persistenceId, "renewed", e);
    }
    return Optional.of(standingNow(persistenceId).map(WriterStanding::claimant).orElse(""));
  }

  private static StoreException failed(String persistenceId, String what, SQLException e) {
    return new StoreException(
        "the claim to the stream %s cannot be %s: %s"
            .formatted(persistenceId, what, SqlErrors.clause(e)),
        e);
  }

  /** The only column of the only row. */
  private static Optional<String> text(Connection connection, String sql, String persistenceId)
      throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(sql)) {
      query.setString(1, persistenceId);
      try (ResultSet row = query.executeQuery()) {
        return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
      }
    }
  }

  /**
   * Claims within the caller's transaction; it counts from the commit on.
   *
   * @return the epoch
   */
  static long claim(Connection connection, String persistenceId, String claimant)
      throws SQLException {
    try (Statement limit = connection.createStatement();
        PreparedStatement claim = connection.prepareStatement(CLAIM)) {
      limit.execute(WAIT_AT_MOST);
      claim.setString(1, persistenceId);
      claim.setString(2, claimant);
      try (ResultSet row = claim.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>That is so if the trigger refused it, and if the entry's place was taken: only another
   * incarnation can have written there.
   */
  @Override
  public boolean refused(Throwable failure) {
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Deque<Throwable> left = new ArrayDeque<>();
    left.add(failure);
    while (!left.isEmpty()) {
      Throwable next = left.remove();
      if (!seen.add(next)) {
        continue;
      }
      if (next instanceof SQLException sql) {
        if (isRefusal(sql)) {
          return true;
        }
        if (sql.getNextException() != null) {
          left.add(sql.getNextException());
        }
      }
      if (next.getCause() != null) {
        left.add(next.getCause());
      }
    }
    return false;
  }

  private static boolean isRefusal(SQLException e) {
    String state = SqlErrors.state(e);
    return state.equals(REFUSED)
        || state.equals(UNIQUE_VIOLATION)
            && e instanceof PSQLException postgres
            && postgres.getServerErrorMessage() != null
            && JOURNAL_KEY.equals(postgres.getServerErrorMessage().getConstraint());
  }

  /** Ends its threads behind the claims that are under way, and gives its connections up. */
  @Override
  public void close() {
    threads.shutdown();
    renewals.shutdown();
    connections.close();
  }
}
