package dev.mapstorm.load.cli;

import static dev.mapstorm.load.cli.CommandLineFixture.mapstorm;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.load.cli.CommandLineFixture.Ran;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LanesChoiceTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 1025, 1_000_000, Integer.MAX_VALUE})
  void moreThreadsThanAProcessShouldHaveAreRefusedBeforeAnythingIsMade(int lanes) {
    Path out = folder.resolve("out");
    Ran ran = mapstorm("run", "nvme-4k", "--lanes", "" + lanes, "--out", out.toString());
    assertThat(ran.code()).isEqualTo(ExitCode.USAGE);
    assertThat(ran.err()).isEqualTo("mapstorm: --lanes %d: must be 1 to 1024\n".formatted(lanes));
    assertThat(Files.exists(out)).isFalse();

    Ran node =
        mapstorm(
            "cluster", "node", "--db", "jdbc:postgresql://127.0.0.1:1/x", "--lanes", "" + lanes);
    assertThat(node.code()).isEqualTo(ExitCode.USAGE);
    assertThat(node.err()).contains("--lanes %d: must be 1 to 1024".formatted(lanes));
  }
}
