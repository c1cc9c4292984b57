package dev.mapstorm.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import dev.mapstorm.actors.pekko.Simulation;
import dev.mapstorm.actors.pekko.SimulationResult;
import dev.mapstorm.actors.pekko.SimulationSpec;
import dev.mapstorm.actors.pekko.StorePatience;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.spec.JournalSpec;
import dev.mapstorm.persistence.replay.Runs;
import dev.mapstorm.protocol.event.JournalEntry;
import dev.mapstorm.protocol.event.StreamCheckpoint;
import dev.mapstorm.protocol.event.StreamId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The journal in PostgreSQL is the one in SQLite, kept elsewhere. */
class PostgresJournalTest {
  private static final int STREAMS = 16;

  private static DatabaseAddress address;

  @TempDir private Path directory;

  @BeforeAll
  static void open() {
    address = EmbeddedDatabase.shared().newJournalDatabase();
  }

  private static SimulationResult run(JournalStore store, String id) throws Exception {
    HostSpec host =
        Runs.nvme().clients(3).journal(new JournalSpec(true, 400, 10_000_000, 2, 3000)).spec();
    SimulationSpec spec =
        new SimulationSpec(
            id,
            List.of(host),
            1,
            store.pekkoConfig(),
            "",
            "test",
            each -> (events, batch) -> {},
            StorePatience.DEFAULT);
    try (Simulation simulation = Simulation.start(spec)) {
      return simulation.result().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }
  }

  @Test
  void shouldKeepOfARunWhatSqliteKeeps() throws Exception {
    SqliteJournal sqlite = new SqliteJournal(directory.resolve("journal.db"));
    sqlite.create();
    PostgresJournal postgres = new PostgresJournal(address, "whole");
    postgres.create();

    SimulationResult inSqlite = run(sqlite, "whole");
    SimulationResult inPostgres = run(postgres, "whole");

    assertThat(inPostgres.hash()).isEqualTo(inSqlite.hash());
    assertThat(SmallJournal.read(postgres.reader())).isEqualTo(SmallJournal.read(sqlite.reader()));
    assertThat(JournalEnds.of(postgres.reader()).hash()).isEqualTo(inSqlite.hash());
    StreamId stream = new StreamId("whole", 0);
    StreamCheckpoint checkpoint =
        postgres.checkpoints().newest(stream, Long.MAX_VALUE, passed -> {}).orElseThrow();
    assertThat(checkpoint.position())
        .usingRecursiveComparison()
        .isEqualTo(
            sqlite
                .checkpoints()
                .newest(stream, Long.MAX_VALUE, passed -> {})
                .orElseThrow()
                .position());
  }

  @Test
  void shouldKeepTheRunsOfADatabaseApart() throws Exception {
    List<String> ids = List.of("apart", "apart-", "apart0", "APART", "apart~");
    for (String id : ids) {
      PostgresJournal journal = new PostgresJournal(address, id);
      journal.create();
      ActorTestKit kit =
          ActorTestKit.create(journal.pekkoConfig().withFallback(ConfigFactory.load()));
      int host = ids.indexOf(id);
      EntryWriter.write(
          kit.system(), new StreamId(id, host), new SampleStream(host, 1 + host, 20).entries);
      kit.shutdownTestKit();
    }

    for (String id : ids) {
      int host = ids.indexOf(id);
      JournalReader reader = new PostgresJournal(address, id).reader();
      assertThat(reader.run()).contains(id);
      assertThat(SmallJournal.read(reader))
          .isEqualTo(
              Map.of(host, SmallJournal.bytes(new SampleStream(host, 1 + host, 20).entries)));
      assertThatThrownBy(() -> new PostgresJournal(address, id).create())
          .isInstanceOf(StoreException.class)
          .hasMessage("the database %s has a run %s already".formatted(address, id));
    }
    assertThat(new PostgresJournal(address, "apar").reader().hosts()).isEmpty();
  }

  /** Writes of many streams come to the database at the same time. */
  @Test
  void shouldRefuseTheWritesOfOneStreamOnly() throws Exception {
    PostgresJournal journal = new PostgresJournal(address, "crowd");
    ActorTestKit kit =
        ActorTestKit.create(journal.pekkoConfig().withFallback(ConfigFactory.load()));
    ExecutorService threads = Executors.newFixedThreadPool(STREAMS);
    try (PostgresClaims claims = new PostgresClaims(address, "somebody else")) {
      claims.claim(new StreamId("crowd", 0).text()).toCompletableFuture().get(30, TimeUnit.SECONDS);
      List<Future<?>> writers = new ArrayList<>();
      for (int i = 0; i < STREAMS; i++) {
        int host = i;
        writers.add(
            threads.submit(
                () -> {
                  List<JournalEntry> entries = new SampleStream(host, 30, 5).entries;
                  Duration patience = Duration.ofSeconds(host == 0 ? 1 : 20);
                  EntryWriter.write(kit.system(), new StreamId("crowd", host), entries, patience);
                  return null;
                }));
      }

      // The asking side only hears that no answer came.
      assertThatThrownBy(() -> writers.get(0).get(60, TimeUnit.SECONDS)).isNotNull();
      for (Future<?> writer : writers.subList(1, STREAMS)) {
        writer.get(60, TimeUnit.SECONDS);
      }
    } finally {
      threads.shutdown();
      kit.shutdownTestKit();
    }

    JournalReader reader = journal.reader();
    assertThat(reader.hosts()).hasSize(STREAMS - 1).doesNotContain(0);
    assertThat(JournalEnds.of(reader).complete()).isTrue();
  }
}
