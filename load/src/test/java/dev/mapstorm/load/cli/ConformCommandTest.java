package dev.mapstorm.load.cli;

import static dev.mapstorm.load.cli.CommandLineFixture.mapstorm;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mapstorm.load.cli.CommandLineFixture.Ran;
import dev.mapstorm.load.text.TextLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConformCommandTest {
  private static final String VECTORS = "src/test/resources/dev/mapstorm/load/conform/";

  /** Bounces alone: nothing to match. */
  private static final String NO_SLOTS =
      "src/test/resources/dev/mapstorm/load/reports/25-swiotlb-only.txt";

  private static final String TRACES = "src/test/resources/dev/mapstorm/load/traces/";

  @TempDir Path folder;

  @Test
  void iovaVectorsOfLinuxMatch() {
    Ran ran = mapstorm("conform", "iova", VECTORS + "iova-dac32.csv.gz");

    assertThat(ran.lastLine()).matches("iova: [1-9]\\d* operations, 0 mismatches");
    assertThat(ran.code()).isZero();
    assertThat(ran.err()).isEmpty();
  }

  @Test
  void severalFilesAreSummedUpInTheLastLine() {
    String one = VECTORS + "iova-dac32.csv.gz";
    String other = VECTORS + "iova-gc.csv.gz";

    JsonNode json = mapstorm("conform", "iova", "--json", one, other).json();

    assertThat(json.get("files")).hasSize(2);
    assertThat(mapstorm("conform", "iova", one, other).lastLine())
        .isEqualTo(
            "iova: %d operations, 0 mismatches"
                .formatted(
                    json.get("files").get(0).get("operations").asLong()
                        + json.get("files").get(1).get("operations").asLong()));
  }

  @Test
  void aDifferenceIsShownWithItsLineAndCodeOne() throws IOException {
    List<String> lines = lines(VECTORS + "iova-dac32.csv.gz", 40);
    String[] columns = lines.get(30).split(",");
    columns[4] = Long.toString(Long.parseLong(columns[4]) + 1);
    lines.set(30, String.join(",", columns));
    Path file = Files.write(folder.resolve("wrong.csv"), lines);

    Ran ran = mapstorm("conform", "iova", file.toString());

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.out()).contains(file + ":31: ", "Linux answered " + columns[4]);
    assertThat(ran.out()).contains(file + ":30: " + lines.get(29));
    assertThat(ran.lastLine()).matches("iova: 38 operations, [1-9]\\d* mismatches");
  }

  @Test
  void mapSgVectorsOfLinuxMatch() {
    Ran ran = mapstorm("conform", "map-sg", VECTORS + "map-sg.jsonl.gz");

    assertThat(ran.lastLine()).matches("map-sg: [1-9]\\d* operations, 0 mismatches");
    assertThat(ran.code()).isZero();
  }

  @Test
  void mapSgDifferencesAreShown() throws IOException {
    List<String> lines = lines(VECTORS + "map-sg.jsonl.gz", 3);
    lines.set(1, lines.get(1).replaceFirst("\"iovaLength\": ?\\d+", "\"iovaLength\": 1"));
    Path file = Files.write(folder.resolve("wrong.jsonl"), lines);

    Ran ran = mapstorm("conform", "map-sg", file.toString());

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.out()).contains(file + ":2: iovaLength: Linux answered 1, the model ");
    assertThat(ran.lastLine()).isEqualTo("map-sg: 3 operations, 1 mismatches");
  }

  @Test
  void aKernelTraceIsExplained() {
    Ran ran = mapstorm("conform", "trace", TRACES + "nvme-randread-4k-strict.trace.gz");

    assertThat(ran.lastLine())
        .matches(
            "trace: ([1-9]\\d*) allocations, \\1 decidable, \\d+ explained, \\d+ unexplained,"
                + " (99\\.9\\d|100\\.00)% match");
    assertThat(ran.out()).contains("  0000:00:03.0: ", "  invalidations: ");
    assertThat(ran.code()).isZero();
  }

  @Test
  void aThresholdThatATraceMissesMakesCodeOne() {
    Ran ran = mapstorm("conform", "trace", "--json", NO_SLOTS);

    assertThat(ran.json().get("allocations").asLong()).isZero();
    assertThat(ran.code()).isEqualTo(1);
    assertThat(mapstorm("conform", "trace", "--at-least", "0", NO_SLOTS).code()).isZero();
    assertThat(mapstorm("conform", "trace", "--at-least", "101", "x").code()).isEqualTo(2);
  }

  @Test
  void whatIsNoVectorFileIsAnErrorThatNamesTheFile() throws IOException {
    Path file = Files.writeString(folder.resolve("notes.txt"), "hello\n");

    Ran ran = mapstorm("conform", "iova", file.toString());

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.err()).startsWith("mapstorm: " + file + ":1: ");
    assertThat(ran.out()).isEmpty();
  }

  private static List<String> lines(String file, int count) {
    List<String> lines = new ArrayList<>();
    try (TextLines text = TextLines.open(Path.of(file))) {
      while (lines.size() < count && text.advance()) {
        lines.add(text.line());
      }
    }
    return lines;
  }
}
