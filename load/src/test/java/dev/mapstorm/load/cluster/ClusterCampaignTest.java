package dev.mapstorm.load.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.pekko.SimulationResult;
import dev.mapstorm.load.Version;
import dev.mapstorm.load.run.Runner;
import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.load.scenario.ScenarioLoader;
import dev.mapstorm.persistence.store.DatabaseAddress;
import dev.mapstorm.persistence.store.EmbeddedDatabase;
import dev.mapstorm.persistence.store.PostgresJournal;
import dev.mapstorm.persistence.store.SqliteJournal;
import dev.mapstorm.protocol.cluster.CoordinatorReply.FleetSummary;
import dev.mapstorm.protocol.cluster.HostMove;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * A fleet on nodes that are processes of their own ends with the hash that it has on one node
 * without a cluster, whatever is done to nodes and database meanwhile: that nodes join, leave, die,
 * are cut off or freeze, and that the database is started again.
 *
 * <p>{@code -Dmapstorm.cluster-kills=N} sets the number of kills of the campaign (default {@value
 * #DEFAULT_KILLS}), {@code -Dmapstorm.cluster-seed=N} repeats their distances, as far as wall time
 * can be repeated. The log is in {@code target/cluster-campaign.log}.
 */
@EnabledOnOs(OS.LINUX)
class ClusterCampaignTest {
  private static final int DEFAULT_KILLS = 1;
  private static final int SIGTERM_CODE = 128 + 15;
  private static final int KILLS = Integer.getInteger("mapstorm.cluster-kills", DEFAULT_KILLS);
  private static final long SEED = Long.getLong("mapstorm.cluster-seed", System.nanoTime());
  private static final List<String> LOG = new ArrayList<>();

  @TempDir static Path folder;

  private static EmbeddedDatabase server;
  private static DatabaseAddress database;
  private static Scenario scenario;
  private static SimulationResult alone;

  /** Long enough for processes to start meanwhile, and for lost ones to be given up. */
  private static Scenario longer;

  private static SimulationResult longerAlone;

  private static Scenario fleet(String duration) {
    return new ScenarioLoader(Version.current())
        .set("hosts=12")
        .set("duration=" + duration)
        .set("journal.checkpoint-events=100000")
        .load("fleet");
  }

  @BeforeAll
  static void runItAlone() throws Exception {
    server = EmbeddedDatabase.start();
    database = server.newJournalDatabase();
    scenario = fleet("100ms");
    alone = alone(scenario);
    longer = fleet("320ms");
    longerAlone = alone(longer);
    log("seed %d; %d hosts, %,d events, hash %s", SEED, 12, alone.events(), alone.hash());
  }

  private static SimulationResult alone(Scenario of) throws Exception {
    SqliteJournal journal =
        new SqliteJournal(
            Files.createTempFile(folder, "alone", ".d")
                .resolveSibling("alone-" + of.durationNs() + ".db"));
    journal.create();
    try (Runner runner =
        new Runner(
            of,
            "alone",
            Version.current(),
            2,
            journal.pekkoConfig(),
            host -> (events, batch) -> {})) {
      return runner.await(progress -> {});
    }
  }

  @AfterAll
  static void keepLog() throws IOException {
    server.close();
    Files.write(Files.createDirectories(Path.of("target")).resolve("cluster-campaign.log"), LOG);
  }

  private static void log(String line, Object... arguments) {
    LOG.add(line.formatted(arguments));
  }

  private static ClusterTrial trial(String name, int size, int shards) throws IOException {
    return new ClusterTrial(database, server.credentials(), folder.resolve(name), size, shards);
  }

  private static void assertSameBits(ClusterTrial trial, String run, SimulationResult expected)
      throws Exception {
    FleetSummary end = trial.awaitEnd();
    assertThat(end.failure()).isEmpty();
    assertThat(end.hash()).isEqualTo(expected.hash());
    assertThat(end.events()).isEqualTo(expected.events());
    assertWhole(run, expected);
    log("%s: complete after %.1f s, hash %s", run, trial.seconds(), end.hash());
  }

  /** What the database holds is what one node wrote, verified entry by entry. */
  private static void assertWhole(String run, SimulationResult expected) {
    var reader = new PostgresJournal(database, run).reader();
    for (var host : expected.hosts()) {
      long[] entries = new long[1];
      reader.forEach(
          host.host(),
          entry -> {
            entries[0]++;
            return true;
          });
      assertThat(entries[0]).isEqualTo(host.batches() + 2);
      assertThat(reader.lastBatch(host.host()).orElseThrow().hash()).isEqualTo(host.hash());
    }
  }

  private static void logMoves(String run, String why, HostMove[] moves) {
    if (moves.length == 0) {
      log("%s: no host moved (%s)", run, why);
      return;
    }
    long[] gaps = Arrays.stream(moves).mapToLong(HostMove::gapMs).sorted().toArray();
    log(
        "%s: %d moves (%s), a host paused for %.1f s (median), %.1f s (worst); %,d events executed"
            + " again",
        run,
        moves.length,
        why,
        gaps[gaps.length / 2] / 1e3,
        gaps[gaps.length - 1] / 1e3,
        Arrays.stream(moves).mapToLong(HostMove::redone).sum());
  }

  @Test
  void shouldEndWithTheSameHashWhenNodesJoinAndLeaveAndTheDatabaseIsStartedAgain()
      throws Exception {
    try (ClusterTrial trial = trial("joins", 3, 7)) {
      trial.start(1);
      trial.submit(longer, "joins");
      trial.awaitEvents(alone.events() / 10);
      trial.start(2, 3);
      trial.awaitMoves(1);
      log("joins: nodes 2 and 3 joined, hosts moved after %.1f s", trial.seconds());
      logMoves("joins", "joined", trial.moves());
      startDatabaseAgain(trial);
      int before = trial.moves().length;
      trial.nodes().node(1).leave();
      assertThat(trial.nodes().node(1).exitCode()).isIn(0, SIGTERM_CODE);
      HostMove[] all = awaitEndOfMoves(trial, before);
      logMoves("joins", "node 1 left", Arrays.copyOfRange(all, before, all.length));
      assertSameBits(trial, "joins", longerAlone);
    }
  }

  private static void startDatabaseAgain(ClusterTrial trial) throws Exception {
    server.stop();
    log("joins: the database's server is stopped after %.1f s", trial.seconds());
    TimeUnit.SECONDS.sleep(4);
    server.startAgain();
    log("joins: it is started again after %.1f s", trial.seconds());
  }

  private static HostMove[] awaitEndOfMoves(ClusterTrial trial, int before) throws Exception {
    trial.awaitMembers(2);
    trial.awaitMoves(before);
    TimeUnit.SECONDS.sleep(2);
    return trial.moves();
  }

  @Test
  void shouldEndWithTheSameHashWhenANodeIsCutOffAndAnotherFreezes() throws Exception {
    try (ClusterTrial trial = trial("apart", 3, 30)) {
      trial.start(1, 2, 3);
      trial.submit(longer, "apart");
      trial.awaitEvents(alone.events() / 10);
      int cut = trial.coordinator();
      trial.cutOff(cut);
      log("apart: node %d, the coordinator's, is cut off after %.1f s", cut, trial.seconds());
      assertThat(trial.awaitExit(cut)).isEqualTo(1);
      log("apart: it ended by itself after %.1f s", trial.seconds());
      trial.cutOff();
      trial.start(cut);
      trial.awaitMembers(3);
      int frozen = cut == 3 ? 2 : 3;
      trial.freeze(frozen);
      log("apart: node %d freezes after %.1f s", frozen, trial.seconds());
      trial.awaitMembers(2);
      trial.thaw(frozen);
      log("apart: it goes on after %.1f s, when the others have given it up", trial.seconds());
      assertThat(trial.awaitExit(frozen)).isEqualTo(1);
      assertSameBits(trial, "apart", longerAlone);
      logMoves("apart", "a node cut off, a node frozen", trial.moves());
    }
  }

  @Test
  void shouldEndWithTheSameHashWhenNodesAreKilled() throws Exception {
    Random random = new Random(SEED);
    int kills = 0;
    List<HostMove> moves = new ArrayList<>();
    for (int round = 1; kills < KILLS; round++) {
      String run = "kills-" + round;
      try (ClusterTrial trial = trial(run, 3, 30)) {
        trial.start(1, 2, 3);
        trial.submit(scenario, run);
        int most = Math.min(KILLS - kills, 2);
        for (int i = 1; i <= most; i++) {
          trial.awaitEvents(alone.events() * (i * 3L - 2) / 10 + random.nextInt(200_000));
          int node = 1 + random.nextInt(3);
          kill(trial, run, node, ++kills);
          if (i < most) {
            TimeUnit.MILLISECONDS.sleep(random.nextInt(12_000));
            trial.start(node);
            trial.awaitMembers(3);
            log("%s: node %d is a member again after %.1f s", run, node, trial.seconds());
          }
        }
        assertSameBits(trial, run, alone);
        moves.addAll(List.of(trial.moves()));
        logMoves(run, "killed", trial.moves());
      }
    }
    logMoves("all", "killed", moves.toArray(HostMove[]::new));
    log("%d kills, all hashes equal", kills);
  }

  private static void kill(ClusterTrial trial, String run, int node, int number) throws Exception {
    boolean coordinates = trial.coordinator() == node;
    trial.nodes().node(node).kill();
    log(
        "%s: kill %d, node %d%s after %.1f s",
        run, number, node, coordinates ? ", the coordinator's," : "", trial.seconds());
  }
}
