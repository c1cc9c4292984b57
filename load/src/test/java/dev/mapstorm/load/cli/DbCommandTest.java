package dev.mapstorm.load.cli;

import static dev.mapstorm.load.cli.CommandLineFixture.mapstorm;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mapstorm.load.cli.CommandLineFixture.Ran;
import dev.mapstorm.load.run.Runner;
import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.load.scenario.ScenarioLoader;
import dev.mapstorm.persistence.store.DatabaseAddress;
import dev.mapstorm.persistence.store.EmbeddedDatabase;
import dev.mapstorm.persistence.store.PostgresClaims;
import dev.mapstorm.persistence.store.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs whose journal is in a database, through the command line. */
class DbCommandTest {
  private static final String RUN = "fleet-1";

  @TempDir static Path master;

  private static DatabaseAddress address;
  private static Path embedded;
  private static Path shared;

  @TempDir Path folder;

  /** The same run in a file and in a database. */
  @BeforeAll
  static void runInBoth() throws Exception {
    address = EmbeddedDatabase.shared().newDatabase();
    Ran init = mapstorm("db", "init", "--db", address.url());
    assertThat(init)
        .isEqualTo(
            new Ran(
                0, "made the journal's tables in %s, schema version 2\n".formatted(address), ""));
    embedded = master.resolve("embedded");
    shared = master.resolve("shared");
    run(
        "run",
        "nvme-4k",
        "--duration",
        "500us",
        "--set",
        "hosts=2",
        "--set",
        "journal.batch-events=1000",
        "--out",
        embedded.toString());
    write(address, RUN, shared);
  }

  private static Ran run(String... args) {
    Ran ran = mapstorm(args);
    assertThat(ran.code()).as(ran.err()).isZero();
    return ran;
  }

  /** Runs the embedded run's scenario into the database. */
  private static void write(DatabaseAddress address, String run, Path directory)
      throws InterruptedException, IOException {
    Scenario scenario =
        new ScenarioLoader("test").load(embedded.resolve("scenario.conf").toString());
    RunDirectory made = RunDirectory.createShared(directory, scenario.text(), address, run);
    try (Runner runner =
        new Runner(
            scenario,
            run,
            "test",
            1,
            made.journal().pekkoConfig(),
            host -> (events, batch) -> {})) {
      runner.await(progress -> {});
    }
  }

  private static String hash(Path path, DatabaseAddress database) {
    return run("analyze", path.toString(), "--json", "--db", database.url())
        .json()
        .at("/journal/hash")
        .asText();
  }

  @Test
  void everyReadingCommandWorksOnARunInADatabase() {
    assertThat(hash(shared, address)).isEqualTo(hash(embedded, address)).hasSize(64);
    String db = address.url();
    assertThat(run("diff", embedded.toString(), shared.toString(), "--db", db).out())
        .contains("equal");
    run("compare", embedded.toString(), shared.toString(), "--db", db);
    for (String at : new String[] {"50us", "150us"}) {
      String[] replay = {"replay", shared.toString(), "--host", "1", "--at", at, "--db", db};
      String inDatabase = run(replay).out();
      replay[1] = embedded.toString();
      assertThat(inDatabase.replace(shared.toString(), "RUN"))
          .isEqualTo(run(replay).out().replace(embedded.toString(), "RUN"));
    }
    assertThat(shared.resolve("index.db")).exists();
    String csv = folder.resolve("csv").toString();
    run("export", shared.toString(), "--format", "csv", "--out", csv, "--db", db);
    String again = folder.resolve("again").toString();
    assertThat(run("rerun", shared.toString(), "--out", again, "--db", db).out()).isNotEmpty();
  }

  @Test
  void runsShowsWhereTheJournalIs() {
    JsonNode runs = run("runs", master.toString(), "--json", "--db", address.url()).json();

    assertThat(runs).hasSize(2);
    for (JsonNode run : runs) {
      boolean inDatabase = run.get("path").asText().equals(shared.toString());
      assertThat(run.get("state").asText()).isEqualTo("complete");
      assertThat(run.get("database").asText()).isEqualTo(inDatabase ? address.url() : "null");
    }
    assertThat(run("runs", master.toString(), "--db", address.url()).out())
        .contains("complete, in " + address.url());
  }

  @Test
  void aClustersRunIsNotResumedByOneProcess() {
    Ran refused = mapstorm("resume", shared.toString());

    assertThat(refused.code()).isOne();
    assertThat(refused.err())
        .isEqualTo(
            "mapstorm: the run in %s is a cluster's, which resumes it by itself as soon as nodes are up; nothing else may"
                    .formatted(shared)
                + " continue it\n");
    assertThat(shared.resolve("lock")).doesNotExist();
    assertThat(shared.resolve("journal.db")).doesNotExist();
  }

