package dev.mapstorm.load.cli;

import static dev.mapstorm.load.cli.CommandLineFixture.mapstorm;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.mapstorm.load.cli.CommandLineFixture.Ran;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names that would move a terminal's cursor, turn its text around or fill it. */
class HostileNamesTest {
  private static final String HOSTILE = "a\u001b[2J\u001b]0;title\u0007\u202egnp\u009b";

  @TempDir Path folder;

  @Test
  void noCommandPrintsThemAsTheyAre() throws Exception {
    Path run = folder.resolve(HOSTILE);
    Ran made = mapstorm("run", "nvme-4k", "--duration", "300us", "--out", run.toString());
    assertHarmless(made);
    assertHarmless(mapstorm("runs", folder.toString()));
    assertHarmless(mapstorm("verify", run.toString()));
    assertHarmless(mapstorm("analyze", run + "-not"));
    assertHarmless(mapstorm("run", HOSTILE));
    assertHarmless(mapstorm(HOSTILE));
    assertHarmless(mapstorm("run", "nvme-4k", "--set", HOSTILE + "=1"));

    Ran json = mapstorm("runs", folder.toString(), "--json");
    assertHarmless(json);
    assertThat(json.json().get(0).get("path").asText()).isEqualTo(run.toString());
  }

  @Test
  void aDeviceOfATraceCanBeNamedInAThousandLetters() throws Exception {
    String device = "d".repeat(5000);
    Path trace =
        Files.writeString(
            folder.resolve("t.trace"),
            """
            # tracer: nop
             task-1 [000] ..... 1.000000: dma_map_phys: %s dir=TO_DEVICE dma_addr=1000 size=4096 phys_addr=2000 attrs=
            """
                .formatted(device));
    for (String[] command :
        new String[][] {
          {"conform", "trace", trace.toString()},
          {"run", "--trace", trace.toString(), "--out", folder.resolve("r").toString()}
        }) {
      Ran ran = mapstorm(command);
      assertThat(ran.out() + ran.err()).doesNotContain("d".repeat(300));
    }
  }

  @Test
  void jsonHasThemWhole() throws Exception {
    String name = HOSTILE + "\u2028\"\\ü" + "n".repeat(5000);
    String json = Json.text(name);
    assertThat(json).doesNotContain("\u001b", "\u202e", "\u009b", "\u2028");
    assertThat(new ObjectMapper().readValue(json, String.class)).isEqualTo(name);
  }

  private static void assertHarmless(Ran ran) {
    assertThat(ran.out() + ran.err())
        .isNotEmpty()
        .doesNotContain("\u001b", "\u0007", "\u202e", "\u009b");
  }
}
