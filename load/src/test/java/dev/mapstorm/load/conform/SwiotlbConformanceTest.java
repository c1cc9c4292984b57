package dev.mapstorm.load.conform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mapstorm.load.text.TextFormatException;
import dev.mapstorm.load.text.TextLines;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SwiotlbConformanceTest {
  private static final String HEAD =
      """
      # linux swiotlb vectors: profile=page seed=1
      # pool start=1744830464 ask_slots=128 ask_areas=1 bytes=0 cpus=2 restricted=0 force=1 dynamic=0 slots=128 areas=1
      # device 0 min_align_mask=0 seg_boundary_mask=0 dma_mask=18446744073709551615 max_mapping=262144
      """;

  private static final String MAP =
      "map,0,0,0,4096,4096,0,2,0,0,0,1744830464,0,0,2,0,4096,1744830464,4096,bounced,2,1,1";

  @TempDir Path dir;

  /** The first operations of each recorded profile; operations in the cut. */
  @ParameterizedTest
  @CsvSource({
    "boundary, 393", "devices, 392", "dynamic, 894", "full, 595", "iommu, 393", "mixed, 396",
    "narrow, 394", "nvme, 396", "overflow, 395", "page, 396", "restricted, 595", "small, 395",
  })
  void answersAllRecordedOperationsAsLinuxDid(String profile, int operations) throws IOException {
    ConformanceResult result = SwiotlbConformance.check(resource("swiotlb-" + profile + ".csv.gz"));

    assertThat(result.first()).isEmpty();
    assertThat(result.mismatches()).isZero();
    assertThat(result.operations()).isEqualTo(operations);
  }

  @Test
  void batchesAreLinearisedAsSpecified() throws IOException {
    ConformanceResult result = SwiotlbConformance.check(resource("swiotlb-batch.jsonl.gz"));

    assertThat(result.first()).isEmpty();
    assertThat(result.operations()).isEqualTo(299);
  }

  @Test
  void theCutsHoldEveryResult() throws IOException {
    Map<String, Integer> results = new TreeMap<>();
    for (String profile : List.of("dynamic", "full", "narrow", "restricted", "boundary")) {
      for (String line : lines(resource("swiotlb-" + profile + ".csv.gz"))) {
        if (line.matches("[a-z]+,\\d.*")) {
          String[] field = line.split(",");
          results.merge(field[0] + " " + field[19], 1, Integer::sum);
        }
      }
    }
    assertThat(results)
        .containsKeys(
            "map bounced",
            "map direct",
            "map transient",
            "map unreachable",
            "map oversize",
            "map exhausted",
            "map fragmented",
            "alloc allocated",
            "free freed",
            "grow failed",
            "unmap quiet",
            "unmap copied");
  }

  @Test
  void everyAlteredAnswerIsFoundOnItsLine() throws IOException {
    String wrong =
        HEAD.replace("slots=128 areas", "slots=256 areas").replace("=262144", "=1")
            + SwiotlbOperation.COLUMNS
            + "\n"
            + MAP.replace("bounced,2,1,1", "bounced,2,2,1")
            + "\n";

    ConformanceResult result = SwiotlbConformance.check(write(wrong));

    assertThat(result.operations()).isEqualTo(1);
    assertThat(result.first()).extracting(Mismatch::line).containsExactly(2L, 3L, 5L);
    assertThat(result.first().get(0).toString())
        .isEqualTo("line 2: slots,areas of the pool: expected 256,1, got 128,1");
    assertThat(result.first().get(2).got()).endsWith(",bounced,2,1,1");
  }

  @Test
  void anAlteredBatchIsFoundWithItsField() throws IOException {
    List<String> lines = lines(resource("swiotlb-batch.jsonl.gz")).subList(0, 3);
    lines.set(0, lines.get(0).replace("\"batchLimit\":63488", "\"batchLimit\":63489"));
    lines.set(1, lines.get(1).replace("\"areas\":1", "\"areas\":2"));
    lines.set(2, lines.get(2).replace("\"taken\":4", "\"taken\":3"));

    ConformanceResult result = SwiotlbConformance.check(write(String.join("\n", lines)));

    assertThat(result.first())
        .extracting(Mismatch::toString)
        .containsExactly(
            "line 1: batchLimit of device 2: expected 63489, got 63488",
            "line 2: batch areas: expected 2, got 1",
            "line 3: batch taken: expected 3, got 4");
  }

  @Test
  void damagedInputIsOneErrorThatNamesFileAndLine() throws IOException {
    String good = HEAD + SwiotlbOperation.COLUMNS + "\n" + MAP + "\n";
    assertThat(SwiotlbConformance.check(write(good)).mismatches()).isZero();

    refused("", "not a swiotlb vector file: it is empty");
    refused("hello\n", ":1: not a swiotlb vector file: the first line does not begin with");
    refused(HEAD, ": ends after line 3, before the columns");
    refused(HEAD + SwiotlbOperation.COLUMNS, ": holds no operation");
    refused(
        good.replace("force=1", "force=1 wings=2"), ":2: unknown key 'wings'; known here: start");
    refused(good.replace("cpus=2 ", ""), ":2: cpus= is missing");
    refused(good.replace("cpus=2 ", "cpus=2 cpus=2 "), ":2: cpus is there twice");
    refused(good.replace("cpus=2", "cpus=0"), ":2: cpus must be 1 to 16384, is 0");
    refused(
        good.replace("start=1744830464", "start=5"), ":2: a pool must start at a multiple of 4096");
    refused(good.replace("restricted=0", "restricted=1"), ":2: the slots of a pool must be 1 to");
    refused(good.replace("min_align_mask=0", "min_align_mask=6"), ":3: the minimum alignment mask");
    refused(
        good.replace("boundary_mask=0", "boundary_mask=9"), ":3: the segment boundary mask must");
    refused(good.replace("# device 0", "# device 1"), ":3: not # device 0 …");
    refused(
        good.replace("used,checked", "used,checkd"), ":4: the line after the devices is not op");
    refused(good.replace("map,0", "mop,0"), ":5: op is 'mop', not map, cpu");
    refused(good.replace("map,0", "map,2"), ":5: cpu must be 0 to 1, is 2");
    refused(good.replace("map,0,0,0", "map,0,1,0"), ":5: device must be 0 to 0, is 1");
    refused(good.replace(",4096,0,2,", ",0,0,2,"), ":5: size must be 1 to");
    refused(good.replace(",0,2,0,0,", ",0,3,0,0,"), ":5: direction must be 0 to 2, is 3");
    refused(
        good.replace(",0,2,0,0,", ",0,2,0,5,"), ":5: align must be one less than a power of two");
    refused(good.replace("bounced,", ""), ":5: 22 columns instead of 23");
    refused(good + MAP, ":6: id 0 is mapped already");
    refused(good + MAP.replace("map,0,0,0", "unmap,0,0,7"), ":6: id 7 is not mapped here");
    refused(good + MAP.replace("map,0,0,0", "free,0,0,0"), ":6: id 0 is not allocated here");
  }

  @Test
  void damagedBatchesAreRefused() throws IOException {
    List<String> lines = lines(resource("swiotlb-batch.jsonl.gz")).subList(0, 2);
    String head = lines.get(0);
    String batch = lines.get(1);

    refused(head, ": holds no operation");
    refused(head.replace("\"pool\"", "\"pond\""), ":1: unknown key 'pond'");
    refused(head.replace("\"areas\":4", "\"areas\":3"), ":1: the areas of a pool must be");
    refused(head + "\n" + batch.replace("\"op\":\"batch\"", "\"op\":\"bath\""), ":2: op is 'bath'");
    refused(head + "\n" + batch.replace("\"taken\"", "\"token\""), ":2: unknown key 'token'");
    refused(
        head + "\n" + batch.replace("\"cpu\":1", "\"cpu\":9"), ":2: 'cpu' is not a whole number");
    refused(
        head + "\n{\"op\":\"unmap\",\"cpu\":0,\"id\":5,\"skipCpuSync\":false}", ":2: id 5 is not");
    refused(head + "\n{\"op\":", ":2: not JSON: ");
  }

  private void refused(String text, String message) throws IOException {
    Path bad = write(text);
    assertThatThrownBy(() -> SwiotlbConformance.check(bad))
        .isInstanceOf(TextFormatException.class)
        .hasMessageContaining(message)
        .hasMessageContaining(bad.toString())
        .hasMessageNotContaining("\n");
  }

  private Path resource(String name) throws IOException {
    Path copy = dir.resolve(name);
    if (!Files.exists(copy)) {
      try (InputStream in = SwiotlbConformanceTest.class.getResourceAsStream(name)) {
        Files.copy(in, copy);
      }
    }
    return copy;
  }

  private static List<String> lines(Path file) {
    List<String> lines = new ArrayList<>();
    try (TextLines text = TextLines.open(file)) {
      while (text.advance()) {
        lines.add(text.line());
      }
    }
    return lines;
  }

  private Path write(String text) throws IOException {
    return Files.writeString(dir.resolve("lines.csv"), text);
  }
}
