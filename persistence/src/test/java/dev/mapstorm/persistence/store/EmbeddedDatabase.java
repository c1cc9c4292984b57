package dev.mapstorm.persistence.store;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
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
 * A PostgreSQL server for tests, on loopback, with its data in a temporary directory. The one that
 * test classes share starts with the first of them and ends with the process; a test that takes the
 * server away starts one of its own. Durable as a server is by default, so that a test that kills
 * it means something.
 */
public final class EmbeddedDatabase implements AutoCloseable {
  private static final String ADMIN = "jdbc:postgresql://127.0.0.1:%d/%s?user=postgres";
  private static final AtomicInteger NAMES = new AtomicInteger();

  private static EmbeddedDatabase shared;

  private final Path directory;
  private final int port;
  private EmbeddedPostgres server;

  private EmbeddedDatabase(Path directory) throws IOException {
    this.directory = directory;
    server = start(0);
    port = server.getPort();
  }

  /** The server that all tests of this process share; nobody stops it. */
  public static synchronized EmbeddedDatabase shared() {
    if (shared == null) {
      shared = start();
    }
    return shared;
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

  private EmbeddedPostgres start(int wanted) throws IOException {
    Redirect log = Redirect.appendTo(directory.resolve("server.log").toFile());
    EmbeddedPostgres.Builder builder =
        EmbeddedPostgres.builder()
            .setDataDirectory(directory.resolve("data"))
            .setCleanDataDirectory(false)
            .setRegisterShutdownHook(false)
            .setOutputRedirector(log)
            .setErrorRedirector(log)
            // What the library switches off for speed.
            .setServerConfig("fsync", "on")
            .setServerConfig("synchronous_commit", "on")
            .setServerConfig("listen_addresses", "127.0.0.1")
            .setServerConfig("max_connections", "100");
    return (wanted == 0 ? builder : builder.setPort(wanted)).start();
  }

  /** A new database, empty. */
  public DatabaseAddress newDatabase() {
    String name = "test_" + NAMES.incrementAndGet();
    execute(address("postgres"), "CREATE DATABASE " + name);
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
    return DatabaseAddress.of(ADMIN.formatted(port, name), Map.of());
  }

  /** Executes statements as the superuser. */
  public static void execute(DatabaseAddress address, String sql) {
    try (Connection connection = address.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  /**
   * Makes a user whom the server lets in by password only.
   *
   * @param name of letters
   */
  public void addGuardedUser(String name, String password) {
    try {
      Path rules = directory.resolve("data/pg_hba.conf");
      String trusting = Files.readString(rules);
      Files.writeString(
          rules, "host all %s 127.0.0.1/32 scram-sha-256\n".formatted(name) + trusting);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    execute(address("postgres"), "CREATE USER %s PASSWORD '%s'".formatted(name, password));
    execute(address("postgres"), "SELECT pg_reload_conf()");
  }

  /** Stops the server: sessions end at once, what was committed stays. */
  public void stop() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts it again behind {@link #stop}, on the same port with the same data. */
  public void startAgain() {
    try {
      server = start(port);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
          Long.parseLong(Files.readAllLines(directory.resolve("data/postmaster.pid")).get(0));
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
    if (!Files.exists(directory)) {
      return;
    }
    stop();
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted((a, b) -> b.compareTo(a)).forEach(file -> file.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
