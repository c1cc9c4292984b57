package dev.mapstorm.load.cli;

import static dev.mapstorm.load.cli.CommandLineFixture.mapstorm;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mapstorm.load.cli.CommandLineFixture.Ran;
import dev.mapstorm.load.run.RecordedRun;
import dev.mapstorm.persistence.replay.HostFold;
import dev.mapstorm.persistence.replay.Moment;
import dev.mapstorm.persistence.replay.StateText;
import dev.mapstorm.persistence.store.NamedDatabases;
import dev.mapstorm.persistence.store.ReadProgress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user sees of a damaged run: one line that says where, and with --salvage the rest. */
class DamagedRunTest {
  private static final String HOST_1 = "persistence_id = 'nvme-4k|1'";

  @TempDir static Path shared;

  private static Path whole;
  private static Path other;

  @TempDir Path directory;

  private String run;
  private Path journal;

  @BeforeAll
  static void runTwice() {
    whole = run("whole", "1");
    other = run("other", "2");
  }

  private static Path run(String name, String seed) {
    Path path = shared.resolve(name);
    Ran ran =
        mapstorm(
            ("run nvme-4k --duration 1ms --set hosts=2 --set journal.batch-events=1000 --seed %s"
                    + " --json --out %s")
                .formatted(seed, path)
                .split(" "));
    assertThat(ran.code()).as(ran.err()).isZero();
    return path;
  }

  @BeforeEach
  void copy() throws IOException {
    run = directory.resolve("run").toString();
    journal = directory.resolve("run/journal.db");
    Files.createDirectory(directory.resolve("run"));
    for (String name : List.of("scenario.conf", "journal.db", "report.json")) {
      Files.copy(whole.resolve(name), directory.resolve("run").resolve(name));
    }
  }

