package dev.mapstorm.load.conform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mapstorm.load.text.TextFormatException;
import dev.mapstorm.load.text.TextLines;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

class CmdqConformanceTest {
  private static final String GOOD =
      "{\"shift\":6,\"msi\":true,\"calls\":[[[1,0]]],\"schedule\":[0,0,0,0,0,0,0,0,1],\"steps\":["
          + "\"0 0 load 0 0\",\"1 0 cas ok 0 0\",\"2 0 valid 1\",\"3 0 ok owner\","
          + "\"4 0 endGather 1\",\"5 0 ok valid\",\"6 0 writeProd 1\",\"7 0 passOwner 1\","
          + "\"7 0 done 0\",\"8 hw cmd 0 0 0 0\",\"end 1 1 1 0\"]}";

  @Test
  void seesAtEveryStepWhatTheCompiledDriverSaw() throws IOException {
    ConformanceResult result = check(recorded());

    assertThat(result.operations()).isEqualTo(18);
    assertThat(result.first()).isEmpty();
    assertThat(result.mismatches()).isZero();
  }

  @Test
  void everyAlteredStepIsFoundOnItsLine() {
    ConformanceResult result =
        check(GOOD + "\n" + GOOD.replace("endGather 1", "endGather 2") + "\n" + GOOD);

    assertThat(result.mismatches()).isEqualTo(1);
    assertThat(result.first().get(0))
        .hasToString("line 2: steps[4]: expected '4 0 endGather 2', got '4 0 endGather 1'");
  }

  @Test
  void missingAndAddedStepsAreMismatches() {
    String shorter = GOOD.replace(",\"end 1 1 1 0\"", "");
    String longer = GOOD.replace("]}", ",\"end 1 1 1 0\"]}");

    ConformanceResult result = check(shorter + "\n" + longer);

    assertThat(result.mismatches()).isEqualTo(2);
    assertThat(result.first().get(0).expected()).isEqualTo("none");
    assertThat(result.first().get(1).got()).isEqualTo("none");
  }

  @Test
  void refusesWhatIsNoRunWithItsLineAndKey() {
    refused("", "cmdq.jsonl: holds no run");
    refused(GOOD.replace("\"msi\"", "\"mis\""), "1: unknown key 'mis'");
    refused(GOOD.replace("\"msi\":true,", ""), "1: 'msi' is missing");
    refused(GOOD.replace("\"shift\":6", "\"shift\":5"), "'shift' is not a whole number from 6");
    refused(GOOD.replace("[[[1,0]]]", "[[[1,2]]]"), "'calls[0][0][1]' is not a whole number");
    refused(GOOD.replace("[[[1,0]]]", "[[[64,1]]]"), "'calls[0][0][0]' is not a whole number");
    refused(GOOD.replace("[[[1,0]]]", "[[[1]]]"), "'calls[0][0]' is not a list of 2");
    refused(GOOD.replace("0,1],\"steps\"", "0,2],\"steps\""), "'schedule[8]' is not");
    refused(GOOD + "\n" + GOOD.substring(9), "2: not JSON");
    refused("[1]", "1: not a JSON object");
  }

  private static void refused(String text, String message) {
    assertThatThrownBy(() -> check(text))
        .isInstanceOf(TextFormatException.class)
        .hasMessageContaining(message);
  }

  private static ConformanceResult check(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    try (TextLines lines = TextLines.of("cmdq.jsonl", new ByteArrayInputStream(bytes))) {
      return CmdqConformance.check(lines);
    }
  }

  private static String recorded() throws IOException {
    try (InputStream in =
        new GZIPInputStream(
            CmdqConformanceTest.class.getResourceAsStream("invalidation-cmdq.jsonl.gz"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