  @Test
  void pruneRemovesTheDirectoryAndSaysThatTheRowsStay() throws Exception {
    Files.createDirectories(folder.resolve("copy"));
    for (String file : new String[] {"scenario.conf", "journal.conf"}) {
      Files.copy(shared.resolve(file), folder.resolve("copy").resolve(file));
    }

    String[] prune = {"prune", folder.toString(), "--keep", "0", "--yes"};
    assertThat(run(prune).out()).isEqualTo("nothing to remove: the one run stays\n");

    Ran pruned =
        mapstorm(
            "prune", folder.toString(), "--keep", "0", "--yes", "--connect", "--db", address.url());

    assertThat(pruned.code()).isZero();
    assertThat(pruned.out())
        .endsWith("their rows are still in the database; mapstorm db prune removes them\n");
    assertThat(folder.resolve("copy")).doesNotExist();
    assertThat(hash(shared, address)).isEqualTo(hash(embedded, address));
  }

  @Test
  void initChangesNothingWhereTheTablesAre() {
    assertThat(run("db", "init", "--db", address.url()).out())
        .isEqualTo(
            "%s has the journal's tables already, schema version 2; nothing was changed\n"
                .formatted(address));
    assertThat(run("db", "init", "--db", address.url(), "--json").json().get("created").asBoolean())
        .isFalse();
  }

