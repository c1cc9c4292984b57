package dev.mapstorm.persistence.postgres;

import dev.mapstorm.persistence.store.DatabaseAddress;
import dev.mapstorm.persistence.store.FileErrors;
import dev.mapstorm.persistence.store.Resources;
import dev.mapstorm.persistence.store.StoreException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A PostgreSQL server on this machine, for Linux on x86-64, that belongs to the user who started
 * it: it listens on loopback, has no Unix socket, and lets nobody in without the password, which is
 * random and lies in its directory, where only the user can read it. As durable as a server is by
 * default.
 *
 * <p>It ends with this process, however that ends: a shell that started it reads a pipe from here
 * and stops it at the pipe's end. It has a session of its own, so neither Ctrl-C nor a signal to
 * this process's group comes to it first.
 *
 * <p>Not thread-safe, but {@link #close} may be called from any thread.
 */
public final class PostgresServer implements AutoCloseable {
  private static final String HOST = "127.0.0.1";
  private static final String USER = "postgres";
  private static final String SCRIPT = "server.sh";
  private static final String STARTED = "started";
  private static final String KEEP = "keep\n";
  private static final int PASSWORD_BYTES = 24;
  private static final long STOP_WITHIN_SECONDS = 120;

  private final Path directory;
  private final int port;
  private final String password;
  private final Process process;

  private PostgresServer(Path directory, int port, String password, Process process) {
    this.directory = directory;
    this.port = port;
    this.password = password;
    this.process = process;
  }

  /**
   * Starts a server in {@code directory}, which is made if it is missing and is the user's alone
   * then: it gets {@code data}, {@code server.log}, {@code server.sh} and {@code password}. Data
   * that an earlier one left there is used on. Takes seconds, more of them the first time, when the
   * programs are unpacked.
   *
   * @param port to listen on; 0 for a free one
   * @param settings of {@code postgresql.conf} that are not the default; plain words and numbers
   * @throws StoreException if it does not start; {@code server.log} may say why
   */
  public static PostgresServer start(Path directory, int port, Map<String, String> settings) {
    return start(directory, port, settings, Optional.empty());
  }

  /**
   * Starts a server that is not to leave anything.
   *
   * @param temporary removed with all that is in it when the server ends, also if this process is
   *     killed; {@code directory} or one above it
   */
  public static PostgresServer startTemporary(
      Path directory, int port, Map<String, String> settings, Path temporary) {
    return start(directory, port, settings, Optional.of(temporary));
  }

  private static PostgresServer start(
      Path wanted, int wantedPort, Map<String, String> settings, Optional<Path> temporary) {
    Path directory = wanted.toAbsolutePath();
    try {
      Files.createDirectories(directory);
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
      String password = password(directory.resolve("password"));
      int port = wantedPort == 0 ? freePort() : wantedPort;
      List<String> command = new ArrayList<>(List.of("setsid"));
      if (isRoot()) {
        // PostgreSQL does not run as root: in a user namespace of its own it is nobody.
        command.addAll(List.of("unshare", "--user"));
      }
      Path script = directory.resolve(SCRIPT);
      Files.writeString(script, Resources.text(PostgresServer.class, SCRIPT));
      command.addAll(List.of("sh", script.toString()));
      command.add(PostgresBinaries.directory().toString());
      command.add(directory.toString());
      command.add(options(port, settings));
      command.add(temporary.map(path -> path.toAbsolutePath().toString()).orElse(""));
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      BufferedReader said = process.inputReader(StandardCharsets.UTF_8);
      String answer = said.readLine();
      if (!STARTED.equals(answer)) {
        process.getOutputStream().close();
        throw new IOException(answer != null ? answer : reason(directory.resolve("server.log")));
      }
      return new PostgresServer(directory, port, password, process);
    } catch (IOException e) {
      throw new StoreException(
          "no database could be started in %s: %s; its server.log may say more"
              .formatted(wanted, FileErrors.reason(e)),
          e);
    }
  }

  /** The password that an earlier server had there, or a new one. */
  private static String password(Path file) throws IOException {
    if (!Files.exists(file)) {
      byte[] random = new byte[PASSWORD_BYTES];
      new SecureRandom().nextBytes(random);
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(file, Base64.getUrlEncoder().withoutPadding().encodeToString(random));
    }
    return Files.readString(file).strip();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(HOST))) {
      return socket.getLocalPort();
    }
  }

  private static boolean isRoot() throws IOException {
    return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
  }

  private static String options(int port, Map<String, String> settings) {
    StringBuilder options = new StringBuilder("-p " + port);
    options.append(" -c listen_addresses=").append(HOST);
    options.append(" -c unix_socket_directories=''");
    settings.forEach((name, value) -> options.append(" -c %s=%s".formatted(name, value)));
    return options.toString();
  }

  /** What went wrong, from the log: the last fatal error, or else the last line. */
  private static String reason(Path log) throws IOException {
    String last = "it says nothing";
    if (Files.exists(log)) {
      for (String line : Files.readAllLines(log)) {
        int fatal = line.indexOf("FATAL: ");
        if (fatal >= 0) {
          last = line.substring(fatal + "FATAL: ".length()).strip();
        } else if (line.contains("error: ")) {
          last = line.strip();
        }
      }
    }
    return last;
  }

  /** Where its data is. */
  public Path data() {
    return directory.resolve("data");
  }

  /** The port that it listens on. */
  public int port() {
    return port;
  }

  /** The URL of a database of it, with the user and without the password. */
  public String url(String database) {
    return "jdbc:postgresql://%s:%d/%s?user=%s".formatted(HOST, port, database, USER);
  }

  /** User and password, in the variables that {@link DatabaseAddress} reads. A secret. */
  public Map<String, String> credentials() {
    return Map.of(DatabaseAddress.USER_VARIABLE, USER, DatabaseAddress.PASSWORD_VARIABLE, password);
  }

  /** A database of it, as its superuser. */
  public DatabaseAddress address(String database) {
    return DatabaseAddress.of(url(database), credentials());
  }

  /**
   * Makes a database, if there is none of this name.
   *
   * @param name of letters, digits and underscores
   * @throws StoreException if it cannot be made
   */
  public void createDatabase(String name) {
    try (Connection connection = DriverManager.getConnection(url("postgres"), USER, password);
        Statement statement = connection.createStatement();
        ResultSet known =
            statement.executeQuery("SELECT 1 FROM pg_database WHERE datname = '" + name + "'")) {
      if (!known.next()) {
        statement.execute("CREATE DATABASE " + name);
      }
    } catch (SQLException e) {
      throw new StoreException(
          "the database %s cannot be made in %s: %s".formatted(name, directory, e.getMessage()), e);
    }
  }

  /**
   * Stops it: sessions end at once, what was committed stays, also if it is temporary.
   *
   * @throws StoreException if it does not stop
   */
  public void stop() {
    end(KEEP);
  }

  /**
   * Stops it; if it is temporary, it is removed.
   *
   * @throws StoreException if it does not stop
   */
  @Override
  public void close() {
    end("");
  }

  private void end(String word) {
    try (OutputStream pipe = process.getOutputStream()) {
      pipe.write(word.getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      // It ended already.
      process.destroy();
    }
    try {
      if (!process.waitFor(STOP_WITHIN_SECONDS, TimeUnit.SECONDS)) {
        throw new StoreException("the database in %s does not stop".formatted(directory));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
