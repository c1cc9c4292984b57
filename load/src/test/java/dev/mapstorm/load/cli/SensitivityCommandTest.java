package dev.mapstorm.load.cli;

import static dev.mapstorm.load.cli.CommandLineFixture.mapstorm;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mapstorm.load.cli.CommandLineFixture.Ran;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SensitivityCommandTest {
  @TempDir Path folder;

  private Ran run(String duration, String... more) {
    String[] command = new String[more.length + 6];
    System.arraycopy(
        new String[] {
          "run", "nvme-4k", "--duration", duration, "--out", folder.resolve("run").toString()
        },
        0,
        command,
        0,
        6);
    System.arraycopy(more, 0, command, 6, more.length);
    Ran ran = mapstorm(command);
    assertThat(ran.code()).as(ran.err()).isZero();
    return ran;
  }

  @Test
  void aRunTellsWhatItsHeadlinesHangOn() {
    Ran ran = run("14ms");

    assertThat(ran.out())
        .containsPattern(
            "hangs on  the first [0-9.]+ .s again with each figure of xeon-skylake-vtd at its least"
                + " and its most")
        .containsPattern(
            "unmap call +[23][.]\\d+ us +1[.]\\d+ us +[45][.]\\d+ us +\\d\\d %  wait-latency");
    assertThat(ran.lastLine()).startsWith("run ");
  }

  @Test
  void aShortRunLeavesItToTheCommand() {
    assertThat(run("1ms").out()).doesNotContain("hangs on");

    Ran ran = mapstorm("sensitivity", folder.resolve("run").toString(), "--json");

    assertThat(ran.code()).as(ran.err()).isZero();
    JsonNode unmap = ran.json().get("headlines").get(1);
    assertThat(unmap.get("of").asText()).isEqualTo("unmap call");
    assertThat(unmap.get("low").asDouble()).isLessThan(unmap.get("value").asDouble());
    assertThat(unmap.get("hangsOn").get(0).get("key").asText()).isEqualTo("costs.wait-latency");
    assertThat(ran.json().get("runs").asInt()).isGreaterThan(40);
  }

  @Test
  void jsonOfARunHasIt() {
    JsonNode json = run("14ms", "--json").json();

    assertThat(json.get("sensitivity").get("platform").asText()).isEqualTo("xeon-skylake-vtd");
    assertThat(json.get("scenario").asText()).isEqualTo("nvme-4k");
  }

  @Test
  void tooFewStepsAreRefused() {
    Ran ran = mapstorm("sensitivity", "none", "--steps", "10");

    assertThat(ran.code()).isEqualTo(ExitCode.USAGE);
    assertThat(ran.err()).contains("--steps 10: must be 1000 to 100000000");
  }
}
