package dev.mapstorm.load.conform.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mapstorm.load.conform.ConformanceResult;
import dev.mapstorm.load.conform.Mismatch;
import dev.mapstorm.load.text.TextFormatException;
import dev.mapstorm.load.text.TextLines;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandConformanceTest {
  private static final String SETTING =
      "{\"setting\":{\"driver\":\"virtio\",\"pageSizes\":4096,\"domain\":1,\"endpoints\":1,"
          + "\"queueSize\":8},\"pageSizes\":4096}";
  private static final String MAP =
      "{\"op\":\"map\",\"iova\":8192,\"paddr\":4096,\"size\":4096,\"ret\":0,"
          + "\"commands\":[[\"MAP\",8192,12287,4096],[\"kick\",1]]}";
  private static final String UNMAP =
      "{\"op\":\"unmap\",\"iova\":8192,\"size\":4096,\"ret\":4096,"
          + "\"commands\":[[\"UNMAP\",8192,12287],[\"kick\",1]]}";

  @ParameterizedTest
  @CsvSource({
    "vtd, 289",
    "vtd72, 311",
    "amd, 324",
    "amd72, 324",
    "smmu, 240",
    "smmu72, 198",
    "virtio, 235"
  })
  void sendsTheCommandsOfTheCompiledDriver(String driver, long operations) throws IOException {
    ConformanceResult result = check(recorded(driver));

    assertThat(result.operations()).isEqualTo(operations);
    assertThat(result.first()).isEmpty();
    assertThat(result.mismatches()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"vtd", "vtd72", "amd", "amd72", "smmu", "smmu72", "virtio"})
  void everyChangedCommandIsFoundOnItsLine(String driver) throws IOException {
    List<String> lines = recorded(driver).lines().toList();
    int line = 0;
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < lines.size(); i++) {
      String each = lines.get(i);
      if (line == 0 && each.startsWith("{\"op\":\"unmap\"") && !each.contains("\"commands\":[]")) {
        line = i + 1;
        each = each.replace("]}", ",[\"more\",1]]}");
      }
      text.append(each).append('\n');
    }

    ConformanceResult result = check(text.toString());

    assertThat(result.first()).extracting(Mismatch::line).containsExactly((long) line);
    assertThat(result.first().get(0).field()).isEqualTo("commands");
  }

  @Test
  void whatAnOperationReturnsIsComparedToo() {
    ConformanceResult result =
        check(String.join("\n", SETTING, MAP, UNMAP.replace("\"ret\":4096", "\"ret\":8192")));

    assertThat(result.operations()).isEqualTo(2);
    assertThat(result.first().get(0)).hasToString("line 3: ret: expected 8192, got 4096");
  }

  @Test
  void aMismatchIsShownFromTheCommandThatDiffers() {
    ConformanceResult result =
        check(String.join("\n", SETTING, MAP.replace("[\"kick\",1]", "[\"kick\",2]")));

    assertThat(result.first().get(0))
        .hasToString("line 2: commands: expected ... [\"kick\",2]], got ... [\"kick\",1]]");
  }

  @Test
  void refusesWhatItDoesNotKnowByName() {
    refused("", "x.jsonl: holds no operation");
    refused(MAP, "1: an operation before the first line with a 'setting'");
    refused(SETTING.replace("virtio", "vortio"), "1: 'setting.driver' is not vtd, amd, smmu");
    refused(
        SETTING.replace("\"domain\"", "\"doman\""), "1: unknown key 'setting.doman'; known here:");
    refused(SETTING.replace("\"endpoints\":1,", ""), "1: 'setting.endpoints' is missing");
    refused(SETTING.replace("Size\":8", "Size\":1"), "'setting.queueSize' is not a whole number");
    refused(SETTING + "\n" + MAP.replace("\"map\"", "\"mop\""), "2: 'op' is not map, unmap,");
    refused(SETTING + "\n" + MAP.replace("\"ret\":0", "\"rat\":0"), "2: unknown key 'rat'");
    refused(SETTING + "\n" + MAP.replace(":8192,", ":-1,"), "2: 'iova' is not a whole number");
    refused(
        SETTING + "\n{\"op\":\"direct\",\"kind\":\"x\",\"args\":[],\"commands\":[]}",
        "2: 'op' is not one that virtio has");
    refused(SETTING + "\n" + MAP.substring(5), "2: not JSON");
  }

  @Test
  void refusesSettingsThatNoDriverHas() throws IOException {
    String amd = recorded("amd").lines().findFirst().orElseThrow();
    refused(amd.replace("\"6.12\"", "\"5.4\""), "1: 'setting.release' is neither 6.12 nor 7.2");
    refused(amd.replaceFirst("\"v[12]\"", "\"v3\""), "1: 'setting.format' is neither v1 nor v2");
    String smmu = recorded("smmu").lines().findFirst().orElseThrow();
    refused(
        smmu.replaceFirst("\"granule\":\\d+", "\"granule\":8192"),
        "1: 'setting.granule' is not 4096, 16384 or 65536");
    String vtd = recorded("vtd").lines().findFirst().orElseThrow();
    refused(
        vtd.replaceFirst("\"iotlb\"", "\"itlb\""), "1: 'setting.tags[0][0]' is not iotlb, devtlb");
  }

  private static void refused(String text, String message) {
    assertThatThrownBy(() -> check(text))
        .isInstanceOf(TextFormatException.class)
        .hasMessageContaining(message);
  }

  private static ConformanceResult check(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    try (TextLines lines = TextLines.of("x.jsonl", new ByteArrayInputStream(bytes))) {
      return CommandConformance.check(lines);
    }
  }

  private static String recorded(String driver) throws IOException {
    String name = "invalidation-" + driver + ".jsonl.gz";
    try (InputStream in =
        new GZIPInputStream(CommandConformanceTest.class.getResourceAsStream(name))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
