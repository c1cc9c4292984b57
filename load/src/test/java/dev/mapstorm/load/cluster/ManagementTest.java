package dev.mapstorm.load.cluster;

import static dev.mapstorm.load.cli.CommandLineFixture.mapstorm;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.mapstorm.actors.cluster.ClusterNode;
import dev.mapstorm.load.Version;
import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.load.scenario.ScenarioLoader;
import dev.mapstorm.protocol.cluster.CoordinatorMessage.SubmitFleet;
import dev.mapstorm.protocol.cluster.CoordinatorReply.Hosts;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node answers at its ports, asked over HTTP; a cluster of one node in this process. */
class ManagementTest {
  private static final String TOKEN = "s3cret";
  private static final ManagementAccess OPEN = ManagementAccess.of("127.0.0.1", null);
  private static final int HOSTS_PER_LANE = 4;

  @TempDir static Path folder;

  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final AtomicInteger LEAVING = new AtomicInteger();
  private static ClusterNode node;
  private static Probe journal;
  private static ManagementServer server;
  private static int port;
  private static int metricsPort;

  @BeforeAll
  static void start() throws Exception {
    node = SqliteNode.start(folder.resolve("journal.db"), HOSTS_PER_LANE);
    journal = new Probe("journal", () -> {});
    server = server(journal, OPEN);
    port = server.listen("127.0.0.1", 0);
    metricsPort = server.listenForMetrics("127.0.0.1", 0);
    long until = System.nanoTime() + 20_000_000_000L;
    while (get(port, "/ready").statusCode() != 200 && System.nanoTime() < until) {
      Thread.sleep(20);
    }
  }

  private static ManagementServer server(Probe probe, ManagementAccess access) {
    return new ManagementServer(node, probe, SqliteNode.SPECS, access, LEAVING::incrementAndGet);
  }

  @AfterAll
  static void end() {
    server.close();
    journal.close();
    node.close();
  }

