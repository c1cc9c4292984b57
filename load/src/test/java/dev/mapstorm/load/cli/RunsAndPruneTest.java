package dev.mapstorm.load.cli;

import static dev.mapstorm.load.cli.CommandLineFixture.mapstorm;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mapstorm.load.cli.CommandLineFixture.Ran;
import dev.mapstorm.persistence.store.RunDirectory;
import dev.mapstorm.persistence.store.RunLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunsAndPruneTest {
  private static JsonNode report;

  @TempDir Path folder;

  @TempDir static Path master;

  /** Three runs that began three, two and one days ago, the oldest one below another directory. */
  @BeforeEach
  void copyRuns() throws IOException {
    Path run = master.resolve("run");
    if (report == null) {
      report =
          mapstorm("run", "nvme-4k", "--duration", "500us", "--json", "--out", run.toString())
              .json();
    }
    int days = 3;
    for (String name : new String[] {"deep/oldest", "middle", "newest"}) {
      Path copy = Files.createDirectories(folder.resolve(name));
      for (Path file : RunDirectory.open(run).files()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
      Instant started = Instant.now().minus(Duration.ofDays(days--));
      Files.setLastModifiedTime(copy.resolve("scenario.conf"), FileTime.from(started));
    }
  }

  private Ran runs() {
    return mapstorm("runs", folder.toString(), "--json");
  }

  private Ran prune(String... options) {
    String[] all = new String[options.length + 2];
    all[0] = "prune";
    all[1] = folder.toString();
    System.arraycopy(options, 0, all, 2, options.length);
    return mapstorm(all);
  }

  private boolean isThere(String name) {
    return Files.exists(folder.resolve(name));
  }

  @Test
  void runsAreListedNewestFirstWithWhatTheirJournalsSay() {
    JsonNode json = runs().json();

    assertThat(json).hasSize(3);
    assertThat(json.at("/0/path").asText()).endsWith("newest");
    assertThat(json.at("/2/path").asText()).endsWith("oldest");
    assertThat(json.at("/0/state").asText()).isEqualTo("complete");
    assertThat(json.at("/0/hash")).isEqualTo(report.at("/journal/hash"));
    assertThat(json.at("/0/events")).isEqualTo(report.at("/journal/events"));
    assertThat(json.at("/0/totalNs").asLong()).isEqualTo(500_000);
    assertThat(mapstorm("runs", folder.toString()).out())
        .contains("nvme-4k", "500 us", report.at("/journal/hash").asText().substring(0, 12));
  }

  @Test
  void damagedAndInterruptedRunsAreListedAsWhatTheyAre() throws IOException, SQLException {
    Files.writeString(folder.resolve("newest/journal.db"), "no database");
    try (Connection journal =
            DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("middle/journal.db"));
        Statement statement = journal.createStatement()) {
      statement.execute(
          "DELETE FROM event_journal WHERE ordering = (SELECT max(ordering) FROM event_journal)");
    }
    assertThat(runs().json().at("/1/reason").asText()).contains("has lost its end");
    // What was interrupted has no report.
    Files.delete(folder.resolve("middle/report.json"));

    Ran runs = runs();

    assertThat(runs.code()).isZero();
    assertThat(runs.json().at("/0/state").asText()).isEqualTo("damaged");
    assertThat(runs.json().at("/0/reason").asText()).contains("is not an SQLite database");
    assertThat(runs.json().at("/1/state").asText()).isEqualTo("interrupted");
    String table = mapstorm("runs", folder.toString()).out();
    assertThat(table.lines().skip(1).findFirst()).get().asString().matches(".* damaged +-");
    assertThat(table)
        .contains("interrupted")
        .endsWith("newest/journal.db is not an SQLite database\n")
        .contains("\n" + folder.resolve("newest") + ": ");
  }

  @Test
  void pruneByAgeRemovesWhatIsOlder() {
    Ran pruned = prune("--older-than", "36h", "--yes", "--json");

    assertThat(pruned.code()).isZero();
    assertThat(pruned.json().get("removed").asBoolean()).isTrue();
    assertThat(pruned.json().get("runs")).hasSize(2);
    assertThat(pruned.json().at("/runs/0/path").asText()).endsWith("oldest");
    assertThat(isThere("deep/oldest")).isFalse();
    assertThat(isThere("middle")).isFalse();
    assertThat(isThere("newest")).isTrue();
  }

  @Test
  void pruneByNumberKeepsTheNewest() {
    assertThat(prune("--keep", "2", "--yes").out()).endsWith("removed 1 run\n");
    assertThat(isThere("deep/oldest")).isFalse();
    assertThat(isThere("middle")).isTrue();
  }

  @Test
  void pruneBySizeKeepsWhatFits() throws IOException {
    long one = RunDirectory.open(folder.resolve("newest")).bytes();

    assertThat(prune("--max-size", String.valueOf(one * 5 / 2), "--yes").code()).isZero();

    assertThat(isThere("deep/oldest")).isFalse();
    assertThat(isThere("middle")).isTrue();
    assertThat(isThere("newest")).isTrue();
  }

  @Test
  void nothingGoesWithoutAnAnswer() {
    Ran refused = prune("--keep", "0");
    Ran dry = prune("--keep", "0", "--dry-run");

    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err()).contains("no terminal to ask on: say --yes");
    assertThat(dry.code()).isZero();
    assertThat(dry.out()).contains("3 of 3 runs, ", "would be removed");
    assertThat(runs().json()).hasSize(3);
  }

  @Test
  void runningAndDamagedRunsStay() throws IOException {
    Files.writeString(folder.resolve("newest/journal.db"), "no database");
    RunLock lock = RunDirectory.open(folder.resolve("middle")).lock();
    try (lock) {
      assertThat(runs().json().at("/1/state").asText()).isEqualTo("running");
      assertThat(prune("--keep", "0", "--yes").code()).isZero();
    }
    assertThat(isThere("deep/oldest")).isFalse();
    assertThat(isThere("middle/journal.db")).isTrue();
    assertThat(isThere("newest/journal.db")).isTrue();
  }

  @Test
  void filesThatAreNotTheRunsOwnStay() throws IOException {
    Files.writeString(folder.resolve("middle/notes.txt"), "keep me");
    Files.createDirectories(folder.resolve("other"));
    Files.writeString(folder.resolve("other/scenario.conf"), "name = mine");

    Ran pruned = prune("--keep", "0", "--yes");

    assertThat(pruned.code()).isOne();
    assertThat(pruned.err()).contains("middle is left: it holds files that are not the run's");
    assertThat(isThere("middle/notes.txt")).isTrue();
    assertThat(isThere("middle/journal.db")).isFalse();
    assertThat(isThere("other/scenario.conf")).isTrue();
  }

  @Test
  void linksToRunsAreNeitherListedNorDoRunsGoThroughThem() throws IOException {
    Path group = Files.createDirectories(folder.resolve("group"));
    Files.createSymbolicLink(group.resolve("linked"), folder.resolve("middle"));

    assertThat(mapstorm("runs", group.toString()).out()).isEqualTo("no runs\n");
    assertThat(mapstorm("prune", group.toString(), "--keep", "0", "--yes").code()).isZero();
    assertThat(isThere("middle/journal.db")).isTrue();
  }

  @Test
  void runsThatBeginAtTheSameTimeHaveDirectoriesOfTheirOwn() {
    Path parent = folder.resolve("group");

    List<Path> paths =
        IntStream.range(0, 40)
            .parallel()
            .mapToObj(i -> RunDirectories.next(parent, "nvme-4k"))
            .toList();

    assertThat(paths)
        .doesNotHaveDuplicates()
        .contains(parent.resolve("nvme-4k-1"), parent.resolve("nvme-4k-40"))
        .allMatch(Files::isDirectory);
  }

  @Test
  void theDirectoryToLookInMayBeALink() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("deep"));

    JsonNode json = mapstorm("runs", link.toString(), "--json").json();

    assertThat(json).hasSize(1);
    assertThat(json.at("/0/path").asText()).isEqualTo(link.resolve("oldest").toString());
  }

  @Test
  void mistakesAreToldInOneLine() {
    assertThat(prune("--older-than", "7x"))
        .matches(ran -> ran.code() == 2 && ran.err().contains("is not an age with a unit"));
    assertThat(prune().code()).isEqualTo(2);
    assertThat(prune("--keep", "1", "--max-size", "1g").code()).isEqualTo(2);
    assertThat(mapstorm("runs", folder.resolve("nowhere").toString()))
        .matches(ran -> ran.code() == 1 && ran.err().contains("does not exist"));
  }
}
