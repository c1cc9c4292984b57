package dev.mapstorm.load.cli;

import static dev.mapstorm.load.cli.CommandLineFixture.mapstorm;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mapstorm.load.cli.CommandLineFixture.Ran;
import dev.mapstorm.persistence.store.RunDirectory;
import dev.mapstorm.persistence.store.RunLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Interrupted runs go on from the command line; checkpoints are used to verify, too. */
class ResumeCommandTest {
  @TempDir static Path folder;

  @TempDir Path own;

  private static JsonNode report;

  private Path run;

  @BeforeAll
  static void runOnce() {
    report =
        mapstorm(
                "run",
                "nvme-4k",
                "--duration",
                "2ms",
                "--set",
                "journal.batch-events=1000",
                "--set",
                "journal.checkpoint-events=10000",
                "--json",
                "--out",
                folder.resolve("whole").toString())
            .json();
  }

  /** A copy of the run without the last entries of its journal, as if it had been killed there. */
  @BeforeEach
  void interrupt() throws IOException, SQLException {
    run = Files.createDirectories(own.resolve("run"));
    for (Path file : RunDirectory.open(folder.resolve("whole")).files()) {
      Files.copy(file, run.resolve(file.getFileName()));
    }
    Files.delete(run.resolve("report.json"));
    execute("DELETE FROM event_journal WHERE sequence_number > 16");
    execute("DELETE FROM snapshot WHERE sequence_number > 16");
  }

  private void execute(String sql) throws SQLException {
    try (Connection journal =
            DriverManager.getConnection("jdbc:sqlite:" + run.resolve("journal.db"));
        Statement statement = journal.createStatement()) {
      statement.execute(sql);
    }
  }

  private Ran resume() {
    return mapstorm("resume", run.toString(), "--json");
  }

  private static JsonNode withoutWall(JsonNode report) {
    return ((ObjectNode) report.deepCopy()).without("wall");
  }

  @Test
  void anInterruptedRunEndsAsIfItHadNotBeen() throws IOException {
    assertThat(mapstorm("runs", own.toString()).out()).contains("interrupted");

    Ran resumed = resume();

    assertThat(resumed.code()).as(resumed.err()).isZero();
    assertThat(resumed.json()).isEqualTo(withoutWall(report));
    assertThat(Files.readString(run.resolve("report.json"))).isEqualTo(resumed.out());
    assertThat(mapstorm("verify", run.toString()).code()).isZero();
  }

  @Test
  void aRunThatIsCompleteIsOnlyReportedOn() throws IOException {
    resume();
    Files.writeString(run.resolve("report.json"), "{\"kept\": true}");
    Files.writeString(run.resolve("scenario.conf"), "trace = \"gone.txt\"");

    assertThat(resume().json()).isEqualTo(withoutWall(report));
    assertThat(run.resolve("report.json")).hasContent("{\"kept\": true}");
  }

  @Test
  void aRunThatWasKilledBeforeItsReportGetsIt() throws IOException {
    resume();
    Files.delete(run.resolve("report.json"));

    assertThat(run.resolve("report.json")).doesNotExist();
    assertThat(resume().out()).isEqualTo(Files.readString(run.resolve("report.json")));
  }

  @Test
  void aRunGoesOnWithoutItsCheckpoints() throws SQLException {
    execute("DELETE FROM snapshot");

    assertThat(resume().json()).isEqualTo(withoutWall(report));
  }

  @Test
  void aDamagedCheckpointOnlyCostsTime() throws SQLException {
    execute("UPDATE snapshot SET snapshot_payload = x'6d737401ffffffff00'");

    assertThat(resume().json()).isEqualTo(withoutWall(report));
  }

  @Test
  void theScenarioIsTheOneThatTheJournalWasOpenedWith() throws IOException {
    Files.writeString(run.resolve("scenario.conf"), "seed = 99");

    Ran resumed = resume();

    assertThat(resumed.json()).isEqualTo(withoutWall(report));
    assertThat(resumed.err()).contains("was edited since the run began: it continues as it began");
  }

  @Test
  void aRunThatWasKilledWhileItsDirectoryWasMadeBeginsAnew() throws IOException {
    Files.delete(run.resolve("journal.db"));
    Files.writeString(run.resolve("journal.db.new"), "half a journal");

    assertThat(resume().json()).isEqualTo(withoutWall(report));
    assertThat(run.resolve("journal.db.new")).doesNotExist();
  }

  @Test
  void aDamagedJournalIsNamedWithItsBatch() throws SQLException {
    execute("UPDATE event_journal SET event_payload = x'6d737401ffffffff00' WHERE ordering = 15");

    assertThat(resume())
        .matches(ran -> ran.code() == 1 && ran.err().contains("host 0, entry 15 (batch 13): "))
        .matches(ran -> ran.err().contains("--salvage reads what comes before the damage"));
  }

  @Test
  void onlyOneProcessIsAtWorkOnARun() throws IOException {
    RunLock lock = RunDirectory.open(run).lock();
    try (lock) {
      assertThat(resume())
          .matches(ran -> ran.code() == 1 && ran.err().contains("another process is running"));
    }
  }

  @Test
  void verificationCanBeginAtACheckpoint() {
    String whole = folder.resolve("whole").toString();
    JsonNode last = mapstorm("verify", whole, "--from", "last", "--json").json();
    JsonNode early = mapstorm("verify", whole, "--from", "1ms", "--json").json();

    assertThat(last.get("verified").asBoolean()).isTrue();
    assertThat(early.get("verified").asBoolean()).isTrue();
    assertThat(early.at("/hosts/0/fromBatch").asLong())
        .isPositive()
        .isLessThan(last.at("/hosts/0/fromBatch").asLong());
    assertThat(last.at("/hosts/0/hash")).isEqualTo(report.at("/journal/hash"));
    Ran none = mapstorm("verify", whole, "--from", "1us", "--json");
    assertThat(none.json().at("/verified").asBoolean()).isTrue();
    assertThat(none.json().at("/hosts/0/fromBatch").asLong()).isZero();
    assertThat(none.err())
        .isEqualTo(
            "mapstorm: --from 1us: no checkpoint of host 0 until then: executed from the beginning\n");
    assertThat(mapstorm("verify", whole, "--from", "soon"))
        .matches(
            ran ->
                ran.code() == 2
                    && ran.err().contains("--from, if not last: \"soon\" is not a time"));
  }

  @Test
  void whatIsNoRunIsRefusedInOneLine() throws IOException {
    assertThat(mapstorm("resume", own.resolve("nowhere").toString()))
        .matches(ran -> ran.code() == 1 && ran.err().contains("nowhere does not exist"));
    Path empty = Files.createDirectories(own.resolve("empty"));
    assertThat(mapstorm("resume", empty.toString()))
        .matches(ran -> ran.code() == 1 && ran.err().contains("is not a run directory"));
  }
}
