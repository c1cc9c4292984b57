package dev.mapstorm.load.conform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mapstorm.load.text.TextFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The models of arm32 and powerpc against the beginnings of recorded files. */
class WindowConformanceTest {
  private static final String ARM32_HEAD = "{\"profile\":\"page\",\"seed\":1,\"pageSize\":4096}";
  private static final String ARM32_CREATE =
      "{\"op\":\"create\",\"base\":0,\"size\":4294967296,\"alignOrder\":8,"
          + "\"pagesPerBitmap\":32768,\"maxBitmaps\":32}";
  private static final String POWERPC_HEAD =
      "{\"profile\":\"full\",\"seed\":1,\"pageShift\":16,\"cpus\":2,\"poolHash\":[0,1]}";

  @TempDir Path dir;

  @ParameterizedTest
  @ValueSource(strings = {"align", "extend", "fault", "full", "mixed", "page", "sg"})
  void arm32AnswersAsLinuxDid(String profile) throws IOException {
    agrees(Arm32Conformance::check, "arm32-" + profile, 150);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "boundary",
        "coherent",
        "fault",
        "full",
        "mask",
        "mixed4k",
        "mixed64k",
        "onepool",
        "reserved",
        "sg4k",
        "sg64k",
        "small4k"
      })
  void powerpcAnswersAsLinuxDid(String profile) throws IOException {
    agrees(PowerpcConformance::check, "powerpc-" + profile, 150);
  }

  private void agrees(Function<Path, ConformanceResult> check, String name, int least)
      throws IOException {
    ConformanceResult result = check.apply(write(recorded(name)));
    assertThat(result.first()).isEmpty();
    assertThat(result.mismatches()).isZero();
    assertThat(result.operations()).isGreaterThanOrEqualTo(least);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "arm32-page|maxBitmaps|maxBitmaps\":1",
        "arm32-page|dmaAddress|dmaAddress\":1",
        "arm32-sg|dmaVectors[0]|dmaVectors\":[[1,1],",
        "arm32-sg|mapped[0]|mapped\":[[1,1,1],",
        "arm32-fault|unmapped[0]|unmapped\":[[1,1],",
        "arm32-extend|bitmaps|bitmaps\":1",
        "powerpc-full|pools|pools\":1",
        "powerpc-full|poolSize|poolSize\":1",
        "powerpc-full|largeStart|largeStart\":1",
        "powerpc-full|dmaAddress|dmaAddress\":1",
        "powerpc-sg4k|dmaVectors[0]|dmaVectors\":[[1,1],",
        "powerpc-sg4k|sets[0]|sets\":[[1,1,1],",
        "powerpc-sg4k|clears[0]|clears\":[[1,1],",
        "powerpc-small4k|flushes|flushes\":1",
        "powerpc-small4k|searches|searches\":1",
        "powerpc-small4k|locks|locks\":1",
        "powerpc-small4k|hints[0]|hints\":[1",
      })
  void everyAlteredAnswerIsFoundOnItsLine(String name, String field, String altered)
      throws IOException {
    List<String> lines = recorded(name);
    String key = "\"" + altered.substring(0, altered.indexOf(':') + 1);
    int at = 1;
    while (!lines.get(at).contains(key) || lines.get(at).contains(key + "[]")) {
      at++;
    }
    String from = altered.contains("[") ? key + "[" : key;
    lines.set(at, lines.get(at).replace(from, "\"" + altered));

    ConformanceResult result = check(name).apply(write(lines));

    // What the file says was mapped is taken back, so an altered vector differs there again.
    assertThat(result.mismatches()).isBetween(1L, 2L);
    assertThat(result.first().get(0).line()).isEqualTo(at + 1L);
    assertThat(result.first().get(0).field()).isEqualTo(field);
  }

  private static Function<Path, ConformanceResult> check(String name) {
    return name.startsWith("arm32") ? Arm32Conformance::check : PowerpcConformance::check;
  }

  @Test
  void whatLinuxMappedIsTakenBackAfterAMismatch() throws IOException {
    List<String> lines = recorded("arm32-sg");
    int at = 2;
    lines.set(
        at,
        lines.get(at).replaceFirst("\"dmaVectors\":.*", "\"error\":-12,")
            + "\"mapped\":[],\"unmapped\":[],\"bitmaps\":1}");

    ConformanceResult result = Arm32Conformance.check(write(lines.subList(0, 4)));

    assertThat(result.mismatches()).isGreaterThanOrEqualTo(1);
    assertThat(result.first().get(0).toString()).isEqualTo("line 3: error: expected -12, got none");
  }

  @Test
  void damagedArm32FilesAreOneErrorThatNamesFileAndLine() throws IOException {
    String page =
        "{\"op\":\"mapPage\",\"id\":0,\"page\":4096,\"offset\":0,\"size\":4096,\"direction\":2,"
            + "\"dmaAddress\":0,\"mapped\":[[0,4096,4096]],\"unmapped\":[],\"bitmaps\":1}";
    String head = ARM32_HEAD + "\n";
    String begin = head + ARM32_CREATE + "\n";
    arm32(begin + page, null);
    arm32("", ": is empty");
    arm32(ARM32_HEAD, ": holds no operation");
    arm32(ARM32_HEAD.replace("4096", "8192"), ":1: 'pageSize' must be 4096 to 4096, is 8192");
    arm32(POWERPC_HEAD, ":1: 'pageSize' is missing");
    arm32(head + page, ":2: no address space");
    arm32(
        head + ARM32_CREATE.replace("4294967296", "4097").replace("8,", "3,"), ":2: 'alignOrder'");
    arm32(
        begin + page.replace("\"page\":4096", "\"page\":4097"), ":3: a page begins at a multiple");
    arm32(begin + page.replace("\"direction\":2", "\"direction\":3"), ":3: 'direction' must be 0");
    arm32(begin + page.replace("\"bitmaps\":1", "\"bitmap\":1"), ":3: 'bitmaps' is missing");
    arm32(begin + page.replace("{", "{\"attrs\":1,"), ":3: unknown key 'attrs'");
    arm32(begin + page.replace("{", "{\"failAt\":1,"), ":3: failAt and failError come together");
    arm32(begin + page.replace("mapPage", "mapRange"), ":3: unknown op 'mapRange'");
    arm32(begin + page.substring(0, 60), ":3: not JSON: ");
    arm32(
        begin + "{\"op\":\"unmapSg\",\"id\":7,\"unmapped\":[],\"bitmaps\":1}",
        ":3: no list with id 7 is mapped");
    arm32(
        begin
            + "{\"op\":\"unmapPage\",\"id\":7,\"dmaAddress\":4294967296,\"size\":1,"
            + "\"unmapped\":[],\"bitmaps\":1}",
        ":3: 4096 bytes at 0x100000000 are not inside one bitmap of the window");
  }

  private void arm32(String text, String message) throws IOException {
    refused(Arm32Conformance::check, text, message);
  }

  @Test
  void damagedPowerpcFilesAreOneErrorThatNamesFileAndLine() throws IOException {
    String create =
        "{\"op\":\"create\",\"tceShift\":16,\"offset\":0,\"size\":16384,\"reserved\":[0,0],"
            + "\"blockSize\":16,\"novmerge\":false,\"pools\":4,\"poolSize\":3072,"
            + "\"largeStart\":12288,\"largeEnd\":16384}";
    String page =
        "{\"op\":\"mapPage\",\"cpu\":0,\"id\":1,\"phys\":65536,\"size\":65536,"
            + "\"mask\":18446744073709551615,\"segBoundaryMask\":4294967295,\"dmaAddress\":65536,"
            + "\"sets\":[[1,1,65536]],\"clears\":[],\"flushes\":1,\"searches\":1,\"locks\":1,"
            + "\"hints\":[16,3072,6144,9216,12288]}";
    String begin = POWERPC_HEAD + "\n" + create + "\n";
    powerpc(begin + page, null);
    powerpc(POWERPC_HEAD.replace("[0,1]", "[0]"), ":1: 'poolHash' names the pools of 1 CPUs");
    powerpc(POWERPC_HEAD.replace("[0,1]", "[0,2]"), ":1: poolHash[1] must be 1, the hash of");
    powerpc(POWERPC_HEAD + "\n" + page, ":2: no table");
    powerpc(begin + page.replace("\"cpu\":0", "\"cpu\":2"), ":3: 'cpu' must be 0 to 1, is 2");
    powerpc(begin + page.replace("4294967295", "4294967294"), ":3: the segment boundary mask");
    powerpc(
        begin + page.replace("4294967295", "65535").replace("\"size\":65536", "\"size\":65537"),
        ":3: 2 entries do not fit a segment boundary of 1: Linux searches for ever");
    powerpc(begin + page.replace("{", "{\"attrs\":1,"), ":3: unknown key 'attrs'");
    powerpc(begin + page.replace("\"locks\":1,", ""), ":3: 'locks' is missing");
    powerpc(begin + page.replace("18446744073709551615", "18446744073709551616"), ":3: 'mask' is");
    powerpc(begin.replace("\"novmerge\":false", "\"novmerge\":0"), ":2: 'novmerge' is not true");
    powerpc(begin.replace("[0,0]", "[0]"), ":2: 'reserved' is not a list of 2 numbers");
    powerpc(begin.replace("\"blockSize\":16", "\"blockSize\":15"), ":2: blockSize must be a power");
  }

  private void powerpc(String text, String message) throws IOException {
    refused(PowerpcConformance::check, text, message);
  }

  private void refused(Function<Path, ConformanceResult> check, String text, String message)
      throws IOException {
    Path bad = dir.resolve("bad.jsonl");
    Files.writeString(bad, text);
    if (message == null) {
      assertThat(check.apply(bad).mismatches()).isZero();
      return;
    }
    assertThatThrownBy(() -> check.apply(bad))
        .isInstanceOf(TextFormatException.class)
        .hasMessageContaining(message)
        .hasMessageContaining(bad.toString())
        .hasMessageNotContaining("\n");
  }

  private static List<String> recorded(String name) throws IOException {
    try (InputStream in = WindowConformanceTest.class.getResourceAsStream(name + ".jsonl.gz");
        InputStream text = new GZIPInputStream(in)) {
      String all = new String(text.readAllBytes(), StandardCharsets.UTF_8);
      return new ArrayList<>(Arrays.asList(all.split("\n")));
    }
  }

  private Path write(List<String> lines) throws IOException {
    return Files.write(dir.resolve("lines.jsonl"), lines);
  }
}
