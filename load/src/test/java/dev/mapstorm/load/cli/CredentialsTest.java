package dev.mapstorm.load.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who gets the password of the environment, seen by a server that asks everybody for it. */
class CredentialsTest {
  private static final String PASSWORD = "hunter2hunter2";
  private static final int LIMIT_SECONDS = 120;

  @TempDir Path folder;

  private final List<String> heard = Collections.synchronizedList(new ArrayList<>());
  private ServerSocket server;
  private Thread listening;

  @BeforeEach
  void listen() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
    listening = new Thread(this::accept, "a server that asks for passwords");
    listening.start();
    Path run = Files.createDirectories(folder.resolve("runs/planted"));
    Files.writeString(run.resolve("scenario.conf"), "name=planted\n");
    Files.writeString(
        run.resolve("journal.conf"),
        "journal { url = \"%s\", run = \"fleet-17\" }".formatted(url()));
  }

  @AfterEach
  void end() throws Exception {
    server.close();
    listening.join();
  }

  private String url() {
    return "jdbc:postgresql://127.0.0.1:%d/mapstorm".formatted(server.getLocalPort());
  }

  /** Speaks PostgreSQL's protocol 3 as far as a password in clear text. */
  private void accept() {
    while (!server.isClosed()) {
      try (Socket client = server.accept()) {
        heard.add("a connection");
        client.setSoTimeout(5000);
        DataInputStream in = new DataInputStream(client.getInputStream());
        int code = startup(in);
        while (code == 80877103 || code == 80877104) {
          client.getOutputStream().write('N');
          code = startup(in);
        }
        client
            .getOutputStream()
            .write(ByteBuffer.allocate(9).put((byte) 'R').putInt(8).putInt(3).array());
        in.readByte();
        heard.add(
            new String(in.readNBytes(in.readInt() - 4), StandardCharsets.UTF_8).replace("\0", ""));
      } catch (IOException e) {
        // It hung up, or the test is over.
      }
    }
  }

  private static int startup(DataInputStream in) throws IOException {
    int length = in.readInt();
    int code = in.readInt();
    in.readNBytes(length - 8);
    return code;
  }

  /** Standard output and error of a process of its own, whose environment has the password. */
  private String run(Map<String, String> environment, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Mapstorm.class.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(name -> name.startsWith("MAPSTORM_DB"));
    builder.environment().put("MAPSTORM_DB_USER", "storm");
    builder.environment().put("MAPSTORM_DB_PASSWORD", PASSWORD);
    builder.environment().putAll(environment);
    Path said = folder.resolve("said");
    Process process =
        builder
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    try {
      assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return Files.readString(said);
  }

  @Test
  void aServerThatADirectoryNamesHearsNothing() throws Exception {
    Map<String, String> other = Map.of("MAPSTORM_DB_URL", "jdbc:postgresql://127.0.0.1:9/mapstorm");

    assertThat(run(Map.of(), "runs")).contains("another database, in " + url());
    assertThat(run(other, "runs", "--connect", "--json")).contains("another database");
    assertThat(run(other, "prune", "--keep", "0", "--yes", "--connect"))
        .isEqualTo("nothing to remove: the one run stays\n");
    assertThat(run(other, "analyze", "runs/planted"))
        .isEqualTo(
            "mapstorm: the journal of run fleet-17 is in the database %s, and another one was named: a database is asked only if --db or MAPSTORM_DB_URL names it\n"
                .formatted(url()));
    assertThat(folder.resolve("runs/planted/journal.conf")).exists();
    assertThat(heard).isEmpty();
  }

  @Test
  void aListAsksTheNamedDatabaseOnlyWhenTold() throws Exception {
    Map<String, String> own = Map.of("MAPSTORM_DB_URL", url());

    assertThat(run(own, "runs"))
        .contains("not asked, in " + url())
        .contains("the database was not asked about 1 run; --connect asks it");
    assertThat(heard).isEmpty();

    assertThat(run(own, "runs", "--connect")).contains("unreachable, in " + url());
    assertThat(heard).contains(PASSWORD);
  }
}
