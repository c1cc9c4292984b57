package dev.mapstorm.load.cli;

import static dev.mapstorm.load.cli.CommandLineFixture.mapstorm;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mapstorm.load.cli.CommandLineFixture.Ran;
import dev.mapstorm.load.cluster.TlsSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterCertsCommandTest {
  @TempDir Path folder;

  private Ran certs(String... options) {
    String[] all = new String[options.length + 3];
    all[0] = "cluster";
    all[1] = "certs";
    all[2] = folder.resolve("set").toString();
    System.arraycopy(options, 0, all, 3, options.length);
    return mapstorm(all);
  }

  @Test
  void everyNodeGetsASetThatTheNodeCommandTakes() {
    Ran ran = certs("--nodes", "a,b.example", "--days", "7", "--json");
    assertThat(ran.code()).as(ran.err()).isZero();
    JsonNode made = ran.json();

    assertThat(made.get("files")).hasSize(8);
    Instant until = Instant.parse(made.get("validUntil").asText());
    for (String node : new String[] {"a", "b.example"}) {
      Path own = folder.resolve("set").resolve(node);
      assertThatCode(() -> TlsSettings.in(own, until.minus(Duration.ofHours(1))))
          .doesNotThrowAnyException();
    }
    assertThat(until)
        .isBetween(Instant.now().plus(Duration.ofDays(6)), Instant.now().plus(Duration.ofDays(8)));

    Ran again = certs("--nodes", "a");
    assertThat(again.code()).isEqualTo(ExitCode.ERROR);
    assertThat(again.err().lines()).hasSize(1);
    assertThat(again.err()).contains("ca.key exists, and nothing is overwritten");
  }

  @Test
  void whatTheCaIsForIsSaid() {
    assertThat(certs("--nodes", "a").out()).contains("for tests and demos only");
  }

  @Test
  void wrongNamesAndDaysAreUsageErrors() {
    assertThat(certs("--nodes", "a,../b").err())
        .isEqualTo("mapstorm: --nodes ../b: must be letters, digits, dots and dashes\n");
    assertThat(certs("--nodes", "a,a").err()).isEqualTo("mapstorm: --nodes: a is there twice\n");
    assertThat(certs("--days", "0").code()).isEqualTo(ExitCode.USAGE);
    assertThat(folder.resolve("set")).doesNotExist();
  }
}
