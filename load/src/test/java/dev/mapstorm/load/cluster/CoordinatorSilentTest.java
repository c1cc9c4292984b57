package dev.mapstorm.load.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.cluster.ClusterNode;
import dev.mapstorm.actors.cluster.FleetSpecs;
import dev.mapstorm.actors.pekko.WriterClaim;
import dev.mapstorm.actors.pekko.WriterClaims;
import dev.mapstorm.actors.pekko.WriterStanding;
import dev.mapstorm.load.Version;
import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.load.scenario.ScenarioLoader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that is a member and whose journal answers, and whose coordinator does not. */
class CoordinatorSilentTest {
  @TempDir static Path folder;

  private static final String SLOW = "slow";
  private static final CompletableFuture<WriterClaim> CLAIM = new CompletableFuture<>();
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static ClusterNode node;
  private static Probe journal;
  private static ManagementServer server;
  private static int port;

  /** The coordinator's claim is not answered until the test says so. */
  private static final WriterClaims LATE =
      new WriterClaims() {
        @Override
        public CompletionStage<WriterClaim> claim(String persistenceId) {
          return CLAIM;
        }

        @Override
        public CompletionStage<Optional<WriterStanding>> standing(String persistenceId) {
          return WriterClaims.NONE.standing(persistenceId);
        }

        @Override
        public CompletionStage<Optional<String>> renew(String persistenceId, long epoch) {
          return WriterClaims.NONE.renew(persistenceId, epoch);
        }

        @Override
        public boolean refused(Throwable failure) {
          return false;
        }
      };

  /** Machines that are not made before the test is over, if the fleet is called {@link #SLOW}. */
  private static final FleetSpecs SPECS =
      (name, scenario) -> {
        if (name.equals(SLOW)) {
          CLAIM.join();
        }
        return SqliteNode.SPECS.of(name, scenario);
      };

  private static final long LIMIT_NS = TimeUnit.MINUTES.toNanos(3);

  @BeforeAll
  static void start() throws Exception {
    node = SqliteNode.start(folder.resolve("journal.db"), LATE, 4);
    journal = new Probe("journal", () -> {});
    server =
        new ManagementServer(
            node, journal, SPECS, ManagementAccess.of("127.0.0.1", null), () -> {});
    port = server.listen("127.0.0.1", 0);
    long until = System.nanoTime() + LIMIT_NS;
    while (!get("/ready").body().contains("member Up, journal answers, coordinator does not")) {
      assertThat(System.nanoTime()).as(get("/ready").body()).isLessThan(until);
      Thread.sleep(100);
    }
  }

  @AfterAll
  static void end() {
    server.close();
    journal.close();
    node.close();
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return HTTP.send(request.build(), BodyHandlers.ofString());
  }

  private static HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
  }

  private static HttpResponse<String> get(String path) throws Exception {
    return send(request(path));
  }

  private static HttpResponse<String> submit(String name) throws Exception {
    Scenario scenario = new ScenarioLoader(Version.current()).load("fleet");
    Submission fleet = new Submission("r", name, scenario.text(), scenario.hosts().size());
    return send(
        request("/fleets")
            .header(ManagementRoutes.CONTROL, "1")
            .POST(BodyPublishers.ofString(StatusJson.text(fleet))));
  }

  private static String refusal(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(503);
    return StatusJson.read(response.body(), Refusal.class).error();
  }

  @Test
  void everyRouteAnswersAndTheNodeIsReadyOnceItDoes() throws Exception {
    HttpResponse<String> ready = get("/ready");
    assertThat(ready.statusCode()).isEqualTo(503);
    assertThat(ready.body())
        .isEqualTo(
            "not ready: member Up, journal answers, coordinator does not answer within 3 s\n");
    assertThat(get("/health").statusCode()).isEqualTo(200);
    assertThat(get("/metrics").body())
        .contains("mapstorm_node_ready 0.0")
        .contains("mapstorm_journal_up 1.0");
    assertThat(get("/").body()).contains("not ready").contains("the coordinator does not answer");

    NodeStatus status = StatusJson.read(get("/status").body(), NodeStatus.class);
    assertThat(status.ready()).isFalse();
    assertThat(status.cluster()).isNull();
    assertThat(status.coordination()).isEqualTo("does not answer within 3 s");

    assertThat(refusal(submit("fleet")))
        .startsWith("the coordinator does not answer at the moment");
    assertThat(refusal(submit(SLOW))).isEqualTo("the node has no answer within 10 s");
    assertThat(refusal(get("/fleets/r")))
        .startsWith("the coordinator does not answer at the moment");

    CLAIM.complete(new WriterClaim(WriterClaim.NO_EPOCH, "", WriterClaim.NOTHING_WRITTEN));
    long until = System.nanoTime() + LIMIT_NS;
    while (get("/ready").statusCode() != 200) {
      assertThat(System.nanoTime()).as(get("/ready").body()).isLessThan(until);
      Thread.sleep(100);
    }
  }
}
