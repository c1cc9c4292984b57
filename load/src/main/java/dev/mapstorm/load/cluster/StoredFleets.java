package dev.mapstorm.load.cluster;

import com.typesafe.config.Config;
import dev.mapstorm.actors.cluster.NodeSpec;
import dev.mapstorm.actors.cluster.OfflineCoordinator;
import dev.mapstorm.actors.pekko.Causes;
import dev.mapstorm.actors.pekko.WriterClaims;
import dev.mapstorm.persistence.store.DatabaseAddress;
import dev.mapstorm.persistence.store.NodeSessions;
import dev.mapstorm.persistence.store.PostgresClaims;
import dev.mapstorm.persistence.store.PostgresJournal;
import dev.mapstorm.persistence.store.PostgresSchema;
import dev.mapstorm.persistence.store.StoreException;
import dev.mapstorm.protocol.cluster.CoordinatorMessage;
import dev.mapstorm.protocol.cluster.CoordinatorReply;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.function.Function;

/**
 * The fleets of a cluster as its database tells of them, for a cluster of which no node runs: a
 * fleet that is stopped here is not gone on with by nodes that are started later. All calls wait
 * for the database.
 */
public final class StoredFleets {
  private static final String CLAIMANT = "mapstorm, while no node runs";
  private static final String RUNNING = "running";

  private final DatabaseAddress database;

  /** Those in a database. */
  public StoredFleets(DatabaseAddress database) {
    this.database = database;
  }

  /**
   * Whether nodes are connected to the database, whose coordinator is the one to be told.
   *
   * @throws StoreException if the database cannot be used
   */
  public boolean haveNodes() {
    return NodeSessions.any(database);
  }

  /**
   * Those of some runs that are fleets, whether any of their hosts was begun or not.
   *
   * @return whether the cluster has still to end each, so that nodes go on with it
   * @throws StoreException if the database cannot be used
   */
  public Map<String, Boolean> known(Collection<String> runs) {
    new PostgresSchema(database).check();
    Map<String, Boolean> fleets = new TreeMap<>();
    try (OfflineCoordinator coordinator = start(WriterClaims.NONE)) {
      for (String run : runs) {
        if (ask(coordinator, replyTo -> new CoordinatorMessage.AskHosts(run, 0, 0, replyTo))
            instanceof CoordinatorReply.Hosts hosts) {
          fleets.put(run, hosts.fleet().state().equals(RUNNING));
        }
      }
    }
    return fleets;
  }

  /**
   * Stops fleets while no node runs.
   *
   * @throws StoreException if a node runs, there is no such fleet, or the database cannot be used
   */
  public void stop(Collection<String> runs) {
    new PostgresSchema(database).check();
    if (haveNodes()) {
      throw new StoreException(
          "nodes are connected to the database %s: stop the fleet through one of them"
              .formatted(database));
    }
    try (PostgresClaims claims = new PostgresClaims(database, CLAIMANT);
        OfflineCoordinator coordinator = start(claims)) {
      for (String run : runs) {
        if (ask(coordinator, replyTo -> new CoordinatorMessage.StopFleet(run, replyTo))
            instanceof CoordinatorReply.Refused refused) {
          throw new StoreException(refused.reason());
        }
      }
    }
  }

  private OfflineCoordinator start(WriterClaims claims) {
    Config journal = new PostgresJournal(database, NodeSpec.SYSTEM).pekkoConfig();
    return OfflineCoordinator.start(journal, claims, System::nanoTime);
  }

  private CoordinatorReply ask(
      OfflineCoordinator coordinator, Function<String, CoordinatorMessage> question) {
    try {
      return coordinator.ask(question).toCompletableFuture().join();
    } catch (CompletionException e) {
      throw new StoreException(
          "the coordinator's stream in the database %s cannot be read or written: %s"
              .formatted(database, Causes.deepest(e)),
          e);
    }
  }
}
