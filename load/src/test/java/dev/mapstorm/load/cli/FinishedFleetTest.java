package dev.mapstorm.load.cli;

import static dev.mapstorm.load.cli.CommandLineFixture.mapstorm;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.mapstorm.load.cli.CommandLineFixture.Ran;
import dev.mapstorm.load.cluster.FleetReport;
import dev.mapstorm.load.run.Runner;
import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.load.scenario.ScenarioLoader;
import dev.mapstorm.persistence.store.DatabaseAddress;
import dev.mapstorm.persistence.store.EmbeddedDatabase;
import dev.mapstorm.persistence.store.RunDirectory;
import dev.mapstorm.protocol.cluster.CoordinatorReply.Moves;
import dev.mapstorm.protocol.cluster.HostMove;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A cluster's run that was complete, of which rows were deleted since. What is left reads like an
 * interrupted run; {@code fleet.json} knows better, whichever command reads.
 */
class FinishedFleetTest {
  private static final String RUN = "fleet-1";

  @TempDir static Path parent;
  @TempDir Path folder;

  private static DatabaseAddress address;
  private static Path run;
  private static String fleet;

  @BeforeAll
  static void runToTheEnd() throws Exception {
    address = EmbeddedDatabase.shared().newDatabase();
    assertThat(mapstorm("db", "init", "--db", address.url()).code()).isZero();
    run = parent.resolve("run");
    Scenario scenario =
        new ScenarioLoader("test")
            .set("--set", "hosts", "3")
            .set("--set", "journal.batch-events", "1000")
            .set("--duration", "duration", "500us")
            .load("nvme-4k");
    RunDirectory made = RunDirectory.createShared(run, scenario.text(), address, RUN);
    try (Runner runner =
        new Runner(
            scenario,
            RUN,
            "test",
            1,
            made.journal().pekkoConfig(),
            host -> (events, batch) -> {})) {
      runner.await(progress -> {});
    }
    EmbeddedDatabase.execute(address, "CREATE TABLE kept AS SELECT * FROM event_journal");
    JsonNode report = read("analyze", run.toString(), "--json").json();
    fleet =
        FleetJson.of(
            new FleetReport(
                RUN,
                "nvme-4k",
                1,
                "complete",
                "",
                3,
                500_000,
                report.at("/journal/events").asLong(),
                report.at("/journal/bytes").asLong(),
                1,
                report.at("/journal/hash").asText(),
                1,
                1,
                new Moves(0, 0, 0, 0, new HostMove[0])),
            made.journal().reader());
    made.writeFleet(fleet);
  }

  private static int delete(String where) {
    return EmbeddedDatabase.execute(address, "DELETE FROM event_journal WHERE " + where);
  }

  /** Runs a command that may ask the database. */
  private static Ran read(String... command) {
    return mapstorm(
        Stream.concat(Stream.of(command), Stream.of("--db", address.url())).toArray(String[]::new));
  }

  @AfterEach
  void restore() throws Exception {
    EmbeddedDatabase.execute(address, "DELETE FROM event_journal");
    EmbeddedDatabase.execute(address, "INSERT INTO event_journal SELECT * FROM kept");
    RunDirectory.unchecked(run).writeFleet(fleet);
  }

  private void refusedByAll(String... clauses) {
    String path = run.toString();
    for (List<String> command :
        List.of(
            List.of("analyze", path),
            List.of("verify", path),
            List.of("replay", path, "--at", "100us"),
            List.of("export", path, "--format", "csv", "--out", folder.resolve("x").toString()),
            List.of("compare", path, path),
            List.of("diff", path, path),
            List.of("rerun", path, "--out", folder.resolve("again").toString()))) {
      Ran ran = read(command.toArray(String[]::new));
      assertThat(ran.code()).as("%s: %s", command, ran.out()).isEqualTo(ExitCode.ERROR);
      assertThat(ran.err()).as(command.toString()).contains(clauses);
    }
    JsonNode listed = read("runs", parent.toString(), "--json").json().get(0);
    assertThat(listed.get("state").asText()).isEqualTo("damaged");
    assertThat(listed.get("reason").asText()).contains(clauses);
  }

  @Test
  void aWholeRunIsReadAsBefore() throws Exception {
    assertThat(read("verify", run.toString()).code()).isZero();
    JsonNode kept = new ObjectMapper().readTree(fleet);
    assertThat(kept.get("hosts").asInt()).isEqualTo(3);
    assertThat(kept.get("ends")).hasSize(3);
    assertThat(kept.at("/ends/2/hash").asText()).hasSize(64);
  }

  @Test
  void theCloseOfAStream() throws Exception {
    assertThat(
            delete(
                "persistence_id = 'fleet-1|1' AND sequence_number ="
                    + " (SELECT max(sequence_number) FROM kept WHERE persistence_id = 'fleet-1|1')"))
        .isOne();
    refusedByAll("has lost its end: by fleet.json", "missing is the close of host 1");
  }

  @Test
  void theLastBatches() throws Exception {
    assertThat(delete("persistence_id = 'fleet-1|2' AND sequence_number > 4")).isPositive();
    refusedByAll("has lost its end: by fleet.json", " batches of host 2");
  }

  @Test
  void aWholeStream() throws Exception {
    assertThat(delete("persistence_id = 'fleet-1|0'")).isPositive();
    refusedByAll("missing is all of host 0 (");
  }

  /** As the file was written before, and where the journal could not be asked. */
  @Test
  void aFileWithTheHashOfTheWholeAlone() throws Exception {
    var old = (com.fasterxml.jackson.databind.node.ObjectNode) new ObjectMapper().readTree(fleet);
    old.remove("ends");
    Files.writeString(run.resolve("fleet.json"), old.toString());
    assertThat(read("verify", run.toString()).code()).isZero();
    delete("persistence_id = 'fleet-1|1' AND sequence_number > 3");
    refusedByAll("missing is the close of host 1");
    delete("persistence_id = 'fleet-1|1'");
    refusedByAll("missing is all of 1 of its 3 hosts");
  }

  @Test
  void salvageReadsWhatIsLeft() throws Exception {
    delete("persistence_id = 'fleet-1|2' AND sequence_number > 4");
    Ran ran = read("analyze", run.toString(), "--salvage");
    assertThat(ran.code()).isZero();
    assertThat(ran.err()).contains("missing is the last ");
  }

  @Test
  void aReportOfAnotherRunNamesTheHostsThatDiffer() throws Exception {
    JsonNode kept = new ObjectMapper().readTree(fleet);
    String other = kept.at("/ends/1/hash").asText();
    Files.writeString(
        run.resolve("fleet.json"),
        fleet.replace(other, "0".repeat(64)).replace(kept.get("hash").asText(), "1".repeat(64)));
    refusedByAll("one of them is of another run", "which differs in host 1");
  }
}
