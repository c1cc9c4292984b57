package dev.mapstorm.load.cluster;

import dev.mapstorm.persistence.postgres.PostgresServer;
import dev.mapstorm.persistence.store.DatabaseAddress;
import dev.mapstorm.persistence.store.StoreException;
import java.nio.file.Path;
import java.util.Map;

/**
 * The database of a demonstration on one machine, in a {@link PostgresServer} that lets in who
 * knows its password: this process, and the nodes that it tells. For anything that has to last, use
 * a server that somebody looks after. It ends with the process. Not thread-safe.
 */
public final class DemoDatabase implements AutoCloseable {
  private static final String NAME = "mapstorm";

  /** Room for three nodes that write at the speed of the disk, between two checkpoints. */
  private static final Map<String, String> SETTINGS = Map.of("max_wal_size", "4GB");

  private final PostgresServer server;

  private DemoDatabase(PostgresServer server) {
    this.server = server;
  }

  /**
   * Starts a server with its data below {@code directory}, which is made if it is missing, and is
   * the user's alone then. Data that an earlier one left there is used on. Takes seconds, more of
   * them the first time, when the server is unpacked.
   *
   * @param port to listen on; 0 for a free one
   * @throws StoreException if it does not start; the directory's {@code server.log} may say why
   */
  public static DemoDatabase start(Path directory, int port) {
    return with(PostgresServer.start(directory, port, SETTINGS));
  }

  /**
   * Starts a server that leaves nothing, however this process ends.
   *
   * @param directory for its data
   * @param temporary removed with the server: {@code directory} or one above it
   * @throws StoreException if it does not start
   */
  public static DemoDatabase startTemporary(Path directory, Path temporary) {
    return with(PostgresServer.startTemporary(directory, 0, SETTINGS, temporary));
  }

  private static DemoDatabase with(PostgresServer server) {
    try {
      server.createDatabase(NAME);
      return new DemoDatabase(server);
    } catch (StoreException e) {
      server.close();
      throw e;
    }
  }

  /** Its address, for this process; the tables are still to be made. */
  public DatabaseAddress address() {
    return server.address(NAME);
  }

  /** User and password as variables of a node's environment. A secret. */
  public Map<String, String> credentials() {
    return server.credentials();
  }

  /** Stops it; its data stays, unless it is temporary. */
  @Override
  public void close() {
    server.close();
  }
}
