package dev.mapstorm.load.conform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.mapstorm.load.text.TextFormatException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlkConformanceTest {
  @TempDir Path dir;

  @Test
  void mapsRequestsAsLinuxDid() {
    ConformanceResult result = BlkConformance.check(RecordedFile.of("blk.jsonl.gz"));

    assertThat(result.operations()).isEqualTo(399);
    assertThat(result.first()).isEmpty();
    assertThat(result.mismatches()).isZero();
  }

  @Test
  void everyAlteredAnswerIsFoundOnItsLine() {
    List<String> lines = RecordedFile.lines(RecordedFile.of("blk.jsonl.gz"));
    RecordedFile.alter(lines, 2, "\"gapBit\":0", "\"gapBit\":13");
    RecordedFile.alter(lines, 3, "\"6.19\":{\"path\":\"iova\"", "\"6.19\":{\"path\":\"direct\"");
    RecordedFile.alter(lines, 4, "\"undo\":[[\"unmap\"", "\"undo\":[[\"free\"");
    RecordedFile.alter(lines, 5, "\"linked\":8192", "\"linked\":4096");

    ConformanceResult result = BlkConformance.check(RecordedFile.write(dir, lines));

    assertThat(result.mismatches()).isEqualTo(4);
    assertThat(result.first())
        .extracting(Mismatch::line, Mismatch::field)
        .containsExactly(
            tuple(2L, "gapBit"),
            tuple(3L, "6.19.path"),
            tuple(4L, "6.17.undo[0]"),
            tuple(5L, "6.17.linked"));
  }

  @Test
  void damagedInputIsOneErrorThatNamesFileAndLine() {
    List<String> lines = RecordedFile.lines(RecordedFile.of("blk.jsonl.gz")).subList(0, 2);
    refused("some.jsonl: holds no request", lines.get(0));
    refused(":1: 'mergeBoundary' is missing", lines.get(0).replace("\"mergeBoundary\":4095,", ""));
    refused(
        ":2: a bio of 1537 bytes has vectors of 1536",
        lines.get(0),
        lines.get(1).replace("[[0,1536,", "[[0,1537,"));
    refused(
        ":2: 'bytes' is not the sum of the bios, 1536",
        lines.get(0),
        lines.get(1).replace("\"bytes\":1536", "\"bytes\":1"));
    refused(":2: unknown key '6.18'", lines.get(0), lines.get(1).replace("\"6.19\"", "\"6.18\""));
  }

  private void refused(String message, String... lines) {
    assertThatThrownBy(() -> BlkConformance.check(RecordedFile.write(dir, List.of(lines))))
        .isInstanceOf(TextFormatException.class)
        .hasMessageContaining(message);
  }
}
