package dev.mapstorm.load.cluster;

import static dev.mapstorm.load.cli.CommandLineFixture.mapstorm;
import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import dev.mapstorm.actors.cluster.NodeSpec;
import dev.mapstorm.load.Version;
import dev.mapstorm.load.cli.CommandLineFixture.Ran;
import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.load.scenario.ScenarioLoader;
import dev.mapstorm.persistence.store.DatabaseAddress;
import dev.mapstorm.persistence.store.EmbeddedDatabase;
import dev.mapstorm.persistence.store.PostgresJournal;
import dev.mapstorm.persistence.store.StoredRuns;
import dev.mapstorm.protocol.cluster.CoordinatorReply.FleetSummary;
import dev.mapstorm.protocol.cluster.CoordinatorReply.Hosts;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Fleets that nobody can stop through a node, since none runs. */
class StoredFleetsTest {
  private static final String NOBODY = "127.0.0.1:1";
  private static final long LIMIT_NS = 60_000_000_000L;

  private DatabaseAddress database;

  @BeforeEach
  void make() {
    database = EmbeddedDatabase.shared().newJournalDatabase();
  }

  private RunningNode node() {
    NodeSpec spec =
        new NodeSpec("127.0.0.1", 0, Optional.empty(), List.of(), 1, 10, 4, Version.current());
    return RunningNode.start(
        spec,
        ConfigFactory.empty(),
        database,
        new RunningNode.Ports("127.0.0.1", 0, "127.0.0.1", Optional.empty()),
        ManagementAccess.of("127.0.0.1", null));
  }

  private static ClusterClient client(RunningNode node) {
    return new ClusterClient("127.0.0.1:" + node.managementPort(), null);
  }

  private static Hosts await(ClusterClient client, String run, Predicate<FleetSummary> wanted)
      throws Exception {
    long until = System.nanoTime() + LIMIT_NS;
    while (true) {
      try {
        Hosts hosts = client.fleet(run, 0, 10);
        if (wanted.test(hosts.fleet())) {
          return hosts;
        }
      } catch (NodeUnavailableException e) {
        // It has no coordinator yet.
      }
      assertThat(System.nanoTime()).as(run).isLessThan(until);
      Thread.sleep(50);
    }
  }

  private static void awaitReady(RunningNode node) throws Exception {
    HttpRequest ready =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:%d/ready".formatted(node.managementPort())))
            .build();
    long until = System.nanoTime() + LIMIT_NS;
    while (HttpClient.newHttpClient().send(ready, BodyHandlers.discarding()).statusCode() != 200) {
      assertThat(System.nanoTime()).as("ready").isLessThan(until);
      Thread.sleep(50);
    }
  }

  /** Of a fleet that would run for hours, some hosts of which have begun. */
  private void begin(RunningNode node, String run) throws Exception {
    ScenarioLoader loader = new ScenarioLoader(Version.current());
    loader.set("hosts=3");
    loader.set("duration=1000s");
    Scenario endless = loader.loadForCluster("fleet");
    ClusterClient client = client(node);
    // It may wait for the claim of the one before it to fall silent.
    awaitReady(node);
    SubmittedFleet.submit(List.of(client), endless, run, System::nanoTime);
    await(client, run, fleet -> fleet.running() == 3 && fleet.events() > 0);
  }

  private Ran stop(String run) {
    return mapstorm("cluster", "stop", "--run", run, "--node", NOBODY, "--db", database.url());
  }

  private Ran prune(String run) {
    return mapstorm("db", "prune", run, "--yes", "--force", "--db", database.url());
  }

  @Test
  void aFleetThatIsStoppedInTheDatabaseIsNotGoneOnWith() throws Exception {
    try (RunningNode node = node()) {
      begin(node, "endless");
      Ran refused = stop("endless");
      assertThat(refused.code()).isOne();
      assertThat(refused.err())
          .contains("no node answers at http://" + NOBODY)
          .contains("; but nodes are connected to the database ", "give one of them with --node")
          .hasLineCount(1);
    }
    assertThat(stop("nothing").err()).isEqualTo("mapstorm: there is no run nothing\n");
    Ran stopped = stop("endless");
    assertThat(stopped.err()).isEmpty();
    assertThat(stopped.out())
        .isEqualTo("endless is stopped in the database %s; no node runs\n".formatted(database));
    // Said twice, it is no mistake.
    assertThat(stop("endless").code()).isZero();

    try (RunningNode node = node()) {
      Hosts hosts = await(client(node), "endless", fleet -> true);
      assertThat(hosts.fleet().state()).isEqualTo("stopped");
      assertThat(hosts.hosts()).allMatch(host -> host.state().equals("waiting"));
      begin(node, "other");
      assertThat(client(node).fleet("endless", 0, 10).fleet().running()).isZero();
    }
    assertThat(new PostgresJournal(database, "endless").exists()).isTrue();
  }

  @Test
  void aFleetThatIsRemovedWhileNoNodeRunsStaysAway() throws Exception {
    try (RunningNode node = node()) {
      begin(node, "endless");
      Ran refused = prune("endless");
      assertThat(refused.code()).isOne();
      assertThat(refused.err())
          .isEqualTo(
              "mapstorm: run endless is a fleet that a cluster continues, and nothing was"
                  + " removed: stop it first, mapstorm cluster stop --run endless\n");
    }
    Ran pruned = prune("endless");
    assertThat(pruned.err()).isEmpty();
    assertThat(pruned.code()).isZero();

    try (RunningNode node = node()) {
      begin(node, "other");
      FleetSummary removed = client(node).fleet("endless", 0, 10).fleet();
      assertThat(removed.state()).isEqualTo("stopped");
      assertThat(removed.running()).isZero();
    }
    assertThat(new StoredRuns(database).status().runs())
        .extracting(run -> run.id())
        .containsExactly("other");
    fleetsWithoutRows();
  }

  /** One that was removed and is over, one that no node has begun, and none at all. */
  private void fleetsWithoutRows() {
    for (String table : List.of("event_journal", "snapshot", "stream_writer")) {
      EmbeddedDatabase.execute(
          database, "DELETE FROM %s WHERE persistence_id LIKE 'other|%%'".formatted(table));
    }
    assertThat(prune("other"))
        .isEqualTo(
            new Ran(0, "fleet other has no rows; it is stopped, and no node begins it\n", ""));
    for (String run : List.of("endless", "other")) {
      assertThat(prune(run)).isEqualTo(new Ran(0, "fleet %s has no rows\n".formatted(run), ""));
    }
    assertThat(prune("nothing")).isEqualTo(new Ran(1, "", "mapstorm: there is no run nothing\n"));
  }
}
