package dev.mapstorm.load.conform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mapstorm.load.text.TextFormatException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TwoStepConformanceTest {
  private static final String SETTING =
      "{\"profile\":\"x\",\"seed\":1,\"granule\":4096,\"cpus\":4,\"lazy\":false,"
          + "\"untrusted\":false,\"coherent\":true,\"mask_bits\":64,\"pci\":true,"
          + "\"release\":\"7.2\",\"format\":\"generic_pt\"}";
  private static final String ALLOC =
      "{\"op\":\"try_alloc\",\"cpu\":0,\"id\":0,\"phys\":512,\"size\":3584,\"ok\":true,"
          + "\"addr\":4294963712,\"did\":[[\"alloc\",1,1048575,1048575]]}";
  private static final String LINK =
      "{\"op\":\"link\",\"cpu\":1,\"id\":0,\"phys\":512,\"offset\":0,\"len\":3584,"
          + "\"dir\":\"TO_DEVICE\",\"error\":0,\"did\":[[\"map\",4294963200,0,4096,5]]}";

  @TempDir Path dir;

  static List<Path> recorded() {
    return RecordedFile.in("twostep");
  }

  @ParameterizedTest
  @MethodSource("recorded")
  void answersAndDoesAsLinuxDid(Path file) {
    ConformanceResult result = TwoStepConformance.check(file);

    assertThat(result.operations()).isGreaterThan(600);
    assertThat(result.first()).isEmpty();
    assertThat(result.mismatches()).isZero();
  }

  @Test
  void everyAlteredAnswerIsFoundOnItsLine() {
    List<String> lines = RecordedFile.lines(RecordedFile.of("twostep/strict.jsonl.gz"));
    RecordedFile.alter(lines, 3, "\"ok\":true", "\"ok\":false");
    RecordedFile.alter(lines, 4, ",65536,6]", ",65536,7]");
    RecordedFile.alter(lines, 5, "\"error\":0", "\"error\":-12");
    RecordedFile.alter(lines, 9, "[[\"syncMap\"", "[[\"flushAll\"],[\"syncMap\"");

    ConformanceResult result = TwoStepConformance.check(RecordedFile.write(dir, lines));

    assertThat(result.mismatches()).isEqualTo(4);
    assertThat(result.first())
        .containsExactly(
            new Mismatch(3, "ok", "false", "true"),
            new Mismatch(
                4,
                "did[0]",
                "[\"map\",4294705152,32452448256,65536,7]",
                "[\"map\",4294705152,32452448256,65536,6]"),
            new Mismatch(5, "error", "-12", "0"),
            new Mismatch(9, "did[0]", "[\"flushAll\"]", "[\"syncMap\",4294705152,139264]"));
  }

  @Test
  void aMiddleOfLengthZeroFailsWithGenericPtBefore72() {
    String untrusted = SETTING.replace("\"untrusted\":false", "\"untrusted\":true");
    String old = untrusted.replace("7.2", "7.1");
    String alloc = ALLOC.replace("\"phys\":512", "\"phys\":0").replace("4294963712", "4294963200");
    String bounced =
        LINK.replace("\"phys\":512", "\"phys\":0")
            .replace(
                "[[\"map\",4294963200,0,4096,5]]",
                "[[\"bounce\",0,3584,123145302310912],[\"map\",4294963200,123145302310912,4096,5]]");
    String failed =
        bounced
            .replace("\"error\":0", "\"error\":-22")
            .replaceFirst(
                "\"did\".*",
                "\"did\":[[\"mapFail\",4294963200,0,0],[\"unmap\",4294963200,0,0,\"sync\"]]}");

    assertThat(check(untrusted, alloc, bounced).first()).isEmpty();
    assertThat(check(old, alloc, failed).first()).isEmpty();
  }

  @Test
  void damagedInputIsOneErrorThatNamesFileAndLine() {
    refused("some.jsonl: holds no call", SETTING);
    refused(":1: 'release' is none of [6.16,", SETTING.replace("7.2", "6.12"), ALLOC);
    refused(":1: 'format' is neither", SETTING.replace("generic_pt", "gpt"), ALLOC);
    refused(":1: unknown key 'limit'", SETTING.replace("\"cpus\"", "\"limit\":1,\"cpus\""), ALLOC);
    refused(":2: 'id' is no batch that has IOVA: '0'", SETTING, LINK);
    refused(
        ":3: 'cpu' is not a whole number from 0 to 3",
        SETTING,
        ALLOC,
        LINK.replace("1,\"id", "4,\"id"));
    refused(":3: 'dir' is none of", SETTING, ALLOC, LINK.replace("TO_DEVICE", "NONE"));
    refused(
        ":3: unknown key 'failSync'",
        SETTING,
        ALLOC,
        LINK.replace("\"dir\"", "\"failSync\":true,\"dir\""));
    refused(":2: 'op' is none of try_alloc,", SETTING, ALLOC.replace("try_alloc", "alloc"));
    refused(
        ":2: 'op' is the timer of a flush queue",
        SETTING,
        "{\"op\":\"timer\",\"cpu\":0,\"did\":[]}");
  }

  private ConformanceResult check(String... lines) {
    return TwoStepConformance.check(RecordedFile.write(dir, List.of(lines)));
  }

  private void refused(String message, String... lines) {
    assertThatThrownBy(() -> check(lines))
        .isInstanceOf(TextFormatException.class)
        .hasMessageContaining(message);
  }
}
