package dev.mapstorm.persistence.store;

import dev.mapstorm.actors.cluster.NodeDeaths;
import dev.mapstorm.actors.cluster.Suspicion;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Ends of nodes in the table {@code node_death} of a shared database: a row for each host that the
 * node executed, under the epoch of its claim. Questions are answered on threads of its own.
 * Thread-safe; to be closed.
 */
public final class PostgresNodeDeaths implements NodeDeaths, AutoCloseable {
  private static final int CAUSE_CHARACTERS_MAX = 500;

  private static final String OF =
      "SELECT count(*), coalesce((array_agg(alone ORDER BY epoch DESC))[1], false),"
          + " coalesce((array_agg(cause ORDER BY epoch DESC))[1], '')"
          + " FROM node_death WHERE persistence_id = ?";

  /** A host that another node has claimed since is that node's. */
  private static final String DIED =
      "INSERT INTO node_death (persistence_id, epoch, node, alone, cause, died_at)"
          + " SELECT persistence_id, epoch, claimed_by, ?, ?, now() FROM stream_writer"
          + " WHERE claimed_by = ? AND persistence_id = ANY (?) ON CONFLICT DO NOTHING";

  /** As many as there are idle connections. */
  private static final int THREADS = 2;

  private final IdleConnections connections;
  private final String node;
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          THREADS,
          task -> {
            Thread thread = new Thread(task, "node-deaths");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * Those in the database at {@code address}.
   *
   * @param node under whose name this one claims streams, see {@link PostgresClaims}
   */
  public PostgresNodeDeaths(DatabaseAddress address, String node) {
    connections = new IdleConnections(address::connect);
    this.node = node;
  }

  @Override
  public CompletionStage<Suspicion> of(String persistenceId) {
    return CompletableFuture.supplyAsync(() -> ofNow(persistenceId), threads);
  }

  private Suspicion ofNow(String persistenceId) {
    try (Connection connection = connections.open();
        PreparedStatement query = connection.prepareStatement(OF)) {
      query.setString(1, persistenceId);
      try (ResultSet row = query.executeQuery()) {
        row.next();
        return new Suspicion(row.getInt(1), row.getBoolean(2), row.getString(3));
      }
    } catch (SQLException e) {
      throw new StoreException(
          "what is known of the stream %s cannot be read: %s"
              .formatted(persistenceId, SqlErrors.clause(e)),
          e);
    }
  }

  /**
   * This node is about to end by an error. For a process that is short of memory: takes some ten
   * kilobytes, and as a rule a connection that it has.
   *
   * @param hosts ids of the streams of the hosts that it was executing
   * @param cause of the end, in a sentence
   * @throws StoreException if it cannot be written
   */
  public void died(Collection<String> hosts, String cause) {
    if (hosts.isEmpty()) {
      return;
    }
    String said = cause.substring(0, Math.min(CAUSE_CHARACTERS_MAX, cause.length()));
    try (Connection connection = connections.open();
        PreparedStatement insert = connection.prepareStatement(DIED)) {
      insert.setBoolean(1, hosts.size() == 1);
      insert.setString(2, said);
      insert.setString(3, node);
      insert.setArray(4, connection.createArrayOf("text", hosts.toArray()));
      insert.executeUpdate();
    } catch (SQLException e) {
      throw new StoreException("the end of the node cannot be noted: " + SqlErrors.clause(e), e);
    }
  }

  /** Ends its threads after the questions that are under way, and gives its connections up. */
  @Override
  public void close() {
    threads.shutdown();
    connections.close();
  }
}
