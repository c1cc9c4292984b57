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
import dev.mapstorm.protocol.event.StreamCheckpoint;
import dev.mapstorm.protocol.event.StreamId;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The journal in PostgreSQL is the one in SQLite, kept elsewhere. */
class PostgresJournalTest {
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
        postgres.checkpoints().newest(stream, Long.MAX_VALUE).orElseThrow();
    assertThat(checkpoint.position())
        .usingRecursiveComparison()
        .isEqualTo(sqlite.checkpoints().newest(stream, Long.MAX_VALUE).orElseThrow().position());
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
}
