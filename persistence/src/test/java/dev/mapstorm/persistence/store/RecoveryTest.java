package dev.mapstorm.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueFactory;
import dev.mapstorm.actors.pekko.BatchObserver;
import dev.mapstorm.actors.pekko.Simulation;
import dev.mapstorm.actors.pekko.SimulationResult;
import dev.mapstorm.actors.pekko.SimulationSpec;
import dev.mapstorm.actors.pekko.StoreFailedException;
import dev.mapstorm.actors.pekko.StorePatience;
import dev.mapstorm.actors.pekko.StoreTrouble;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.spec.JournalSpec;
import dev.mapstorm.persistence.replay.Runs;
import dev.mapstorm.persistence.store.FaultyDriver.Failure;
import dev.mapstorm.protocol.IommuMode;
import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.StreamClosed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that are interrupted, or whose store fails, end as if nothing had happened. */
class RecoveryTest {
  private static final int BATCH_EVENTS = 400;
  private static final StorePatience BRIEF =
      new StorePatience(Duration.ofMillis(5), Duration.ofMillis(20), Duration.ofMillis(200));
  private static final AtomicInteger NAMES = new AtomicInteger();

  private static SimulationResult undisturbed;

  @TempDir static Path shared;

  @TempDir Path directory;

  /** A lazy host, with a checkpoint every other batch or so. */
  private static HostSpec host(long checkpointEvents) {
    return Runs.nvme()
        .mode(IommuMode.LAZY)
        .flush(16, 200_000)
        .clients(3)
        .end(500_000)
        .journal(new JournalSpec(true, BATCH_EVENTS, 10_000_000, 2, checkpointEvents))
        .spec();
  }

  @BeforeAll
  static void runUndisturbed() throws Exception {
    SqliteJournal journal = new SqliteJournal(shared.resolve("undisturbed.db"));
    journal.create();
    undisturbed = run(journal.pekkoConfig(), host(0), Integer.MAX_VALUE);
    assertThat(undisturbed.hosts().get(0).batches()).isGreaterThan(10);
  }

  /** Runs a host, until it ends or {@code batches} were written. */
  private static SimulationResult run(Config config, HostSpec spec, int batches) throws Exception {
    return run(config, List.of(spec), batches);
  }

  private static SimulationResult run(Config config, List<HostSpec> hosts, int batches)
      throws Exception {
    CompletableFuture<Simulation> running = new CompletableFuture<>();
    AtomicInteger seen = new AtomicInteger();
    // Stopped from within the batch, while the host has few credits left to run on.
    BatchObserver stopper =
        (events, batch) -> {
          if (seen.incrementAndGet() == batches) {
            running.join().stop();
          }
        };
    SimulationSpec spec =
        new SimulationSpec("run", hosts, 1, config, "", "test", host -> stopper, BRIEF);
    try (Simulation simulation = Simulation.start(spec)) {
      running.complete(simulation);
      return simulation.result().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }
  }

  private SqliteJournal journal() {
    SqliteJournal journal =
        new SqliteJournal(directory.resolve("journal-" + NAMES.incrementAndGet() + ".db"));
    journal.create();
    return journal;
  }

  private static Config faulty(SqliteJournal journal, String plan) {
    String url = "pekko-persistence-jdbc.shared-databases.slick.db.url";
    String driver = "pekko-persistence-jdbc.shared-databases.slick.db.driver";
    Config config = journal.pekkoConfig();
    return config
        .withValue(
            url, ConfigValueFactory.fromAnyRef(FaultyDriver.url(plan, config.getString(url))))
        .withValue(driver, ConfigValueFactory.fromAnyRef(FaultyDriver.class.getName()));
  }

  private static void assertWhole(SqliteJournal journal) {
    journal.check();
    List<byte[]> hashes = new ArrayList<>();
    boolean[] closed = new boolean[1];
    journal
        .reader()
        .forEach(
            0,
            entry -> {
              if (entry instanceof EventBatch batch) {
                hashes.add(batch.hash());
              }
              closed[0] |= entry instanceof StreamClosed;
              return true;
            });
    assertThat(hashes).hasSize((int) undisturbed.hosts().get(0).batches());
    assertThat(hashes.get(hashes.size() - 1)).isEqualTo(undisturbed.hosts().get(0).hash());
    assertThat(closed[0]).isTrue();
  }

  @Test
  void shouldEndWithTheSameHashWithCheckpoints() throws Exception {
    SqliteJournal journal = journal();
    assertThat(run(journal.pekkoConfig(), host(500), Integer.MAX_VALUE).hash())
        .isEqualTo(undisturbed.hash());
    assertWhole(journal);
  }

