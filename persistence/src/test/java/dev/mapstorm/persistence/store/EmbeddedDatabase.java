package dev.mapstorm.persistence.store;

import dev.mapstorm.persistence.postgres.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A PostgreSQL server for tests, on loopback, with its data in a temporary directory, which goes
 * with the server. The one that test classes share starts with the first of them and ends with the
 * process; a test that takes the server away starts one of its own. Durable as a server is by
 * default, so that a test that kills it means something.
 */
public final class EmbeddedDatabase implements AutoCloseable {
  private static final AtomicInteger NAMES = new AtomicInteger();

  private static EmbeddedDatabase shared;

  private final Path directory;
  private PostgresServer server;

  private EmbeddedDatabase(Path directory) {
    this.directory = directory;
    server = start(directory, 0);
  }

  /**
   * The server that all tests of this process share; nobody stops it. The driver knows its password
   * from a file, as a user's {@code ~/.pgpass} would tell it, since tests of the command line
   * cannot set a variable of their environment.
   */
  public static synchronized EmbeddedDatabase shared() {
    if (shared == null) {
      shared = start();
      shared.tellDriver();
    }
    return shared;
  }

  private void tellDriver() {
    try {
      Path file =
          Files.createFile(
              directory.resolve("pgpass"),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      DatabaseAddress admin = address("postgres");
      Files.writeString(
          file, "127.0.0.1:%d:*:%s:%s\n".formatted(server.port(), admin.user(), admin.password()));
      System.setProperty("org.postgresql.pgpassfile", file.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A server of the caller's own. */
  public static EmbeddedDatabase start() {
    try {
      EmbeddedDatabase database =
          new EmbeddedDatabase(Files.createTempDirectory("mapstorm-postgres-"));
      Runtime.getRuntime().addShutdownHook(new Thread(database::close));
      return database;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static PostgresServer start(Path directory, int port) {
    return PostgresServer.startTemporary(
        directory, port, Map.of("max_connections", "100"), directory);
  }

  /** A new database, empty. */
  public DatabaseAddress newDatabase() {
    String name = "test_" + NAMES.incrementAndGet();
    server.createDatabase(name);
    return address(name);
  }

  /** A new database with the tables of a journal. */
  public DatabaseAddress newJournalDatabase() {
    DatabaseAddress address = newDatabase();
    new PostgresSchema(address).create();
    return address;
  }

  /** A database of this server. */
  public DatabaseAddress address(String name) {
    return server.address(name);
  }

  /** Variables that tell another process user and password. */
  public Map<String, String> credentials() {
    return server.credentials();
  }

  /** Executes statements as the superuser; answers how many rows the first one changed. */
  public static int execute(DatabaseAddress address, String sql) {
    try (Connection connection = address.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
      return statement.getUpdateCount();
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  /** Stops the server: sessions end at once, what was committed stays. */
  public void stop() {
    server.stop();
  }

  /** Starts it again behind {@link #stop}, on the same port with the same data. */
  public void startAgain() {
    server = start(directory, server.port());
  }

  /** Freezes all its processes, as a machine that hangs would: connections stay and are silent. */
  public void pause() {
    signal("-STOP");
  }

  /** Lets them go on. */
  public void resume() {
    signal("-CONT");
  }

  private void signal(String signal) {
    try {
      long postmaster =
          Long.parseLong(Files.readAllLines(server.data().resolve("postmaster.pid")).get(0));
      ProcessHandle server = ProcessHandle.of(postmaster).orElseThrow();
      List<String> command = new ArrayList<>(List.of("kill", signal));
      Stream.concat(Stream.of(server), server.descendants())
          .forEach(process -> command.add(Long.toString(process.pid())));
      Process kill = new ProcessBuilder(command).inheritIO().start();
      if (!kill.waitFor(10, TimeUnit.SECONDS)) {
        throw new IllegalStateException(command + " does not end");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Stops it and removes its data. */
  @Override
  public synchronized void close() {
    server.close();
  }
}