  private static HttpRequest.Builder request(int at, String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + at + path));
  }

  private static HttpResponse<String> send(HttpRequest request) {
    try {
      return HTTP.send(request, BodyHandlers.ofString());
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static HttpResponse<String> get(int at, String path) {
    return send(request(at, path).GET().build());
  }

  private static HttpResponse<String> post(String path, String body) {
    return send(
        request(port, path).header("X-Mapstorm", "1").POST(BodyPublishers.ofString(body)).build());
  }

  private static String error(HttpResponse<String> response, int code) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(code);
    return json(response).get("error").asText();
  }

  private static JsonNode json(HttpResponse<String> response) {
    try {
      return new ObjectMapper().readTree(response.body());
    } catch (IOException e) {
      throw new AssertionError(response.body(), e);
    }
  }

  private static ClusterClient client() {
    return new ClusterClient("127.0.0.1:" + port, null);
  }

  private static Scenario scenario(String duration) {
    ScenarioLoader loader = new ScenarioLoader(Version.current());
    loader.set("test", "hosts", "5");
    loader.set("test", "duration", duration);
    return loader.load("fleet");
  }

  @Test
  void aNodeThatAnswersIsAliveAndReady() {
    assertThat(get(port, "/health").statusCode()).isEqualTo(200);
    assertThat(get(port, "/ready").body()).isEqualTo("ready\n");
  }

  @Test
  void withoutItsJournalANodeIsNotReadyAndSaysWhy() throws Exception {
    Probe away =
        new Probe(
            "journal",
            () -> {
              throw new IOException("connection\n  refused");
            });
    try (away;
        ManagementServer other = server(away, OPEN)) {
      int at = other.listen("127.0.0.1", 0);
      long until = System.nanoTime() + 10_000_000_000L;
      while (away.trouble().startsWith("it was not") && System.nanoTime() < until) {
        Thread.sleep(10);
      }
      HttpResponse<String> ready = get(at, "/ready");
      assertThat(ready.statusCode()).isEqualTo(503);
      assertThat(ready.body())
          .startsWith("not ready: member Up, journal connection refused, coordinator ");
      assertThat(get(at, "/health").statusCode()).isEqualTo(200);
      assertThat(json(get(at, "/status")).get("ready").asBoolean()).isFalse();
      assertThat(get(at, "/metrics").body()).contains("mapstorm_journal_up 0.0");
      assertThat(get(at, "/").body()).contains("not ready").contains("connection refused");
    }
  }

  @Test
  void aNodeThatHasNotJoinedIsNotReady() throws Exception {
    try (ClusterNode alone =
            SqliteNode.start(folder.resolve("alone.db"), HOSTS_PER_LANE, "127.0.0.1:" + unused());
        ManagementServer other =
            new ManagementServer(alone, journal, SqliteNode.SPECS, OPEN, () -> {})) {
      HttpResponse<String> ready = get(other.listen("127.0.0.1", 0), "/ready");
      assertThat(ready.statusCode()).isEqualTo(503);
      assertThat(ready.body())
          .startsWith("not ready: member ")
          .contains(", journal answers, coordinator ");
    }
  }

  private static int unused() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Test
  void theStatusTellsOfTheNodeItsMembersAndTheCoordinator() throws Exception {
    NodeStatus status = client().status();
    assertThat(status.node()).isEqualTo(node.address());
    assertThat(status.state()).isEqualTo("Up");
    assertThat(status.ready()).isTrue();
    assertThat(status.version()).isEqualTo(Version.current());
    assertThat(status.members()).containsExactly(new NodeStatus.Member(node.address(), "Up", true));
    assertThat(status.cluster().coordinator()).isEqualTo(node.address());
    assertThat(get(port, "/status").headers().firstValue("Content-Type"))
        .contains("application/json");
  }

  @Test
  void thePageForPeopleNeedsNothingButItself() {
    HttpResponse<String> page = get(port, "/");
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("Content-Type")).contains("text/html; charset=UTF-8");
    assertThat(page.body()).startsWith("<!DOCTYPE html>").contains(node.address());
    assertThat(page.body()).doesNotContain("src=").doesNotContain("http:", "https:", "url(");
    assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
        .startsWith("default-src 'none'; connect-src 'self'; ");
  }

  /** Events, bytes and hash are those of the same scenario on one node without a cluster. */
  @Test
  void aFleetEndsWithTheHashOfTheSameScenarioWithoutACluster() throws Exception {
    Scenario scenario = scenario("300us");
    List<ClusterClient> nodes = List.of(client());
    String run = SubmittedFleet.freeRun(nodes, "fleet");
    SubmittedFleet fleet = SubmittedFleet.submit(nodes, scenario, run, System::nanoTime);
    // Said twice by somebody who did not hear the answer.
    SubmittedFleet.submit(nodes, scenario, run, System::nanoTime);
    FleetReport report = fleet.follow(status -> {}).orElseThrow();

    assertThat(report.state()).as(report.failure()).isEqualTo("complete");
    JsonNode alone = one();
    assertThat(report.hash()).isEqualTo(alone.at("/journal/hash").asText()).hasSize(64);
    assertThat(report.events()).isEqualTo(alone.at("/journal/events").asLong()).isPositive();
    assertThat(report.virtualNs()).isBetween(200_000L, 300_000L);

    Hosts hosts = client().fleet(run, 3, 100);
    assertThat(hosts.hosts()).hasSize(2).allMatch(host -> host.state().equals("complete"));
    assertThat(hosts.fleet().hash()).isEqualTo(report.hash());
    assertThat(SubmittedFleet.freeRun(nodes, "fleet")).isNotEqualTo(run);
    assertThat(get(port, "/").body()).contains(report.hash());
  }

  private static JsonNode one() {
    String out = folder.resolve("one").toString();
    return mapstorm(
            "run", "fleet", "--set", "hosts=5", "--duration", "300us", "--json", "--out", out)
        .json();
  }

  private static long eventsOf(String run) throws Exception {
    return client().fleet(run, 0, 1).fleet().events();
  }

  @Test
  void aFleetCanBeStopped() throws Exception {
    Scenario scenario = scenario("100s");
    SubmittedFleet fleet =
        SubmittedFleet.submit(List.of(client()), scenario, "endless", System::nanoTime);
    long until = System.nanoTime() + 20_000_000_000L;
    while ((running("endless") < 4 || eventsOf("endless") == 0) && System.nanoTime() < until) {
      Thread.sleep(20);
    }
    String metrics = get(metricsPort, "/metrics").body();
    client().stop("endless");
    FleetReport report = fleet.follow(status -> {}).orElseThrow();
    assertThat(report.state()).isEqualTo("stopped");
    assertThat(report.hash()).isEmpty();
    assertThat(report.events()).isPositive();
    assertThat(metrics)
        .contains("mapstorm_host_events{host=\"0\",run=\"endless\"}")
        .contains("mapstorm_host_virtual_seconds{host=\"0\",run=\"endless\"}")
        .contains("mapstorm_host_journal_bytes{host=\"0\",run=\"endless\"}")
        .contains("mapstorm_host_redone_events{host=\"0\",run=\"endless\"} 0.0")
        .contains("mapstorm_host_held{host=\"0\",run=\"endless\"} 0.0");
    // Four hosts on the only lane, and the fifth waits.
    assertThat(metrics).contains("mapstorm_node_hosts 4.0");
  }

  private static long running(String run) {
    return node.board().reports().stream()
        .filter(host -> host.run().equals(run) && host.events() > 0)
        .count();
  }

  @Test
  void metricsOfTheNodeHaveTheNamesOfTheDocumentation() {
    assertThat(get(port, "/metrics").body())
        .contains("mapstorm_node_events_written_total ")
        .contains("mapstorm_node_hosts ")
        .contains("mapstorm_node_lanes 1.0")
        .contains("mapstorm_node_ready 1.0")
        .contains("mapstorm_journal_up 1.0")
        .contains("mapstorm_cluster_members 1.0")
        .contains("mapstorm_cluster_unreachable 0.0")
        .contains("jvm_memory_used_bytes")
        .contains("jvm_gc_");
  }

  @Test
  void thePortForMetricsHasNothingElse() {
    assertThat(get(metricsPort, "/health").statusCode()).isEqualTo(200);
    assertThat(get(metricsPort, "/ready").statusCode()).isEqualTo(200);
    assertThat(get(metricsPort, "/metrics").statusCode()).isEqualTo(200);
    assertThat(get(metricsPort, "/").statusCode()).isEqualTo(404);
    assertThat(get(metricsPort, "/status").statusCode()).isEqualTo(404);
    HttpRequest leave =
        request(metricsPort, "/leave")
            .header("X-Mapstorm", "1")
            .POST(BodyPublishers.noBody())
            .build();
    assertThat(send(leave).statusCode()).isIn(404, 405);
  }

  @Test
  void whatIsNoFleetIsRefusedInOneSentence() {
    assertThat(error(post("/fleets", "{"), 400)).startsWith("no JSON of a mapstorm node: ");
    assertThat(error(post("/fleets", "null"), 400)).startsWith("no JSON of a mapstorm node");
    assertThat(error(post("/fleets", "{}"), 400)).startsWith("a fleet has a run, a name");
    assertThat(error(post("/fleets", fleet("x y", "", 1)), 400))
        .isEqualTo("run x y: must be letters, digits, dots and dashes");
    assertThat(error(post("/fleets", fleet("r", "", -3)), 400)).startsWith("-3 hosts: must be");
    assertThat(error(post("/fleets", fleet("r", "nonsense = 3", 1)), 400))
        .startsWith("the scenario cannot be run here: ");
    assertThat(error(post("/fleets", fleet("r", scenario("1ms").text(), 4)), 400))
        .isEqualTo("the scenario has 5 hosts, not 4");
  }

  /** Each of these once made the node tell its environment or its files, fetch, hang or end. */
  @Test
  void aSubmittedScenarioIsClosed() {
    Map<String, String> texts =
        Map.ofEntries(
            Map.entry("seed = ${PATH}", "fleet: seed: has a substitution, ${…}"),
            Map.entry("seed = ${?PATH}", "fleet: seed: has a substitution, ${…}"),
            Map.entry("mix = [{ cpus = ${java.home} }]", "fleet: mix[0].cpus: has a substitution"),
            Map.entry("mix += { cpus = 1 }", "fleet: mix: is added to by +="),
            Map.entry("trace = /etc/passwd", "trace: the nodes of a cluster read no files"),
            Map.entry("requests = /etc", "requests: the nodes of a cluster read no files"),
            Map.entry("platform = /etc/passwd", "platform: must be one that comes with"),
            Map.entry("mix = [{ scenario = /etc/passwd }]", "mix[0].scenario: must be one that"),
            Map.entry("mix = [{ platform = /etc/passwd }]", "mix[0].platform: must be one that"),
            Map.entry("include file(\"/dev/zero\")", "fleet: has an include"),
            Map.entry("include url(\"http://127.0.0.1:9/\")", "fleet: has an include"),
            Map.entry("a=" + "{b=".repeat(10_000), "has more than 32 values inside each other"),
            Map.entry("mix=" + "[".repeat(20_000), "has more than 32 values inside each other"),
            Map.entry("a" + ".a".repeat(20_000) + "=1", "has more than 32 values inside"),
            Map.entry("iommu.mode=\"" + "x".repeat(500_000) + "\"", "iommu.mode: must have up to"),
            Map.entry("client.api=\"\\u001b[2J\"", "client.api: \"\\u001b[2J\" is none of"));
    texts.forEach(
        (text, said) ->
            assertThat(error(post("/fleets", fleet("r", text, 1)), 400))
                .startsWith("the scenario cannot be run here: ")
                .contains(said)
                .doesNotContain(System.getenv("PATH"), "root:")
                .hasSizeLessThan(1200));
    assertThat(get(port, "/ready").statusCode()).isEqualTo(200);
  }

  /** Between nodes it would be dropped without a word. */
  @Test
  void aScenarioThatIsLargerThanAFrameIsRefused() {
    String large = scenario("1ms").text() + "\n#" + "x".repeat(SubmitFleet.SCENARIO_BYTES_MAX);
    assertThatThrownBy(() -> client().submit(new Submission("r", "fleet", large, 5)))
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith("bytes, and a cluster takes 1000000 at most");
  }

  private static String fleet(String run, String scenario, int hosts) {
    return StatusJson.text(new Submission(run, "fleet", scenario, hosts));
  }

  @Test
  void runsThatNobodyKnowsAreRefused() {
    assertThat(error(post("/fleets/none/stop", ""), 409)).isEqualTo("there is no run none");
    assertThat(error(get(port, "/fleets/none"), 409)).isEqualTo("there is no run none");
    assertThatThrownBy(() -> client().stop("a b/c"))
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith("there is no run a b/c");
  }

  /** A page of elsewhere can let its own name lead here, but not let a browser say another one. */
  @Test
  void withoutATokenOnlyNamesOfThisMachineAreAnsweredTo() throws Exception {
    for (String path : List.of("/", "/status", "/fleets/r", "/health", "/ready", "/metrics")) {
      for (String host : List.of("rebound.example:" + port, "192.0.2.1", "127.0.0.1.example")) {
        String answer = raw("GET " + path, host);
        assertThat(answer).startsWith("HTTP/1.1 421 ").contains("MAPSTORM_TOKEN", "is none");
      }
    }
    assertThat(raw("POST /leave", "rebound.example")).startsWith("HTTP/1.1 421 ");
    assertThat(LEAVING).hasValue(0);
    for (String host : List.of("localhost:" + port, "LocalHost", "127.0.0.1", "[::1]:" + port)) {
      assertThat(raw("GET /status", host)).startsWith("HTTP/1.1 200 ");
    }
  }

  /** {@link HttpClient} says the host that it connects to, whatever one wants. */
  private static String raw(String request, String host) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      String text =
          "%s HTTP/1.1\r\nHost: %s\r\nX-Mapstorm: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
              .formatted(request, host);
      socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** A page of another origin cannot make a browser say the header. */
  @Test
  void nothingIsChangedWithoutTheHeader() {
    for (String path : List.of("/fleets", "/fleets/r/stop", "/leave")) {
      HttpRequest bare = request(port, path).POST(BodyPublishers.ofString("{}")).build();
      assertThat(error(send(bare), 403)).isEqualTo("the header X-Mapstorm is missing");
    }
    assertThat(LEAVING).hasValue(0);
  }

  @Test
  void withATokenOnlyThoseWhoSayItAreAnswered() throws Exception {
    try (ManagementServer guarded = server(journal, ManagementAccess.of("0.0.0.0", TOKEN))) {
      int at = guarded.listen("127.0.0.1", 0);
      String url = "127.0.0.1:" + at;
      assertThat(error(get(at, "/status"), 401)).contains("MAPSTORM_TOKEN");
      assertThat(get(at, "/").statusCode()).isEqualTo(401);
      assertThatThrownBy(() -> new ClusterClient(url, "wrong").leave())
          .isInstanceOf(IOException.class)
          .hasMessageContaining("say the token of the cluster");
      assertThat(LEAVING).hasValue(0);
      assertThat(new ClusterClient(url, TOKEN).status().ready()).isTrue();
      // Health and metrics are for those who watch over nodes.
      assertThat(get(at, "/health").statusCode()).isEqualTo(200);
      new ClusterClient(url, TOKEN).leave();
      assertThat(LEAVING.getAndSet(0)).isEqualTo(1);
    }
  }

  @Test
  void aPortThatIsTakenIsSaidToBe() {
    assertThatThrownBy(() -> server.listen("127.0.0.1", port))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("127.0.0.1:%d cannot be listened at: ".formatted(port));
  }
}