  @Test
  void shouldGoOnFromWhereverItWasStopped() throws Exception {
    for (long checkpointEvents : new long[] {0, 1, 1_000}) {
      for (int batches : new int[] {1, 2, 5, 9}) {
        SqliteJournal journal = journal();
        HostSpec spec = host(checkpointEvents);
        SimulationResult stopped = run(journal.pekkoConfig(), spec, batches);
        assertThat(stopped.complete()).isFalse();
        SimulationResult resumed = run(journal.pekkoConfig(), spec, Integer.MAX_VALUE);
        assertThat(resumed.complete()).isTrue();
        assertThat(resumed.hash()).isEqualTo(undisturbed.hash());
        assertThat(resumed.events()).isEqualTo(undisturbed.events());
        assertWhole(journal);
      }
    }
  }

  @Test
  void shouldReportTheEndOfARunThatIsComplete() throws Exception {
    SqliteJournal journal = journal();
    run(journal.pekkoConfig(), host(500), Integer.MAX_VALUE);
    SimulationResult again = run(journal.pekkoConfig(), host(500), Integer.MAX_VALUE);
    assertThat(again.hosts().get(0))
        .usingRecursiveComparison()
        .isEqualTo(undisturbed.hosts().get(0));
    assertWhole(journal);
  }

  @Test
  void shouldRefuseToGoOnWithAnotherMachine() throws Exception {
    SqliteJournal journal = journal();
    run(journal.pekkoConfig(), host(0), 3);
    HostSpec other =
        Runs.nvme().journal(new JournalSpec(true, BATCH_EVENTS, 10_000_000, 2, 0)).spec();
    assertThatThrownBy(() -> run(journal.pekkoConfig(), other, Integer.MAX_VALUE))
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("host 0: executed again, batch 0 has other events than the journal");
  }

  /** Of three hosts one has ended, one was interrupted, and one had not begun. */
  @Test
  void shouldGoOnWithEachHostFromWhereItIs() throws Exception {
    SqliteJournal journal = journal();
    List<HostSpec> hosts = List.of(hostNumber(0, 100_000), hostNumber(1, 500_000));
    run(journal.pekkoConfig(), List.of(hosts.get(0)), Integer.MAX_VALUE);
    SimulationResult both = run(journal.pekkoConfig(), hosts, 3);
    assertThat(both.complete()).isFalse();
    assertThat(both.hosts().get(0).complete()).isTrue();
    assertThat(both.hosts().get(1).endNs()).isPositive();

    List<HostSpec> three = List.of(hosts.get(0), hosts.get(1), hostNumber(2, 200_000));
    SimulationResult all = run(journal.pekkoConfig(), three, Integer.MAX_VALUE);

    SqliteJournal other = journal();
    SimulationResult expected = run(other.pekkoConfig(), three, Integer.MAX_VALUE);
    assertThat(all.complete()).isTrue();
    assertThat(all.hash()).isEqualTo(expected.hash());
    journal.check();
  }

  private static HostSpec hostNumber(int number, long endNs) {
    return Runs.nvme()
        .host(number)
        .seed(number)
        .end(endNs)
        .journal(new JournalSpec(true, BATCH_EVENTS, 10_000_000, 2, 900))
        .spec();
  }

  /** Every write of a small run fails once, before and after it is durable. */
  @Test
  void shouldSurviveTheFailureOfAnyWrite() throws Exception {
    HostSpec spec = host(900);
    long writes = writesOf(spec);
    StringBuilder log = new StringBuilder();
    for (Failure failure : Failure.values()) {
      for (int n = 1; n <= writes; n++) {
        String name = failure + "-" + n;
        FaultyDriver.Plan plan = FaultyDriver.plan(name, n, n, failure);
        SqliteJournal journal = journal();
        SimulationResult result = run(faulty(journal, name), spec, Integer.MAX_VALUE);
        assertThat(result.hash()).as(name).isEqualTo(undisturbed.hash());
        assertWhole(journal);
        log.append("write %d of %d fails %s it is durable: ".formatted(n, writes, failure))
            .append("%d writes, hash %s\n".formatted(plan.writes(), result.hash()));
      }
    }
    keep("fault-campaign.log", log);
  }

  private long writesOf(HostSpec spec) throws Exception {
    FaultyDriver.Plan none = FaultyDriver.plan("none", 0, 0, Failure.BEFORE);
    run(faulty(journal(), "none"), spec, Integer.MAX_VALUE);
    assertThat(none.writes()).isGreaterThan(undisturbed.hosts().get(0).batches() + 2);
    return none.writes();
  }

