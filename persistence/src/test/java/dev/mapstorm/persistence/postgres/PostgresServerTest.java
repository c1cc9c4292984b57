package dev.mapstorm.persistence.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mapstorm.persistence.store.StoreException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A server that belongs to its user, and does not outlive the process that started it. */
@EnabledOnOs(OS.LINUX)
class PostgresServerTest {
  private static final String PASSWORD = "MAPSTORM_DB_PASSWORD";
  private static final long LIMIT_NS = TimeUnit.MINUTES.toNanos(2);

  @TempDir private Path folder;

  @Test
  void shouldLetNobodyInWithoutThePassword() throws Exception {
    try (PostgresServer server = PostgresServer.start(folder.resolve("db"), 0, Map.of())) {
      String url = server.url("postgres");
      assertThatThrownBy(() -> DriverManager.getConnection(url))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("no password was provided");
      assertThatThrownBy(() -> DriverManager.getConnection(url, "postgres", "postgres"))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("password authentication failed");
      String password = server.credentials().get(PASSWORD);
      try (Connection connection = DriverManager.getConnection(url, "postgres", password)) {
        assertThat(setting(connection, "listen_addresses")).isEqualTo("127.0.0.1");
        assertThat(setting(connection, "unix_socket_directories")).isEmpty();
        assertThat(setting(connection, "password_encryption")).isEqualTo("scram-sha-256");
        assertThat(ways(connection)).containsOnly("scram-sha-256");
      }
      assertThat(commandLines(server)).noneMatch(line -> line.contains(password));
    }
  }

  private static String setting(Connection connection, String name) throws SQLException {
    try (ResultSet row = connection.createStatement().executeQuery("SHOW " + name)) {
      row.next();
      return row.getString(1);
    }
  }

  private static List<String> ways(Connection connection) throws SQLException {
    List<String> ways = new ArrayList<>();
    try (ResultSet row =
        connection.createStatement().executeQuery("SELECT auth_method FROM pg_hba_file_rules")) {
      while (row.next()) {
        ways.add(row.getString(1));
      }
    }
    return ways;
  }

  private static List<String> commandLines(PostgresServer server) throws Exception {
    ProcessHandle postmaster = postmaster(server.data());
    return Stream.of(
            ProcessHandle.current().descendants(), Stream.of(postmaster), postmaster.descendants())
        .flatMap(processes -> processes)
        .map(process -> process.info().commandLine().orElse(""))
        .toList();
  }

  private static ProcessHandle postmaster(Path data) throws Exception {
    long pid = Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid")).get(0).strip());
    return ProcessHandle.of(pid).orElseThrow();
  }

  @Test
  void shouldKeepDataPasswordAndProgramsFromOthers() throws Exception {
    Path directory =
        Files.createDirectory(
            folder.resolve("db"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    try (PostgresServer server = PostgresServer.start(directory, 0, Map.of())) {
      assertThat(mode(directory)).isEqualTo("rwx------");
      assertThat(mode(directory.resolve("password"))).isEqualTo("rw-------");
      assertThat(mode(server.data())).isEqualTo("rwx------");
      Path programs = PostgresBinaries.directory();
      assertThat(mode(programs.getParent().getParent())).isEqualTo("rwx------");
      try (Stream<Path> all = Files.walk(programs.getParent())) {
        assertThat(all.filter(file -> othersMay(file, PosixFilePermission.OTHERS_WRITE))).isEmpty();
      }
    }
  }

  private static String mode(Path file) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  private static boolean othersMay(Path file, PosixFilePermission what) {
    try {
      Set<PosixFilePermission> mode =
          Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS);
      return mode.contains(what) && !Files.isSymbolicLink(file);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void shouldSayWhyItDoesNotStart() throws Exception {
    try (ServerSocket taken = new ServerSocket(0)) {
      Path directory = folder.resolve("port");
      assertThatThrownBy(() -> PostgresServer.start(directory, taken.getLocalPort(), Map.of()))
          .isInstanceOf(StoreException.class)
          .hasMessageMatching(
              "no database could be started in .*/port: could not create any TCP/IP sockets;"
                  + " its server.log may say more");
    }
    Path directory = folder.resolve("db");
    try (PostgresServer server = PostgresServer.start(directory, 0, Map.of())) {
      assertThatThrownBy(() -> PostgresServer.start(directory, 0, Map.of()))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("\"postmaster.pid\" already exists");
      assertThat(postmaster(server.data()).isAlive()).isTrue();
    }
  }

  @Test
  void shouldStopAndStartAgainWithItsData() {
    Path directory = folder.resolve("db");
    PostgresServer server = PostgresServer.startTemporary(directory, 0, Map.of(), directory);
    server.createDatabase("kept");
    server.stop();
    try (PostgresServer again =
        PostgresServer.startTemporary(directory, server.port(), Map.of(), directory)) {
      assertThat(again.credentials()).isEqualTo(server.credentials());
      assertThatThrownBy(() -> again.createDatabase("kept; x")).isInstanceOf(StoreException.class);
      again.createDatabase("kept");
    }
    assertThat(directory).doesNotExist();
  }

  /** What {@link #shouldEndWhenTheProcessThatStartedItIsKilled} kills. */
  static final class Starter {
    private Starter() {}

    /** Starts a temporary server in the directory that it is told, and stays. */
    public static void main(String[] args) throws Exception {
      Path directory = Path.of(args[0]);
      PostgresServer.startTemporary(directory, 0, Map.of(), directory);
      Files.createFile(Path.of(args[1]));
      Thread.sleep(Long.MAX_VALUE);
    }
  }

  @Test
  void shouldEndWhenTheProcessThatStartedItIsKilled() throws Exception {
    Path directory = folder.resolve("db");
    Path started = folder.resolve("started");
    Process starter =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Starter.class.getName(),
                directory.toString(),
                started.toString())
            .inheritIO()
            .start();
    long until = System.nanoTime() + LIMIT_NS;
    while (!Files.exists(started)) {
      assertThat(starter.isAlive()).isTrue();
      assertThat(System.nanoTime()).as("the server starts").isLessThan(until);
      Thread.sleep(50);
    }
    ProcessHandle postmaster = postmaster(directory.resolve("data"));
    List<ProcessHandle> all =
        Stream.of(starter.descendants(), Stream.of(postmaster), postmaster.descendants())
            .flatMap(processes -> processes)
            .toList();
    assertThat(all).hasSizeGreaterThan(2);
    starter.destroyForcibly().waitFor();
    while (all.stream().anyMatch(ProcessHandle::isAlive) || Files.exists(directory)) {
      assertThat(System.nanoTime()).as("all is gone").isLessThan(until);
      Thread.sleep(50);
    }
  }
}
