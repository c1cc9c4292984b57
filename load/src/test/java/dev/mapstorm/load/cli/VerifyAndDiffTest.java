package dev.mapstorm.load.cli;

import static dev.mapstorm.load.cli.CommandLineFixture.mapstorm;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mapstorm.load.cli.CommandLineFixture.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifyAndDiffTest {
  @TempDir static Path folder;

  private static String hash;

  @BeforeAll
  static void runOnce() {
    hash = run("base").json().at("/journal/hash").asText();
  }

  private static Ran run(String name, String... options) {
    String[] fixed = {"run", "nvme-4k", "--duration", "2ms", "--json", "--out", path(name)};
    String[] all = new String[fixed.length + options.length];
    System.arraycopy(fixed, 0, all, 0, fixed.length);
    System.arraycopy(options, 0, all, fixed.length, options.length);
    Ran ran = mapstorm(all);
    assertThat(ran.code()).as(ran.err()).isZero();
    return ran;
  }

  private static String path(String name) {
    return folder.resolve(name).toString();
  }

  @Test
  void aRunIsVerifiedByExecutingItAgain() {
    Ran text = mapstorm("verify", path("base"));
    JsonNode json = mapstorm("verify", path("base"), "--json").json();

    assertThat(text.code()).isZero();
    assertThat(text.out()).startsWith("host 0: verified: ").endsWith("hash " + hash + "\n");
    assertThat(json.get("verified").asBoolean()).isTrue();
    assertThat(json.at("/hosts/0/complete").asBoolean()).isTrue();
    assertThat(json.at("/hosts/0/hash").asText()).isEqualTo(hash);
  }

  @Test
  void theBeginningOfAnInterruptedRunIsVerifiedAsSuch() throws SQLException, IOException {
    run("interrupted", "--set", "journal.batch-events=1000");
    Files.delete(folder.resolve("interrupted/report.json"));
    try (Connection journal =
            DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("interrupted/journal.db"));
        Statement statement = journal.createStatement()) {
      statement.execute("DELETE FROM event_journal WHERE sequence_number > 7");
    }

    Ran verified = mapstorm("verify", path("interrupted"));

    assertThat(verified.code()).isZero();
    assertThat(verified.out())
        .startsWith("host 0: verified: 6 batches, ")
        .contains("it is the beginning of the run, and all of it agrees");
  }

  @Test
  void anEditedScenarioIsToldBeforeTheFirstDifferentEvent() throws IOException {
    run("edited");
    Path scenario = folder.resolve("edited/scenario.conf");
    Files.writeString(
        scenario, Files.readString(scenario).replaceFirst("mode=strict", "mode=lazy"));

    Ran verified = mapstorm("verify", path("edited"), "--context", "2");

    assertThat(verified.code()).isOne();
    assertThat(verified.err()).contains("it was edited since");
    assertThat(verified.out())
        .startsWith("host 0: not verified: event ")
        .contains("journal   ", "executed  ", "invalidation-posted", "flush-queued");
  }

  @Test
  void equalRunsHaveNoDifference() {
    run("again");

    Ran diff = mapstorm("diff", path("base"), path("again"));

    assertThat(diff.code()).isZero();
    assertThat(diff.out()).startsWith("the scenarios are equal\nhost 0: equal: ").contains(hash);
  }

  @Test
  void batchesThatAreCutElsewhereAreNoDifference() {
    run("cut", "--set", "journal.batch-events=777");

    Ran diff = mapstorm("diff", path("base"), path("cut"));

    assertThat(diff.code()).isZero();
    assertThat(diff.out()).contains("journal.batch-events", "777", "host 0: equal: ");
  }

  @Test
  void anotherPolicyPartsAtTheFirstUnmapping() {
    run("lazy", "--set", "iommu.mode=lazy");

    Ran diff = mapstorm("diff", path("base"), path("lazy"), "--context", "3", "--json");

    assertThat(diff.code()).isOne();
    JsonNode json = diff.json();
    assertThat(json.at("/scenario/0/key").asText()).isEqualTo("iommu.mode");
    assertThat(json.at("/scenario/0/values").toString()).isEqualTo("[\"strict\",\"lazy\"]");
    JsonNode divergence = json.at("/hosts/0/divergence");
    assertThat(divergence.get("past")).hasSize(3);
    assertThat(divergence.at("/left/0/kind").asText()).isEqualTo("invalidation-posted");
    assertThat(divergence.at("/right/0/kind").asText()).isEqualTo("flush-queued");
    assertThat(divergence.at("/left/0/event")).isEqualTo(divergence.at("/right/0/event"));
  }

  @Test
  void mistakesAreToldInOneLine() {
    assertThat(mapstorm("diff", path("base"), path("nowhere")).err())
        .isEqualTo("mapstorm: %s does not exist%n".formatted(path("nowhere")));
    assertThat(mapstorm("verify", path("base"), "--host", "3"))
        .matches(ran -> ran.code() == 2 && ran.err().contains("has host 0"));
    assertThat(mapstorm("verify", path("base"), "--context", "0").code()).isEqualTo(2);
  }
}
