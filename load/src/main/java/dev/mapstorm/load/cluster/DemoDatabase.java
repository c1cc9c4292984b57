package dev.mapstorm.load.cluster;

import dev.mapstorm.persistence.store.StoreException;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/**
 * A PostgreSQL server for a demonstration on one machine: a real one, brought along with mapstorm
 * for Linux on x86-64, as durable as a server is by default. It listens on loopback only and asks
 * for no password, so everybody on the machine may use it. For anything that has to last, use a
 * server that somebody looks after. It ends with the process. Not thread-safe.
 */
public final class DemoDatabase implements AutoCloseable {
  private static final String HOST = "127.0.0.1";
  private static final String NAME = "mapstorm";
  private static final String USER = "postgres";
  private static final Duration START_WITHIN = Duration.ofSeconds(60);

  private final EmbeddedPostgres server;

  private DemoDatabase(EmbeddedPostgres server) {
    this.server = server;
  }

  /**
   * Starts a server with its data below {@code directory}, which is made if it is missing. Data
   * that an earlier one left there is used on. Takes seconds, more of them the first time, when the
   * server is unpacked into the temporary directory.
   *
   * @param port to listen on; 0 for a free one
   * @throws StoreException if it does not start; the directory's {@code server.log} may say why
   */
  public static DemoDatabase start(Path directory, int port) {
    try {
      Files.createDirectories(directory);
      Redirect log = Redirect.appendTo(directory.resolve("server.log").toFile());
      EmbeddedPostgres.Builder builder =
          EmbeddedPostgres.builder()
              .setDataDirectory(directory.resolve("data"))
              .setCleanDataDirectory(false)
              .setPGStartupWait(START_WITHIN)
              .setOutputRedirector(log)
              .setErrorRedirector(log)
              // The library switches these off for tests.
              .setServerConfig("fsync", "on")
              .setServerConfig("synchronous_commit", "on")
              .setServerConfig("listen_addresses", HOST)
              // Room for three nodes that write at the speed of the disk, between two checkpoints.
              .setServerConfig("max_wal_size", "4GB");
      EmbeddedPostgres server = (port == 0 ? builder : builder.setPort(port)).start();
      createDatabase(server);
      return new DemoDatabase(server);
    } catch (IOException | SQLException | IllegalStateException e) {
      throw new StoreException(
          "no database could be started in %s: %s; its server.log may say more"
              .formatted(directory, e.getMessage()),
          e);
    }
  }

  private static void createDatabase(EmbeddedPostgres server) throws SQLException {
    try (Connection connection = server.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement();
        ResultSet known =
            statement.executeQuery("SELECT 1 FROM pg_database WHERE datname = '" + NAME + "'")) {
      if (!known.next()) {
        statement.execute("CREATE DATABASE " + NAME);
      }
    }
  }

  /** Its address, with the user and without a password; the tables are still to be made. */
  public String url() {
    return "jdbc:postgresql://%s:%d/%s?user=%s".formatted(HOST, server.getPort(), NAME, USER);
  }

  /** Stops it; its data stays. */
  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new StoreException("the database does not stop: " + e.getMessage(), e);
    }
  }
}
