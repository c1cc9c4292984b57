package dev.mapstorm.load.cli;

import static dev.mapstorm.load.cli.CommandLineFixture.mapstorm;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.load.cli.CommandLineFixture.Ran;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the cluster's commands say when they cannot do what they are told. */
class ClusterCommandsTest {
  private static final String DATABASE = "jdbc:postgresql://127.0.0.1:1/mapstorm";

  @TempDir Path folder;

  private static Ran cluster(String line) {
    return mapstorm(("cluster " + line).split(" "));
  }

  private static void assertOneLine(Ran ran, int code, String message) {
    assertThat(ran.err()).isEqualTo("mapstorm: " + message + "\n");
    assertThat(ran.code()).isEqualTo(code);
    assertThat(ran.out()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"node", "run", "status", "stop", "demo", "certs"})
  void everyCommandHasHelpWithExamples(String command) {
    Ran ran = cluster(command + " --help");
    assertThat(ran.code()).isZero();
    assertThat(ran.out())
        .startsWith("Usage: mapstorm cluster " + command)
        .contains("Examples:", "  mapstorm cluster " + command);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--port 65536 | --port 65536: a port is 0 to 65535",
        "--port -1 | --port -1: a port is 0 to 65535",
        "--management-port 70000 | --management-port 70000: a port is 0 to 65535",
        "--metrics-port 70000 | --metrics-port 70000: a port is 0 to 65535",
        "--lanes 0 | --lanes 0: must be 1 to 1024",
        "--shards 0 | --shards 0: must be at least 1",
        "--hosts-per-lane 0 | --hosts-per-lane 0: must be at least 1",
        "--seed nonsense | --seed nonsense: must be HOST:PORT, such as node-1:25520",
        "--seed a:b | --seed a:b: must be HOST:PORT, such as node-1:25520",
        "--seed a:70000 | --seed a:70000: the port is 1 to 65535",
        "--seed a:0 | --seed a:0: the port is 1 to 65535",
        "--management-host 0.0.0.0 | the management port on 0.0.0.0 would be open to other machines:"
            + " set MAPSTORM_TOKEN, or bind it to 127.0.0.1",
        "--host 192.0.2.1 | without TLS whoever reaches the port for nodes on 192.0.2.1 controls the cluster: encrypt"
            + " it (--tls), bind it to 127.0.0.1 (--bind-host), or say --trust-network",
        "--bind-host 0.0.0.0 | without TLS whoever reaches the port for nodes on 0.0.0.0 controls the cluster: encrypt"
            + " it (--tls), bind it to 127.0.0.1 (--bind-host), or say --trust-network",
        "--config /nowhere.conf | --config /nowhere.conf: there is no such file",
      })
  void aNodeThatCannotBeIsRefused(String options, String message) {
    assertOneLine(cluster("node --db " + DATABASE + " " + options), ExitCode.USAGE, message);
  }

  @Test
  void aNodeNeedsADatabase() {
    Ran ran = cluster("node");
    assertThat(ran.code()).isEqualTo(ExitCode.USAGE);
    assertThat(ran.err()).startsWith("mapstorm: no database: give it with --db").hasLineCount(1);
  }

  @Test
  void aPortThatIsTakenIsSaidToBe() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      int port = taken.getLocalPort();
      Ran ran = cluster("node --db " + DATABASE + " --management-port 0 --port " + port);
      assertThat(ran.err())
          .startsWith("mapstorm: 127.0.0.1:%d cannot be listened at: ".formatted(port))
          .hasLineCount(1);
      assertThat(ran.code()).isEqualTo(ExitCode.ERROR);

      Ran management = cluster("node --db " + DATABASE + " --port 0 --management-port " + port);
      assertThat(management.err())
          .startsWith("mapstorm: 127.0.0.1:%d cannot be listened at: ".formatted(port))
          .hasLineCount(1);
      assertThat(management.code()).isEqualTo(ExitCode.ERROR);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"status", "stop --run r", "stop --leave", "run fleet"})
  void whereNoNodeAnswersThatIsSaid(String command) throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    Ran ran = cluster(command + " --node 127.0.0.1:" + port);
    assertThat(ran.err())
        .startsWith("mapstorm: no node answers at http://127.0.0.1:%d: ".formatted(port))
        .hasLineCount(1);
    assertThat(ran.code()).isEqualTo(ExitCode.ERROR);
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://", "127.0.0.1:99999", "ftp://a:1", "a|b", ":8558"})
  void whatIsNoAddressOfANodeIsRefused(String node) {
    for (String command : new String[] {"status", "stop --leave", "run fleet"}) {
      assertOneLine(
          cluster(command + " --node " + node),
          ExitCode.USAGE,
          "--node: %s is no address of a node, such as http://127.0.0.1:8558".formatted(node));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "status --run r --first -1 | --first -1: must be at least 0",
        "status --run r --count 0 | --count 0: must be at least 1",
        "status --run r --count 1001 | --count 1001: at most 1000 at a time",
        "run fleet --out x | --out needs the database, to which the run directory refers: give it with --db",
        "run fleet --run ä | --run ä: must be letters, digits, dots and dashes",
        "demo --nodes 0 | --nodes 0: must be at least 1",
        "demo --nodes 17 | --nodes 17: at most 16",
        "demo --kill 8s:4 | --kill 8s:4: the nodes are 1 to 3",
        "demo --kill 8s:0 | --kill 8s:0: the nodes are 1 to 3",
        "demo --kill 8s:x | --kill 8s:x: must be T or T:NODE, such as 8s or 8s:2",
        "demo --node-memory lots | --node-memory lots: must be a size such as 512m",
      })
  void otherCommandsRefuseWhatCannotBe(String line, String message) {
    assertOneLine(cluster(line), ExitCode.USAGE, message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--kill nonsense",
        "--kill -1s",
        "--restart-after nonsense",
        "--hosts 0",
        "--hosts -1",
        "--seed nonsense",
        "--scenario nonsense",
        "--set nonsense=1"
      })
  void aDemoThatCannotBeIsRefusedBeforeAnythingIsStarted(String options) {
    Path out = folder.resolve("demo");
    Ran ran = cluster("demo --out %s %s".formatted(out, options));
    assertThat(ran.code()).isEqualTo(ExitCode.USAGE);
    assertThat(ran.err()).startsWith("mapstorm: ").hasLineCount(1);
    assertThat(out).doesNotExist();
  }

  @Test
  void stopNeedsToKnowWhat() {
    Ran ran = cluster("stop");
    assertThat(ran.code()).isEqualTo(ExitCode.USAGE);
    assertThat(ran.err()).contains("--run").contains("--leave").hasLineCount(1);
  }
}
