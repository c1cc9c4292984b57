package dev.mapstorm.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.mapstorm.actors.pekko.Simulation;
import dev.mapstorm.actors.pekko.SimulationResult;
import dev.mapstorm.actors.pekko.SimulationSpec;
import dev.mapstorm.actors.pekko.StorePatience;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.spec.JournalSpec;
import dev.mapstorm.persistence.replay.Runs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run whose database goes away and comes back waits, and ends as if nothing had happened. */
class DatabaseAwayTest {
  private static final int BATCHES_BEFORE = 4;
  private static final StorePatience PATIENCE =
      new StorePatience(Duration.ofMillis(50), Duration.ofMillis(500), Duration.ofMinutes(1));

  @TempDir static Path directory;

  private static EmbeddedDatabase database;
  private static SimulationResult undisturbed;

  @BeforeAll
  static void runUndisturbed() throws Exception {
    database = EmbeddedDatabase.start();
    SqliteJournal journal = new SqliteJournal(directory.resolve("undisturbed.db"));
    journal.create();
    undisturbed = run("undisturbed", journal.pekkoConfig(), () -> {}, new AtomicBoolean());
    assertThat(undisturbed.hosts().get(0).batches()).isGreaterThan(3 * BATCHES_BEFORE);
  }

  @AfterAll
  static void stop() {
    database.close();
  }

  /**
   * Runs a host.
   *
   * @param disturb is called behind the first few batches, while more are on their way
   * @param held is set once the run waits for its store
   */
  private static SimulationResult run(
      String id, Config config, Runnable disturb, AtomicBoolean held) throws Exception {
    HostSpec host =
        Runs.nvme().clients(3).journal(new JournalSpec(true, 400, 10_000_000, 2, 3000)).spec();
    AtomicInteger seen = new AtomicInteger();
    SimulationSpec spec =
        new SimulationSpec(
            id,
            List.of(host),
            1,
            config,
            "",
            "test",
            each ->
                (events, batch) -> {
                  if (seen.incrementAndGet() == BATCHES_BEFORE) {
                    disturb.run();
                  }
                },
            PATIENCE);
    try (Simulation simulation = Simulation.start(spec)) {
      CompletableFuture<SimulationResult> result = simulation.result().toCompletableFuture();
      while (!result.isDone()) {
        held.compareAndSet(false, simulation.progress().trouble().isPresent());
        TimeUnit.MILLISECONDS.sleep(5);
      }
      return result.get();
    }
  }

  /** Takes the database away, and gives it back once the run has noticed. */
  private static void shouldEndAsIfNothingHadHappened(
      String id, Config config, Runnable away, Runnable back) throws Exception {
    PostgresJournal journal = new PostgresJournal(database.address(id), id);
    AtomicBoolean held = new AtomicBoolean();
    CompletableFuture<Void> returned = new CompletableFuture<>();
    Runnable disturb =
        () -> {
          away.run();
          CompletableFuture.runAsync(
                  () -> {
                    while (!held.get()) {
                      LockSupport.parkNanos(1_000_000);
                    }
                    back.run();
                  },
                  task -> new Thread(task, "comes back").start())
              .whenComplete((done, failure) -> returned.complete(null));
        };

    SimulationResult result = run(id, config.withFallback(journal.pekkoConfig()), disturb, held);

    returned.get(30, TimeUnit.SECONDS);
    assertThat(result.complete()).isTrue();
    assertThat(result.hash()).isEqualTo(undisturbed.hash());
    assertThat(JournalEnds.of(journal.reader()).hash()).isEqualTo(undisturbed.hash());
    journal.reader().forEach(0, entry -> true);
  }

  private static void makeDatabase(String name) {
    EmbeddedDatabase.execute(database.address("postgres"), "CREATE DATABASE " + name);
    new PostgresSchema(database.address(name)).create();
  }

  @Test
  void shouldWaitForADatabaseThatIsRestarted() throws Exception {
    makeDatabase("restarted");

    shouldEndAsIfNothingHadHappened(
        "restarted", ConfigFactory.empty(), database::stop, database::startAgain);
  }

  @Test
  void shouldWaitForADatabaseThatHangs() throws Exception {
    makeDatabase("hung");
    // A silent server is given up sooner than in production, so that the test does not wait.
    String slick = "pekko-persistence-jdbc.shared-databases.slick.db.";
    Config impatient =
        ConfigFactory.parseString(
            slick + "properties.socketTimeout = \"1\"\n" + slick + "connectionTimeout = 1s");

    shouldEndAsIfNothingHadHappened("hung", impatient, database::pause, database::resume);
  }
}
