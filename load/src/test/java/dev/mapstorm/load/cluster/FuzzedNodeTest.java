package dev.mapstorm.load.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.ConfigFactory;
import dev.mapstorm.actors.cluster.ClusterNode;
import dev.mapstorm.actors.cluster.NodeSpec;
import dev.mapstorm.load.Version;
import dev.mapstorm.load.fuzz.Campaign;
import dev.mapstorm.load.fuzz.Mutator;
import dev.mapstorm.load.log.LineLimit;
import dev.mapstorm.load.scenario.ScenarioLoader;
import dev.mapstorm.persistence.store.DatabaseAddress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * Requests at a node's management port and bytes at its port for other nodes that chance made: each
 * request gets an answer, the node lives, and tells nothing of its environment and of its files.
 */
class FuzzedNodeTest {
  @TempDir Path folder;

  private final LoggerContext log = (LoggerContext) LoggerFactory.getILoggerFactory();
  private final LineLimit limit = new LineLimit();

  @BeforeEach
  void limitTheLog() {
    limit.setContext(log);
    limit.start();
    log.addTurboFilter(limit);
  }

  @AfterEach
  void end() {
    log.getTurboFilterList().remove(limit);
    limit.stop();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String post(String path, String body) {
    return "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Mapstorm: 1\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
        .formatted(path, body.length(), body);
  }

  private static String get(String path) {
    return "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".formatted(path);
  }

  private static String closedScenario() {
    ScenarioLoader loader = new ScenarioLoader(Version.current());
    loader.set("test", "duration", "2us");
    loader.set("test", "hosts", "2");
    return loader.loadForCluster("nvme-4k").text();
  }

  private static String fleet(String scenario) throws IOException {
    Submission fleet = new Submission("x", "x", scenario, 2);
    return post("/fleets", new ObjectMapper().writeValueAsString(fleet));
  }

  /** A request that is sound but for the scenario. */
  private static byte[] fleet(Mutator texts, SplittableRandom random) throws IOException {
    return bytes(
        fleet(new String(texts.next(random), StandardCharsets.US_ASCII).replace('\ufffd', '?')));
  }

  @Test
  void requests() throws Exception {
    try (ClusterNode node = SqliteNode.start(folder.resolve("journal.db"), 4);
        Probe probe = new Probe("journal", () -> {});
        ManagementServer server =
            new ManagementServer(
                node, probe, SqliteNode.SPECS, ManagementAccess.of("127.0.0.1", null), () -> {})) {
      int port = server.listen("127.0.0.1", 0);
      List<byte[]> requests = new ArrayList<>();
      for (String path :
          List.of("/", "/health", "/ready", "/metrics", "/status", "/fleets/x?first=0&count=9")) {
        requests.add(bytes(get(path)));
      }
      requests.add(bytes(post("/fleets/x/stop", "")));
      String scenario = closedScenario();
      requests.add(bytes(fleet(scenario)));
      Mutator texts =
          new Mutator(
              List.of(
                  "${PATH}",
                  "include file(\"/etc/passwd\")\n",
                  "trace=/etc/passwd\n",
                  "platform=/etc/passwd\n",
                  "=",
                  "{",
                  "}",
                  "[",
                  "]",
                  ",",
                  "\n",
                  "\"",
                  "null",
                  "clients=[]\n",
                  "hosts=2\n",
                  "\u0000",
                  "[".repeat(500)),
              List.of(bytes(scenario)));
      Mutator mutator =
          new Mutator(
              List.of(
                  "${PATH}",
                  "include file(\"/etc/passwd\")\n",
                  "trace=/etc/passwd\n",
                  "%00",
                  "%2e%2e%2f",
                  "?",
                  "&",
                  "=",
                  "\r\n",
                  "\r\n\r\n",
                  "Transfer-Encoding: chunked\r\n",
                  "Content-Length: 99999999999999999999\r\n",
                  "Content-Length: -1\r\n",
                  "Expect: 100-continue\r\n",
                  "Host: example.org\r\n",
                  "HTTP/9.9",
                  "OPTIONS",
                  "PUT",
                  "HEAD",
                  "x".repeat(20_000),
                  "[".repeat(500),
                  "{a=".repeat(500),
                  "\u0000",
                  "hosts = 100000\n",
                  "clients = [{count=8192}]\n",
                  "seed=${?PATH}"),
              requests);
      new Campaign("requests at the management port", 250)
          .run(
              random -> {
                byte[] request = random.nextBoolean() ? mutator.next(random) : fleet(texts, random);
                String answer = exchange(port, request, 9_000);
                Campaign.assertHarmless(answer, request);
                assertThat(answer).isNotEqualTo("kept open");
                assertThat(exchange(port, bytes(get("/health")), 9_000)).contains("alive");
                return answer.startsWith("HTTP/1.1 ") ? answer.substring(9, 12) : "closed";
              });
    }
  }

  @Test
  void bytesAtTheNodePort() throws Exception {
    NodeSpec spec =
        new NodeSpec("127.0.0.1", 0, Optional.empty(), List.of(), 1, 10, 4, Version.current());
    try (RunningNode node =
        RunningNode.start(
            spec,
            ConfigFactory.empty(),
            DatabaseAddress.of("jdbc:postgresql://127.0.0.1:1/mapstorm", Map.of()),
            new RunningNode.Ports("127.0.0.1", 0, "127.0.0.1", Optional.empty()),
            ManagementAccess.of("127.0.0.1", null))) {
      int port = URI.create(node.address().replace("pekko://mapstorm@", "http://")).getPort();
      List<byte[]> openings = new ArrayList<>();
      try (InputStream found = getClass().getResourceAsStream("frame-length-overflow.bin")) {
        openings.add(found.readAllBytes());
      }
      for (int stream = 0; stream < 4; stream++) {
        openings.add(bytes("AKKA" + (char) stream + "\u0010\0\0\0" + "0123456789abcdef".repeat(8)));
      }
      openings.add(bytes("GET / HTTP/1.1\r\n\r\n"));
      openings.add(
          bytes("\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003" + "x".repeat(500)));
      Mutator mutator =
          new Mutator(
              List.of(
                  "AKKA",
                  "\u0001",
                  "\u0002",
                  "\u00ff\u00ff\u00ff\u007f",
                  "\u0000\u0000\u0000\u0000",
                  "\u00ff\u00ff\u00ff\u00ff",
                  "x".repeat(40_000)),
              openings);
      HttpClient http = HttpClient.newHttpClient();
      new Campaign("bytes at the node port", 60)
          .run(
              random -> {
                byte[] sent = mutator.next(random);
                String answer = exchange(port, sent, 500);
                Campaign.assertHarmless(answer, sent);
                HttpRequest health =
                    HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + node.managementPort() + "/health"))
                        .timeout(Duration.ofSeconds(10))
                        .build();
                assertThat(http.send(health, BodyHandlers.ofString()).body()).isEqualTo("alive\n");
                return answer.isEmpty() ? "closed" : answer;
              });
    }
  }

  /**
   * Sends bytes, says that there are no more, and reads what comes until the peer closes.
   *
   * @param patienceMs for each piece of the answer
   */
  private static String exchange(int port, byte[] request, int patienceMs) throws IOException {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket.setSoTimeout(patienceMs);
      try {
        socket.getOutputStream().write(request);
        socket.getOutputStream().flush();
        socket.shutdownOutput();
        socket.getInputStream().transferTo(answer);
      } catch (SocketTimeoutException e) {
        return "kept open";
      } catch (IOException e) {
        // Reset: closed before it had read all.
        return answer.toString(StandardCharsets.UTF_8);
      }
    }
    return answer.toString(StandardCharsets.UTF_8);
  }
}