  @Test
  void statusCountsWhatIsThere() throws Exception {
    DatabaseAddress other = EmbeddedDatabase.shared().newJournalDatabase();
    write(other, RUN, folder.resolve("run"));
    try (PostgresClaims claims = new PostgresClaims(other, "node-7")) {
      claims.claim(RUN + "|0").toCompletableFuture().get(30, TimeUnit.SECONDS);
      claims.claim(RUN + "|0").toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    JsonNode status = run("db", "status", "--db", other.url(), "--json").json();

    assertThat(status.get("database").asText()).isEqualTo(other.url());
    assertThat(status.get("schemaVersion").asInt()).isEqualTo(2);
    assertThat(status.get("server").asText()).startsWith("17.");
    assertThat(status.get("durable").asBoolean()).isTrue();
    assertThat(status.get("runs")).hasSize(1);
    JsonNode run = status.at("/runs/0");
    assertThat(run.get("id").asText()).isEqualTo(RUN);
    assertThat(run.get("hosts").asInt()).isEqualTo(2);
    assertThat(run.get("entries").asLong())
        .isEqualTo(number(other, "SELECT count(*) FROM event_journal"));
    assertThat(run.get("bytes").asLong())
        .isEqualTo(number(other, "SELECT sum(length(event_payload)) FROM event_journal"));
    assertThat(run.get("claimedStreams").asInt()).isOne();
    assertThat(run.get("highestEpoch").asInt()).isEqualTo(2);
    assertThat(run.get("lastClaimedBy").asText()).isEqualTo("node-7");
    assertThat(run.get("active").asBoolean()).isTrue();
    assertThat(run("db", "status", "--db", other.url()).out())
        .contains("server    PostgreSQL 17.", "runs      1\n", RUN, "node-7");
  }

  @Test
  void pruneRemovesOneRunAndLeavesTheOthersWhole() throws Exception {
    DatabaseAddress other = EmbeddedDatabase.shared().newJournalDatabase();
    Path stays = folder.resolve("stays");
    write(other, "goes", folder.resolve("goes"));
    write(other, "stays", stays);
    String[] prune = {"db", "prune", "goes", "--db", other.url(), "--yes"};

    Ran refused = mapstorm(prune);
    assertThat(refused.code()).isOne();
    assertThat(refused.err()).startsWith("mapstorm: run goes is being written: ");
    assertThat(
            number(other, "SELECT count(*) FROM event_journal WHERE persistence_id LIKE 'goes|%'"))
        .isPositive();
    EmbeddedDatabase.execute(
        other, "UPDATE event_journal SET write_timestamp = write_timestamp - 3600000");
    assertThat(mapstorm("db", "prune", "goes", "--db", other.url()).err())
        .isEqualTo(
            "mapstorm: db prune would remove 1 run, and there is no terminal to ask on: say"
                + " --yes\n");
    assertThat(run("db", "prune", "--older-than", "2h", "--db", other.url(), "--yes").out())
        .isEqualTo("nothing was removed: all 2 runs stay\n");

    Ran pruned = run(prune);

    assertThat(pruned.out()).contains("removed 1 run, ", "VACUUM");
    for (String table : new String[] {"event_journal", "snapshot", "stream_writer"}) {
      assertThat(
              number(
                  other, "SELECT count(*) FROM " + table + " WHERE persistence_id LIKE 'goes|%'"))
          .as(table)
          .isZero();
    }
    assertThat(hash(stays, other)).isEqualTo(hash(embedded, other));
    assertThat(mapstorm("analyze", folder.resolve("goes").toString(), "--db", other.url()))
        .matches(
            ran -> ran.code() == 1 && ran.err().contains("is empty: it has not begun, or was"));
    assertThat(
            run("runs", folder.toString(), "--json", "--db", other.url())
                .json()
                .findValuesAsText("state"))
        .containsExactlyInAnyOrder("complete", "empty");
    run("prune", folder.toString(), "--keep", "1", "--yes", "--db", other.url());
    assertThat(folder.resolve("goes")).doesNotExist();
    assertThat(
            run("db", "prune", "--older-than", "30min", "--db", other.url(), "--yes", "--json")
                .json()
                .get("runs"))
        .hasSize(1);
    assertThat(number(other, "SELECT count(*) FROM event_journal")).isZero();
  }

  private static long number(DatabaseAddress address, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(address.url());
        ResultSet row = connection.createStatement().executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  @Test
  void rowsThatAreGoneAreNamedAndTheRestCanBeSalvaged() throws Exception {
    DatabaseAddress other = EmbeddedDatabase.shared().newJournalDatabase();
    Path path = folder.resolve("run");
    write(other, RUN, path);
    EmbeddedDatabase.execute(
        other,
        "DELETE FROM event_journal WHERE persistence_id = 'fleet-1|1' AND sequence_number = 3");

    Ran verified = mapstorm("analyze", path.toString(), "--db", other.url());
    assertThat(verified.code()).isOne();
    assertThat(verified.err())
        .isEqualTo(
            "mapstorm: journal of run fleet-1 in %s, host 1, entry 3 (batch 1): it is missing, entry 4 follows"
                    .formatted(other)
                + " (--salvage reads what comes before the damage)\n");
    Ran salvaged = run("analyze", path.toString(), "--salvage", "--db", other.url());
    assertThat(salvaged.out()).startsWith("salvaged: the journal of " + path + " is damaged");
  }

  @Test
  void whatCannotBeUsedIsToldInOneLine() throws Exception {
    DatabaseAddress empty = EmbeddedDatabase.shared().newDatabase();
    String noServer = "jdbc:postgresql://127.0.0.1:9/mapstorm";
    String noDatabase = empty.url().replace("?", "x?");
    assertRefused(
        2, "no database: give it with --db jdbc:postgresql://HOST:PORT/NAME", "db", "init");
    for (String[] command : new String[][] {{"init"}, {"status"}, {"prune", "x"}}) {
      assertDb(2, "the database's URL must not carry", command, "jdbc:postgresql://h/x?password=y");
      assertDb(2, "the database's URL is 'localhost'; it has to be", command, "localhost");
      assertDb(1, "the database " + noServer + " cannot be reached: ", command, noServer);
      assertDb(
          1,
          "the database " + noDatabase + " cannot be reached: PostgreSQL says: ",
          command,
          noDatabase);
    }
    assertDb(
        1, "the database " + empty + " has no journal yet", new String[] {"status"}, empty.url());
    assertDb(
        1,
        "the database " + empty + " has no journal yet",
        new String[] {"prune", "x"},
        empty.url());
    EmbeddedDatabase.execute(empty, "CREATE TABLE event_journal (mine INTEGER)");
    assertDb(
        1,
        "the database " + empty + " has the table event_journal, made by",
        new String[] {"init"},
        empty.url());
    assertDb(
        1,
        "there is no run flet-1; did you mean fleet-1?",
        new String[] {"prune", "flet-1"},
        address.url());
    assertDb(2, "nothing to remove", new String[] {"prune"}, address.url());
    assertDb(2, "--older-than: ", new String[] {"prune", "--older-than", "7x"}, address.url());
  }

  private static void assertDb(int code, String said, String[] command, String url) {
    String[] all = new String[command.length + 3];
    all[0] = "db";
    System.arraycopy(command, 0, all, 1, command.length);
    all[all.length - 2] = "--db";
    all[all.length - 1] = url;
    assertRefused(code, said, all);
  }

  private static void assertRefused(int code, String said, String... command) {
    Ran ran = mapstorm(command);
    assertThat(ran.err()).startsWith("mapstorm: " + said).hasLineCount(1);
    assertThat(ran.code()).isEqualTo(code);
    assertThat(ran.out()).isEmpty();
  }

  @Test
  void aRunWhoseDatabaseIsAwayIsUnreachableAndNotDamaged() throws Exception {
    Path run = Files.createDirectories(folder.resolve("run"));
    Files.copy(shared.resolve("scenario.conf"), run.resolve("scenario.conf"));
    Files.writeString(
        run.resolve("journal.conf"),
        "journal { url = \"jdbc:postgresql://127.0.0.1:9/mapstorm\", run = a }");

    String away = "jdbc:postgresql://127.0.0.1:9/mapstorm";

    JsonNode listed = run("runs", folder.toString(), "--json", "--db", away).json().get(0);

    assertThat(listed.get("state").asText()).isEqualTo("unreachable");
    assertThat(listed.get("reason").asText()).contains("cannot be reached");
    assertThat(run("prune", folder.toString(), "--keep", "0", "--yes", "--db", away).out())
        .isEqualTo("nothing to remove: the one run stays\n");
    assertThat(mapstorm("analyze", run.toString(), "--db", away))
        .matches(ran -> ran.code() == 1 && ran.err().lines().count() == 1);
  }
}
