package dev.mapstorm.load.cli;

import static dev.mapstorm.load.cli.CommandLineFixture.mapstorm;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.load.cli.CommandLineFixture.Ran;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Scenario files that do harm, and run directories that somebody else made. */
@DisabledOnOs(OS.WINDOWS)
class StrangersScenarioTest {
  private static final String SECRET = System.getenv("PATH");
  private static final String ROOT = "root:";
  private static final String TRACE =
      "src/test/resources/dev/mapstorm/load/traces/nvme-net-strict.trace.gz";

  @TempDir static Path folder;

  /** A run whose files are replaced, so that its journal is sound. */
  private static Path run;

  private static Path traced;
  private static Path begun;
  private static String scenario;

  @BeforeAll
  static void runOnce() throws Exception {
    run = folder.resolve("run");
    ok("run", "nvme-4k", "--duration", "100us", "--out", run.toString());
    scenario = Files.readString(run.resolve("scenario.conf"));
    traced = folder.resolve("traced");
    ok("run", "--trace", TRACE, "--duration", "10us", "--out", traced.toString());
    begun = folder.resolve("begun");
    Files.createDirectories(begun);
  }

  private static void ok(String... command) {
    Ran ran = mapstorm(command);
    assertThat(ran.code()).as(ran.err()).isZero();
  }

  /** One line that tells nothing of the environment and of other files, and the code. */
  private static String refused(int code, String... command) {
    Ran ran = mapstorm(command);
    assertThat(ran.err().lines().filter(line -> !line.contains("was edited since")))
        .as(ran.err())
        .hasSize(1);
    assertThat(ran.code()).isEqualTo(code);
    assertThat(ran.out() + ran.err()).doesNotContain(SECRET, ROOT);
    return ran.err();
  }

