package dev.mapstorm.load.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.mapstorm.actors.cluster.NodeSpec;
import dev.mapstorm.load.Version;
import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.load.scenario.ScenarioLoader;
import dev.mapstorm.persistence.store.DatabaseAddress;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.pekko.Done;
import org.apache.pekko.actor.AbstractExtensionId;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.Extension;
import org.apache.pekko.actor.ExtensionIdProvider;
import org.junit.jupiter.api.Test;

/** The ports of a node that leaves, asked at fixed points of its leaving. */
class RunningNodeTest {
  private static final DatabaseAddress NOWHERE =
      DatabaseAddress.of("jdbc:postgresql://127.0.0.1:1/mapstorm", Map.of());
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final Map<String, String> ANSWERS = new ConcurrentHashMap<>();

  private static volatile int port;

  /** Stops the node's leaving in each phase until its ports have been asked. */
  public static final class Watch extends AbstractExtensionId<Watch.Tasks>
      implements ExtensionIdProvider {
    /** Nothing but the tasks that it has added. */
    public static final class Tasks implements Extension {}

    @Override
    public Watch lookup() {
      return this;
    }

    @Override
    public Tasks createExtension(ExtendedActorSystem system) {
      CoordinatedShutdown leaving = CoordinatedShutdown.get(system);
      ask(leaving, CoordinatedShutdown.PhaseServiceUnbind());
      ask(leaving, CoordinatedShutdown.PhaseClusterShutdown());
      ask(leaving, CoordinatedShutdown.PhaseActorSystemTerminate());
      return new Tasks();
    }

    private static void ask(CoordinatedShutdown leaving, String phase) {
      leaving.addTask(
          phase,
          "ask",
          () ->
              CompletableFuture.supplyAsync(
                  () -> {
                    ANSWERS.put(phase + " health", answer("/health"));
                    ANSWERS.put(phase + " ready", answer("/ready"));
                    ANSWERS.put(phase + " metrics", answer("/metrics"));
                    return Done.getInstance();
                  }));
    }
  }

  private static String answer(String path) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d%s".formatted(port, path))).build();
    try {
      HttpResponse<String> response = HTTP.send(request, BodyHandlers.ofString());
      return response.statusCode() + " " + response.body();
    } catch (IOException | InterruptedException e) {
      return "nobody";
    }
  }

  private static RunningNode start() {
    Config config =
        ConfigFactory.parseMap(
            Map.of(
                "pekko.extensions",
                List.of(Watch.class.getName()),
                "pekko.coordinated-shutdown.default-phase-timeout",
                "60s"));
    NodeSpec spec =
        new NodeSpec("127.0.0.1", 0, Optional.empty(), List.of(), 1, 10, 4, Version.current());
    return RunningNode.start(
        spec,
        config,
        NOWHERE,
        new RunningNode.Ports("127.0.0.1", 0, "127.0.0.1", Optional.empty()),
        ManagementAccess.of("127.0.0.1", null));
  }

  /** It once was accepted, killed the node, and killed it again when it came back. */
  @Test
  void aFleetOfWhichNoHostFitsIsRefused() {
    ScenarioLoader loader = new ScenarioLoader(Version.current());
    loader.set("hosts=100000");
    loader.set("clients=8192");
    loader.set("devices=1024");
    loader.set("client.depth=65536");
    Scenario poison = loader.loadForCluster("nvme-4k");
    try (RunningNode node = start()) {
      ClusterClient client = new ClusterClient("127.0.0.1:" + node.managementPort(), null);
      assertThatThrownBy(() -> client.submit(new Submission("p", "poison", poison.text(), 100_000)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("the scenario cannot be run here: one host needs about ")
          .hasMessageContaining(" of heap is free: lower clients (8192), devices (1024), ")
          .hasMessageContaining("MAPSTORM_JAVA_OPTS=-Xmx");
    }
  }

  @Test
  void aNodeThatLeavesIsNotReadyAtOnceAndAliveUntilItHasLeft() throws Exception {
    try (RunningNode node = start()) {
      port = node.managementPort();
      assertThat(answer("/health")).isEqualTo("200 alive\n");
      node.leave();
      assertThat(node.awaitEnd()).isTrue();
    }
    for (String phase : List.of("service-unbind", "cluster-shutdown")) {
      assertThat(ANSWERS.get(phase + " health")).as(phase).isEqualTo("200 alive\n");
      assertThat(ANSWERS.get(phase + " metrics")).contains("mapstorm_node_ready 0.0");
    }
    assertThat(ANSWERS.get("service-unbind ready")).startsWith("503 not ready: member Leaving, ");
    assertThat(ANSWERS.get("cluster-shutdown ready")).startsWith("503 not ready: member ");
    for (String what : List.of("health", "ready", "metrics")) {
      assertThat(ANSWERS.get("actor-system-terminate " + what)).isEqualTo("nobody");
    }
  }
}
