package dev.mapstorm.persistence.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.host.RandomHosts;
import dev.mapstorm.actors.pekko.Simulation;
import dev.mapstorm.actors.pekko.SimulationSpec;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.persistence.store.SqliteJournal;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What holds of a host in a plain loop holds of one that actors ran and a store kept. */
class JournaledStateTest {
  @TempDir private Path directory;

  @Test
  void shouldFoldAJournalToWhatTheModelsHoldAtItsEnd() throws Exception {
    List<HostSpec> hosts =
        List.of(RandomHosts.host(0, 11), RandomHosts.host(1, 13), RandomHosts.host(2, 14));
    SqliteJournal journal = new SqliteJournal(directory.resolve("journal.db"));
    journal.create();
    SimulationSpec run =
        new SimulationSpec(
            "run", hosts, 2, journal.pekkoConfig(), "", "test", host -> (events, batch) -> {});
    try (Simulation simulation = Simulation.start(run)) {
      simulation.result().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
    for (HostSpec host : hosts) {
      HostFold fold = ComparedRun.foldOf(host);
      journal.reader().replay(host.host(), fold);
      assertThat(new ComparedRun(host).endAgainst(fold.state())).isEmpty();
      assertThat(fold.state().events()).isGreaterThan(100);
    }
  }
}