  @Test
  void nestingIsRefusedBeforeItIsParsed() throws IOException {
    Path file = folder.resolve("deep.conf");
    for (String text :
        new String[] {
          "a=" + "{b=".repeat(10_000), "mix=" + "[".repeat(20_000), "a" + ".a".repeat(20_000) + "=1"
        }) {
      Files.writeString(file, text);
      String said = refused(2, "run", file.toString(), "--out", folder.resolve("no").toString());
      assertThat(said).contains("has more than 32 values inside each other").hasSizeLessThan(600);
      refused(2, "run", "nvme-4k", "--set", text, "--out", folder.resolve("no").toString());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"seed = ${PATH}", "seed = [1] ${PATH}", "platform = ${PATH}"})
  void theUsersOwnFileDoesNotTellTheEnvironmentEither(String text) throws IOException {
    Path file = Files.writeString(folder.resolve("mine.conf"), text);

    refused(2, "run", file.toString(), "--out", folder.resolve("no").toString());
    refused(2, "run", "nvme-4k", "--set", text, "--out", folder.resolve("no").toString());
    refused(2, "cluster", "run", file.toString(), "--node", "127.0.0.1:9");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "seed = ${PATH}",
        "seed = ${?PATH}",
        "include file(\"/etc/passwd\")",
        "include \"/etc/passwd\"",
        "include url(\"file:///etc/passwd\")",
        "include required(file(\"/etc/passwd\"))",
        "platform = /etc/passwd",
        "mix = [{ scenario = /etc/passwd }]",
        "mix += { scenario = nvme-4k }",
        "a=[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
        "seed = 1 = /etc/passwd",
      })
  void theScenarioOfARunDirectoryIsClosed(String text) throws IOException {
    Files.writeString(run.resolve("scenario.conf"), text);
    try {
      assertThat(refused(2, "verify", run.toString())).contains("scenario.conf");
    } finally {
      Files.writeString(run.resolve("scenario.conf"), scenario);
    }
    Files.writeString(begun.resolve("scenario.conf"), text);
    assertThat(refused(2, "resume", begun.toString())).contains("scenario.conf");
  }

  /** The journal says the scenario too, and is as much a stranger's. */
  @ParameterizedTest
  @ValueSource(strings = {"seed=${PATH}", "include file(\"/etc/passwd\")", "platform=/etc/passwd"})
  void theScenarioOfAJournalIsClosed(String text) throws Exception {
    Path copy = Files.createTempDirectory(folder, "copy");
    Files.copy(run.resolve("journal.db"), copy.resolve("journal.db"));
    // Of equal length: the text stands in a frame that knows its own.
    String padded = text + "\n#" + "x".repeat(scenario.length() - text.length() - 2);
    replace(copy.resolve("journal.db"), scenario, padded);

    List<String[]> commands = new ArrayList<>();
    for (String command : new String[] {"analyze", "verify", "resume", "rerun"}) {
      commands.add(new String[] {command, copy.toString()});
    }
    commands.add(new String[] {"replay", copy.toString(), "--at", "1us"});
    commands.add(new String[] {"compare", run.toString(), copy.toString()});
    commands.add(new String[] {"diff", run.toString(), copy.toString()});
    commands.add(new String[] {"export", copy.toString(), "--out", copy + "/x"});
    for (String[] command : commands) {
      Ran ran = mapstorm(command);
      assertThat(ran.code()).as(command[0]).isBetween(1, 2);
      assertThat(ran.err().lines()).as(command[0]).hasSize(1);
      assertThat(ran.out() + ran.err()).doesNotContain(SECRET, ROOT);
    }
    assertThat(mapstorm("runs", copy.toString()).out()).doesNotContain(SECRET, ROOT);
  }

  private static void replace(Path journal, String from, String to) throws Exception {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + journal);
        Statement statement = connection.createStatement();
        PreparedStatement update =
            connection.prepareStatement(
                "UPDATE event_journal SET event_payload = ? WHERE sequence_number = 1")) {
      byte[] entry;
      try (ResultSet row =
          statement.executeQuery(
              "SELECT event_payload FROM event_journal WHERE sequence_number = 1")) {
        row.next();
        entry = row.getBytes(1);
      }
      String all = new String(entry, StandardCharsets.ISO_8859_1);
      assertThat(all).contains(from.substring(1, from.length() - 1));
      update.setBytes(
          1,
          all.replace(from.substring(1, from.length() - 1), to.substring(1, to.length() - 1))
              .getBytes(StandardCharsets.ISO_8859_1));
      update.executeUpdate();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/etc/passwd", "/dev/zero", "/etc", "nowhere", "FIFO"})
  void aTraceThatARunDirectoryNamesIsNotQuoted(String named) throws Exception {
    Path fifo = folder.resolve("fifo");
    if (Files.notExists(fifo)) {
      assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
    }
    Path file = traced.resolve("scenario.conf");
    String sound = Files.readString(file);
    String trace = named.equals("FIFO") ? fifo.toString() : named;
    Files.writeString(file, sound.replaceFirst("trace=\".*\"", "trace=\"" + trace + "\""));
    try {
      assertThat(refused(2, "verify", traced.toString())).contains("trace: " + trace + " is no ");
    } finally {
      Files.writeString(file, sound);
    }
    ok("verify", traced.toString());
  }

  @Test
  void whatALinkLeadsToIsNotQuoted() throws IOException {
    Path file = run.resolve("scenario.conf");
    for (String target : new String[] {"/etc/passwd", "/dev/zero", "/proc/self/environ"}) {
      Files.delete(file);
      Files.createSymbolicLink(file, Path.of(target));
      assertThat(refused(1, "verify", run.toString())).contains("is no regular file");
      Files.delete(file);
      Files.writeString(file, scenario);
    }
    Path linked = Files.createDirectories(folder.resolve("linked"));
    Files.createSymbolicLink(linked.resolve("journal.conf"), Path.of("/etc/passwd"));
    for (String command : new String[] {"analyze", "verify", "rerun"}) {
      assertThat(refused(1, command, linked.toString())).contains("is no regular file");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"trace", "requests"})
  void aClusterRunsNoRequestsOfAFile(String key) throws IOException {
    Path file = Files.writeString(folder.resolve("mine.conf"), key + " = /etc/passwd");

    assertThat(refused(2, "cluster", "run", file.toString(), "--node", "127.0.0.1:9"))
        .contains(key + ": the nodes of a cluster read no files that a scenario names");
  }
}
