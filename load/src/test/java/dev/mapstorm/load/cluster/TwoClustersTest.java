package dev.mapstorm.load.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import dev.mapstorm.actors.cluster.NodeSpec;
import dev.mapstorm.load.Version;
import dev.mapstorm.persistence.store.DatabaseAddress;
import dev.mapstorm.persistence.store.EmbeddedDatabase;
import dev.mapstorm.persistence.store.PostgresClaims;
import dev.mapstorm.protocol.cluster.FleetBook;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nodes that do not know of each other and are given the same database. */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class TwoClustersTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final DatabaseAddress database = EmbeddedDatabase.shared().newJournalDatabase();

  /** A node that begins a cluster of its own, at a port that is free. */
  private RunningNode node() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    NodeSpec spec =
        new NodeSpec("127.0.0.1", port, Optional.empty(), List.of(), 1, 10, 4, Version.current());
    return RunningNode.start(
        spec,
        ConfigFactory.empty(),
        database,
        new RunningNode.Ports("127.0.0.1", 0, "127.0.0.1", Optional.empty()),
        ManagementAccess.of("127.0.0.1", null));
  }

  private static String ready(RunningNode node) throws Exception {
    URI ready = URI.create("http://127.0.0.1:%d/ready".formatted(node.managementPort()));
    return HTTP.send(HttpRequest.newBuilder(ready).build(), BodyHandlers.ofString()).body();
  }

  private static void awaitReady(RunningNode node) throws Exception {
    while (!ready(node).equals("ready\n")) {
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }

  /** How often the coordinator's stream was claimed. */
  private long epoch() throws Exception {
    try (PostgresClaims claims = new PostgresClaims(database, "test")) {
      return claims
          .standing(FleetBook.STREAM)
          .toCompletableFuture()
          .get(30, TimeUnit.SECONDS)
          .orElseThrow()
          .epoch();
    }
  }

  @Test
  void theYoungerClusterSaysSoAndEndsAndTheOlderOneDoesNotNotice() throws Exception {
    try (RunningNode older = node()) {
      awaitReady(older);
      try (RunningNode younger = node()) {
        assertThat(younger.awaitEnd()).isFalse();
        assertThat(younger.whyEnded())
            .contains(
                "another cluster uses this database, its coordinator is on %s: give this cluster a"
                        .formatted(older.address())
                    + " database of its own, or let its nodes join the other one");
      }
      assertThat(ready(older)).isEqualTo("ready\n");
      assertThat(older.whyEnded()).isEmpty();
      assertThat(epoch()).isEqualTo(1);
    }
  }

  @Test
  void aClusterThatIsStartedAgainTakesItsDatabaseUp() throws Exception {
    try (RunningNode before = node()) {
      awaitReady(before);
    }
    try (RunningNode after = node()) {
      awaitReady(after);
      assertThat(epoch()).isEqualTo(2);
      assertThat(after.whyEnded()).isEmpty();
    }
  }

  @Test
  void aNodeWhoseCoordinatorWasReplacedFindsOutWithoutWriting() throws Exception {
    try (RunningNode node = node()) {
      awaitReady(node);
      EmbeddedDatabase.execute(
          database, "UPDATE stream_writer SET epoch = epoch + 1, claimed_by = 'node-9:25520'");
      assertThat(node.awaitEnd()).isFalse();
      assertThat(node.whyEnded())
          .contains(
              "a coordinator on node-9:25520 has taken over: this node was taken for lost, or"
                  + " another cluster uses this database");
    }
  }
}