  @Test
  void shouldGiveUpOnAStoreThatStaysAwayAndGoOnLater() throws Exception {
    HostSpec spec = host(900);
    for (int n : new int[] {1, 2, 7}) {
      String name = "away-" + n;
      FaultyDriver.plan(name, n, Long.MAX_VALUE, Failure.BEFORE);
      SqliteJournal journal = journal();
      assertThatThrownBy(() -> run(faulty(journal, name), spec, Integer.MAX_VALUE))
          .hasCauseInstanceOf(StoreFailedException.class)
          .hasMessageContaining("the journal of host 0 cannot be written, the store failed")
          .hasMessageContaining("fails, nothing is written");
      assertThat(run(journal.pekkoConfig(), spec, Integer.MAX_VALUE).hash())
          .isEqualTo(undisturbed.hash());
      assertWhole(journal);
    }
  }

  private static Config with(SqliteJournal journal, String property, int value) {
    return journal
        .pekkoConfig()
        .withValue(
            "pekko-persistence-jdbc.shared-databases.slick.db.properties." + property,
            ConfigValueFactory.fromAnyRef(value));
  }

  /** Pages of the journal that was made last. */
  private int pages() throws Exception {
    try (Connection connection = DriverManager.getConnection(newestUrl());
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("PRAGMA page_count")) {
      return row.getInt(1);
    }
  }

  private String newestUrl() {
    return "jdbc:sqlite:" + directory.resolve("journal-" + NAMES.get() + ".db");
  }

  @Test
  void shouldGoOnWhenAFullDatabaseHasRoomAgain() throws Exception {
    HostSpec spec = host(900);
    SqliteJournal journal = journal();
    assertThatThrownBy(
            () -> run(with(journal, "max_page_count", pages() + 1), spec, Integer.MAX_VALUE))
        .hasCauseInstanceOf(StoreFailedException.class)
        .hasMessageContaining("the disk is full: ")
        .hasMessageContaining("database or disk is full");
    assertThat(journal.reader().lastBatch(0)).isPresent();
    assertThat(run(journal.pekkoConfig(), spec, Integer.MAX_VALUE).hash())
        .isEqualTo(undisturbed.hash());
    assertWhole(journal);
  }

  @Test
  void shouldWaitForADatabaseThatIsAwayForAWhile() throws Exception {
    SqliteJournal journal = journal();
    StorePatience patient =
        new StorePatience(Duration.ofMillis(50), Duration.ofMillis(200), Duration.ofMinutes(1));
    CountDownLatch some = new CountDownLatch(3);
    CountDownLatch away = new CountDownLatch(1);
    // The entity waits here for the database to be taken away: it has batches left to write then.
    BatchObserver stopsBehindSome =
        (events, batch) -> {
          some.countDown();
          if (some.getCount() == 0) {
            awaitQuietly(away);
          }
        };
    try (Simulation simulation =
            Simulation.start(
                new SimulationSpec(
                    "run",
                    List.of(host(900)),
                    1,
                    with(journal, "busy_timeout", 20),
                    "",
                    "test",
                    host -> stopsBehindSome,
                    patient));
        Connection other = DriverManager.getConnection(newestUrl());
        Statement statement = other.createStatement()) {
      assertThat(some.await(30, TimeUnit.SECONDS)).isTrue();
      statement.execute("PRAGMA busy_timeout = 30000");
      statement.execute("BEGIN EXCLUSIVE");
      away.countDown();
      assertThat(trouble(simulation).reason()).contains("locked");
      statement.execute("ROLLBACK");
      assertThat(simulation.result().toCompletableFuture().get(60, TimeUnit.SECONDS).hash())
          .isEqualTo(undisturbed.hash());
    }
    assertWhole(journal);
  }

  @Test
  void shouldSayWhatHoldsTheClockBackAndStopMeanwhile() throws Exception {
    FaultyDriver.plan("held", 4, Long.MAX_VALUE, Failure.BEFORE);
    StorePatience patient =
        new StorePatience(Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofMinutes(5));
    try (Simulation simulation =
        Simulation.start(
            new SimulationSpec(
                "run",
                List.of(host(900)),
                1,
                faulty(journal(), "held"),
                "",
                "test",
                host -> (events, batch) -> {},
                patient))) {
      assertThat(trouble(simulation).reason()).contains("write 4 fails");
      assertThatThrownBy(() -> simulation.result().toCompletableFuture().get(1, TimeUnit.SECONDS))
          .isInstanceOf(TimeoutException.class);
      simulation.stop();
      assertThatThrownBy(() -> simulation.result().toCompletableFuture().get(20, TimeUnit.SECONDS))
          .hasCauseInstanceOf(StoreFailedException.class)
          .hasMessageContaining("it was stopped while the store failed");
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await(60, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The trouble that a run has, once it has some. */
  private static StoreTrouble trouble(Simulation simulation) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    Optional<StoreTrouble> trouble = simulation.progress().trouble();
    while (trouble.isEmpty() && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(5);
      trouble = simulation.progress().trouble();
    }
    return trouble.orElseThrow();
  }

  private static void keep(String name, CharSequence log) throws IOException {
    Files.writeString(Files.createDirectories(Path.of("target")).resolve(name), log);
  }
}
