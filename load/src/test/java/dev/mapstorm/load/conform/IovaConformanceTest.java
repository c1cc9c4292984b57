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
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IovaConformanceTest {
  private static final String SETTINGS = "# made up: cpus=2 start_pfn=1 granule=4096 pci32=0\n";
  private static final String COLUMNS = "op,cpu,size,limit_pfn,pfn,path,walk\n";

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"dac32", "fragment", "gc"})
  void findsNoMismatchInWhatLinuxAnswered(String profile) throws IOException {
    Path file = Files.write(directory.resolve("vector.csv.gz"), recorded(profile));
    ConformanceResult result = IovaConformance.check(file);
    assertThat(result.operations()).isGreaterThanOrEqualTo(10_000);
    assertThat(result.mismatches()).isZero();
    assertThat(result.first()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"4,1", "5,flush", "6,77777"})
  void reportsAnAlteredColumnAtItsLine(int column, String altered) throws IOException {
    List<String> lines = lines("dac32");
    String truth = lines.get(4_000);
    String[] fields = truth.split(",");
    assertThat(fields[0]).isEqualTo("alloc");
    fields[column] = altered;
    lines.set(4_000, String.join(",", fields));
    Path file = Files.write(directory.resolve("altered.csv"), lines);

    ConformanceResult result = IovaConformance.check(file);

    assertThat(result.operations()).isEqualTo(10_000);
    assertThat(result.mismatches()).isEqualTo(1);
    Mismatch mismatch = result.first().get(0);
    assertThat(mismatch.line()).isEqualTo(4_001);
    assertThat(mismatch.field())
        .isEqualTo(
            "alloc of " + fields[2] + " granules on cpu " + fields[1] + " below pfn " + fields[3]);
    assertThat(mismatch.expected()).isEqualTo(fields[4] + " " + fields[5] + " " + fields[6]);
    String[] answer = truth.split(",", 5)[4].split(",");
    assertThat(mismatch.got()).isEqualTo(String.join(" ", answer));
    assertThat(mismatch.before()).isEqualTo(lines.subList(3_995, 4_000));
  }

  @Test
  void keepsOnlyTheFirstMismatchesButCountsAll() throws IOException {
    String wrong = "alloc,0,1,1048575,1,tree,1\n".repeat(12);
    ConformanceResult result = IovaConformance.check(vector(SETTINGS + COLUMNS + wrong));
    assertThat(result.operations()).isEqualTo(12);
    assertThat(result.mismatches()).isEqualTo(12);
    assertThat(result.first())
        .extracting(Mismatch::line)
        .containsExactly(3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L, 12L);
    assertThat(result.first().get(0).before()).isEmpty();
    assertThat(result.first().get(0).got()).isEqualTo("1048575 tree 1");
  }

  @Test
  void reportsAFreeOfAFrameThatTheModelDidNotGive() throws IOException {
    ConformanceResult result =
        IovaConformance.check(vector(SETTINGS + COLUMNS + "free,1,4,0,1048572,cpu,0\n"));
    assertThat(result.first().get(0).field())
        .isEqualTo("free of 4 granules at pfn 1048572 on cpu 1");
    assertThat(result.first().get(0).got()).isEqualTo("no range begins at pfn 1048572");
  }

  @Test
  void comparesHowManyMagazinesTheDepotWorkersReleased() throws IOException {
    StringBuilder text = new StringBuilder("# x cpus=1 start_pfn=1 granule=4096\n" + COLUMNS);
    int ranges = 127 * 4 + 1;
    for (int i = 0; i < ranges; i++) {
      text.append("alloc,0,1,1048575,").append(1048575 - i).append(",tree,1\n");
    }
    for (int i = 0; i < ranges; i++) {
      String path = i == 127 * 2 || i == 127 * 3 || i == 127 * 4 ? "depot" : "cpu";
      text.append("free,0,1,0,").append(1048575 - i).append(',').append(path).append(",0\n");
    }
    text.append("gc,0,0,0,1,tree,0\n".repeat(2)).append("gc,0,0,0,0,tree,0\n");
    ConformanceResult result = IovaConformance.check(vector(text.toString()));
    assertThat(result.first()).isEmpty();
    assertThat(result.operations()).isEqualTo(2L * ranges + 3);
  }

  @Test
  void allocatesThirtyTwoBitSpaceFirstAndLeavesItOnceItFails() throws IOException {
    String text =
        "# x cpus=1 start_pfn=1 granule=4096 pci32=1\n"
            + COLUMNS
            + "alloc,0,524288,68719476735,524288,tree,1\n"
            + "alloc,0,524288,68719476735,68718952448,tree,1\n"
            + "alloc,0,64,68719476735,68718952384,tree,1\n"
            + "alloc,0,524288,1048575,0,fail,0\n";
    assertThat(IovaConformance.check(vector(text)).first()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "alloc,0,1,1048575,x,tree,1 | 4: pfn is 'x', not a number",
        "alloc,0,1,1048575,99999999999999999999,tree,1 |"
            + " 4: pfn is '99999999999999999999', not a number",
        "alloc,2,1,1048575,1,tree,1 | 4: cpu is 2, not in 0..1",
        "alloc,0,0,1048575,1,tree,1 | 4: size is 0, not in 1..9223372036854775807",
        "alloc,0,1,1048575,1,tree | 4: 6 columns instead of 7: 'alloc,0,1,1048575,1,tree'",
        "alloc,0,1,1048575,1,sky,1 | 4: path is 'sky', not cpu, depot, tree, flush or fail",
        "map,0,1,1048575,1,tree,1 | 4: op is 'map', not alloc, free or gc",
      })
  void namesFileAndLineOfAnOperationThatIsNone(String line, String problem) throws IOException {
    Path file = vector(SETTINGS + COLUMNS + "alloc,0,1,1048575,1048575,tree,1\n" + line + "\n");
    assertThatThrownBy(() -> IovaConformance.check(file))
        .isInstanceOf(TextFormatException.class)
        .hasMessage(file + ":" + problem);
  }

  @Test
  void refusesWhatIsNoVectorFile() throws IOException {
    assertRefused("", ": not an IOVA vector file: it is empty");
    assertRefused(
        "{\"segments\": []}\n",
        ":1: not an IOVA vector file: the first line is no # comment with cpus=, start_pfn= and"
            + " granule=");
    assertRefused(
        "# cpus=2 granule=4096\n",
        ":1: not an IOVA vector file: the first line does not say start_pfn=");
    assertRefused("# cpus=two start_pfn=1 granule=4096\n", ":1: cpus is 'two', not a number");
    assertRefused("# cpus=2 start_pfn=1 granule=3000\n", ":1: granule=3000 is not a power of two");
    assertRefused(
        SETTINGS + "op,cpu\n",
        ":2: not an IOVA vector file: the second line is not op,cpu,size,limit_pfn,pfn,path,walk");
    assertRefused(SETTINGS + COLUMNS, ": holds no operation");
  }

  private void assertRefused(String text, String message) throws IOException {
    Path file = vector(text);
    assertThatThrownBy(() -> IovaConformance.check(file))
        .isInstanceOf(TextFormatException.class)
        .hasMessage(file + message);
  }

  @Test
  void refusesACompressedFileThatIsCutShort() throws IOException {
    byte[] whole = recorded("dac32");
    Path file =
        Files.write(directory.resolve("cut.csv.gz"), Arrays.copyOf(whole, whole.length / 2));
    assertThatThrownBy(() -> IovaConformance.check(file))
        .isInstanceOf(TextFormatException.class)
        .hasMessageMatching("\\Q" + file + "\\E:\\d{4}: damaged gzip: it ends too early");
  }

  private Path vector(String text) throws IOException {
    return Files.writeString(directory.resolve("vector.csv"), text);
  }

  private static List<String> lines(String profile) throws IOException {
    try (var in = new GZIPInputStream(open(profile))) {
      String text = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
      return new ArrayList<>(text.lines().toList());
    }
  }

  private static byte[] recorded(String profile) throws IOException {
    try (InputStream in = open(profile)) {
      return in.readAllBytes();
    }
  }

  private static InputStream open(String profile) {
    return IovaConformanceTest.class.getResourceAsStream("iova-" + profile + ".csv.gz");
  }
}