  private void execute(String... statements) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + journal);
        Statement statement = connection.createStatement()) {
      for (String each : statements) {
        statement.execute(each);
      }
    }
  }

  /** Damages batch 3 of host 1. */
  private void damageABatch() throws SQLException {
    execute(
        "UPDATE event_journal SET event_payload = substr(event_payload, 1, 1000) || x'00' ||"
            + " substr(event_payload, 1002) WHERE sequence_number = 5 AND "
            + HOST_1);
  }

  private Stream<String> readingCommands() {
    return Stream.of(
        "analyze " + run,
        "replay " + run + " --host 1",
        "verify " + run,
        "compare " + whole + " " + run,
        "diff " + whole + " " + run + " --host 1",
        "export " + run + " --format csv --force --out " + directory.resolve("tables"));
  }

  private static Ran refused(String commandLine, String message) {
    Ran ran = mapstorm(commandLine.split(" "));
    assertThat(ran.code()).as(commandLine).isEqualTo(1);
    assertThat(ran.out()).as(commandLine).isEmpty();
    assertThat(ran.err().lines()).as(ran.err()).hasSize(1);
    assertThat(ran.err()).startsWith("mapstorm: ").contains(message);
    return ran;
  }

  @Test
  void everyCommandThatReadsNamesTheBadBatchAndPointsToSalvage() throws Exception {
    damageABatch();

    readingCommands()
        .forEach(
            command -> {
              Ran ran = refused(command, "journal.db, host 1, entry 5 (batch 3): it is damaged");
              assertThat(ran.err())
                  .endsWith("match (--salvage reads what comes before the damage)\n");
            });
  }

  @Test
  void theRequestsOfADamagedJournalAreNotAskedAgain() throws Exception {
    damageABatch();

    Ran ran = mapstorm("rerun", run, "--out", directory.resolve("again").toString());

    assertThat(ran.code()).isOne();
    assertThat(ran.err())
        .isEqualTo(
            "mapstorm: SQLite journal %s, host 1, entry 5 (batch 3): it is damaged: its checksum does not match%n"
                .formatted(Path.of(run, "journal.db")));
    assertThat(directory.resolve("again")).doesNotExist();
  }

  @Test
  void everyCommandReadsWhatStandsBeforeTheDamageAndSaysSo() throws Exception {
    damageABatch();

    readingCommands()
        .forEach(
            command -> {
              Ran text = mapstorm((command + " --salvage").split(" "));
              Ran json = mapstorm((command + " --salvage --json").split(" "));

              String said =
                  "host 1, entry 5 (batch 3): it is damaged: its checksum does not match;";
              assertThat(text.code()).as(text.err()).isEqualTo(command.startsWith("diff") ? 1 : 0);
              assertThat(text.out()).startsWith("salvaged: the journal of " + run).contains(said);
              assertThat(text.err())
                  .contains(
                      said + " readable before it: 3 batches with ", "mapstorm: host 0 is whole");
              assertThat(json.json().get("salvaged")).hasSize(2);
              assertThat(json.json().at("/salvaged/0").asText()).contains(said);
            });
  }

  @Test
  void theStateOfASalvagedRunIsTheFoldOfWhatIsReadableAndNotWhatItsIndexKnows() throws Exception {
    Path index = directory.resolve("run/index.db");
    Files.copy(whole.resolve("index.db"), index);
    damageABatch();
    byte[] before = Files.readAllBytes(index);
    RecordedRun readable =
        RecordedRun.salvage(Path.of(run), NamedDatabases.ofEnvironment(), ReadProgress.NONE);
    HostFold fold =
        new HostFold(
            Collections.nCopies(
                readable.scenario().machine(1).devices().size(),
                readable.scenario().machine(1).iova()));
    readable.replay(1, fold, Moment.END, ReadProgress.NONE);
    String state = StateText.of(fold.state(), 20);

    refused("replay " + run + " --host 1", "entry 5 (batch 3): it is damaged");
    Ran shown = mapstorm(("replay " + run + " --host 1 --salvage").split(" "));
    Ran stepped =
        mapstorm("replay", run, "--host", "1", "--salvage", "--exec", "goto end; where; info 20");

    assertThat(fold.events()).isPositive();
    assertThat(shown.code()).as(shown.err()).isZero();
    assertThat(shown.out()).startsWith("salvaged: ").endsWith("\n" + state);
    assertThat(stepped.code()).as(stepped.err()).isZero();
    assertThat(stepped.out())
        .contains("event %1$d of 0 to %1$d, batch 2 of 0 to 2\n".formatted(fold.events() - 1))
        .endsWith("\n" + state);
    assertThat(index).hasBinaryContent(before);
    try (Stream<Path> files = Files.list(directory.resolve("run"))) {
      assertThat(files.map(each -> each.getFileName().toString()))
          .filteredOn(name -> name.startsWith("index"))
          .containsExactly("index.db");
    }
  }

  @Test
  void theReportOfASalvagedRunIsIncomplete() throws Exception {
    damageABatch();

    JsonNode report = mapstorm("analyze", run, "--salvage", "--json").json();

    assertThat(report.get("complete").asBoolean()).isFalse();
    assertThat(report.at("/hosts/0/complete").asBoolean()).isTrue();
    assertThat(report.at("/hosts/1/complete").asBoolean()).isFalse();
    assertThat(report.at("/hosts/1/batches").asLong()).isEqualTo(3);
  }

  @Test
  void theExportOfASalvagedRunIsIncompleteAndLeavesTheDamageOutOfTheFile() throws Exception {
    damageABatch();
    Path table = directory.resolve("mapped.csv");
    String export = "export %s --format csv --kind mapped --out %s".formatted(run, table);

    refused(export, "journal.db, host 1, entry 5 (batch 3): it is damaged");
    assertThat(table).doesNotExist();

    JsonNode salvaged = mapstorm((export + " --salvage --json").split(" ")).json();
    assertThat(salvaged.get("complete").asBoolean()).isFalse();
    Path all = directory.resolve("all.csv");
    mapstorm("export", whole.toString(), "--format", "csv", "--kind", "mapped", "--out", "" + all);
    assertThat(rows(table, 0)).isEqualTo(rows(all, 0)).isNotEmpty();
    List<String> left = rows(table, 1);
    assertThat(left).hasSizeBetween(1, rows(all, 1).size() - 1);
    assertThat(left).isEqualTo(rows(all, 1).subList(0, left.size()));
  }

  /** The rows of a host in a table. */
  private static List<String> rows(Path table, int host) throws IOException {
    return Files.readAllLines(table).stream().filter(row -> row.startsWith(host + ",")).toList();
  }

  @Test
  void aWholeRunIsSalvagedWithoutLoss() {
    Ran salvaged = mapstorm("analyze", run, "--salvage", "--json");

    assertThat(salvaged.err()).isEqualTo("mapstorm: %s: nothing is damaged\n".formatted(run));
    assertThat(salvaged.out()).isEqualTo(mapstorm("analyze", run, "--json").out());
  }

  @Test
  void aJournalThatWasCutOffIsToldFromOneThatIsNone() throws Exception {
    byte[] bytes = Files.readAllBytes(journal);
    int missing = 3 * 32768;
    Files.write(journal, Arrays.copyOf(bytes, bytes.length - missing));
    refused(
        "analyze " + run,
        "journal.db is damaged: its last %d bytes are missing".formatted(missing));
    assertThat(mapstorm("analyze", run, "--salvage").out())
        .startsWith("salvaged: ")
        .contains("stopped before its end");

    Files.write(journal, new byte[0]);
    refused("analyze " + run, "journal.db is empty");
    Files.writeString(journal, "a text that is longer than the header of a database has to be");
    refused("analyze " + run, "journal.db is not an SQLite database");
    refused("analyze " + run + " --salvage", "journal.db is not an SQLite database");
    Files.delete(journal);
    execute("CREATE TABLE event_journal (ordering INTEGER PRIMARY KEY)");
    refused("analyze " + run, "is an SQLite database, but not a mapstorm journal");
    Files.delete(journal);
    Files.createDirectory(journal);
    refused("analyze " + run, "journal.db does not exist or is not a file");
  }

  @Test
  void anotherFormatOrLayoutIsRefusedByItsNumber() throws Exception {
    execute(
        "UPDATE event_journal SET event_payload = x'6d737403' || substr(event_payload, 5)"
            + " WHERE sequence_number = 4 AND "
            + HOST_1);
    refused(
        "analyze " + run,
        "host 1, entry 4 (batch 2): it is of format 3, written by a later version; this version reads format 2");

    execute("PRAGMA user_version = 7");
    refused(
        "analyze " + run,
        "is a journal with table layout 7, this version of mapstorm uses layout 1");
  }

  @Test
  void aJournalThatLostItsEndIsToldFromAnInterruptedOne() throws Exception {
    execute("DELETE FROM event_journal WHERE ordering = (SELECT max(ordering) FROM event_journal)");

    refused("analyze " + run, "has lost its end: by report.json the run came to its end, with ");
    assertThat(mapstorm("analyze", run, "--salvage").out()).startsWith("salvaged: ");

    Files.delete(directory.resolve("run/report.json"));
    assertThat(mapstorm("analyze", run).out()).contains("stopped before its end");
  }

  @Test
  void theExportOfAnInterruptedRunSaysWhereItEnds() throws Exception {
    execute("DELETE FROM event_journal WHERE ordering = (SELECT max(ordering) FROM event_journal)");
    Files.delete(directory.resolve("run/report.json"));
    String export = "export %s --json --format csv --out %s".formatted(run, directory.resolve("t"));

    Ran whole = mapstorm(export.split(" "));
    Ran before = mapstorm((export + " --force --to 500us").split(" "));

    assertThat(whole.code()).isZero();
    assertThat(whole.err())
        .matches(
            "mapstorm: \\Q%s\\E was interrupted or is still under way: the export ends with its journal, at .+\n"
                .formatted(run));
    assertThat(whole.json().get("complete").asBoolean()).isFalse();
    assertThat(before.err()).isEmpty();
    assertThat(before.json().get("complete").asBoolean()).isTrue();
  }

  @Test
  void aRunWithHostsThatHadNotBegunIsNotComplete() throws Exception {
    Files.delete(directory.resolve("run/report.json"));
    execute(
        "DELETE FROM event_journal WHERE " + HOST_1,
        "CREATE TEMP TABLE rows AS SELECT ordering, row_number() OVER (ORDER BY ordering) AS place"
            + " FROM event_journal",
        "UPDATE event_journal SET ordering = -(SELECT place FROM rows WHERE rows.ordering ="
            + " event_journal.ordering)",
        "UPDATE event_journal SET ordering = -ordering");

    assertThat(mapstorm("runs", run, "--json").json().at("/0/state").asText())
        .isEqualTo("interrupted");
    assertThat(mapstorm("runs", run, "--json").json().at("/0/reachedNs").asLong()).isZero();
    assertThat(mapstorm("analyze", run).out()).contains("stopped before its end");
    assertThat(mapstorm("verify", run).err())
        .contains("has journals of 1 of its 2 hosts: the others had not begun");
    assertThat(mapstorm("compare", run, whole.toString()).out())
        .contains(run + " was interrupted at ");
    String tables = directory.resolve("t").toString();
    Ran export = mapstorm("export", run, "--json", "--format", "csv", "--out", tables);
    assertThat(export.json().get("complete").asBoolean()).isFalse();
    assertThat(mapstorm("resume", run, "--json").json().at("/complete").asBoolean()).isTrue();
    assertThat(mapstorm("diff", run, whole.toString()).code()).isZero();
  }

  @Test
  void theJournalOfAnotherRunIsNoticed() throws IOException {
    Files.copy(other.resolve("journal.db"), journal, StandardCopyOption.REPLACE_EXISTING);

    refused("analyze " + run, "one of them is of another run");
  }

  @Test
  void theStreamOfAnotherRunIsNoticed() throws Exception {
    Files.delete(directory.resolve("run/report.json"));
    String columns =
        "deleted, persistence_id, sequence_number, writer, write_timestamp, adapter_manifest,"
            + " event_ser_id, event_ser_manifest, event_payload";
    execute(
        "ATTACH '%s' AS other".formatted(other.resolve("journal.db")),
        "DELETE FROM event_journal WHERE " + HOST_1,
        "CREATE TEMP TABLE kept AS SELECT "
            + columns
            + " FROM event_journal UNION ALL SELECT "
            + columns
            + " FROM other.event_journal WHERE "
            + HOST_1,
        "DELETE FROM event_journal",
        // Rows are numbered anew, without a gap.
        "INSERT INTO event_journal (%s) SELECT %s FROM kept".formatted(columns, columns));

    refused("analyze " + run, "host 1 was opened with another scenario than host 0");
  }

  @Test
  void aLostScenarioFileIsNotNeeded() throws IOException {
    Files.delete(directory.resolve("run/scenario.conf"));

    assertThat(mapstorm("analyze", run).out())
        .isEqualTo(mapstorm("analyze", whole.toString()).out());
    assertThat(mapstorm("replay", run, "--host", "0").code()).isZero();
    assertThat(mapstorm("diff", run, whole.toString()).code()).isZero();
    Ran verified = mapstorm("verify", run);
    assertThat(verified.code()).isZero();
    assertThat(verified.err())
        .contains("scenario.conf is missing: the text that the journal was opened with is used");
  }
}
