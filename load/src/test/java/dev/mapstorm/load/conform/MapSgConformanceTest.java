package dev.mapstorm.load.conform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mapstorm.actors.model.pagetable.MapResult;
import dev.mapstorm.actors.model.pagetable.MappedRuns;
import dev.mapstorm.actors.model.pagetable.PageTable;
import dev.mapstorm.actors.model.pagetable.PageTableFormat;
import dev.mapstorm.actors.model.pagetable.PageWalk;
import dev.mapstorm.actors.model.pagetable.UnmappedRuns;
import dev.mapstorm.actors.model.sg.SgLayout;
import dev.mapstorm.load.text.TextFormatException;
import dev.mapstorm.load.text.TextLines;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MapSgConformanceTest {
  private static final String GOOD =
      "{\"segments\":[[4380950528,4096],[8510242816,100]],\"segBoundaryMask\":65535,"
          + "\"maxSegSize\":65536,\"pgsizeBitmap\":4096,\"iova\":4291690496,\"iovaLength\":8192,"
          + "\"dmaVectors\":[[4291690496,4196]],"
          + "\"mapped\":[[4291690496,4380950528,4096,1],[4291694592,8510242816,4096,1]]}";

  @TempDir Path dir;
  private Path vectors;

  @BeforeEach
  void copyVectors() throws IOException {
    vectors = dir.resolve("map-sg.jsonl.gz");
    try (InputStream in = MapSgConformanceTest.class.getResourceAsStream("map-sg.jsonl.gz")) {
      Files.copy(in, vectors);
    }
  }

  @Test
  void answersAllRecordedOperationsAsLinuxDid() {
    ConformanceResult result = MapSgConformance.check(vectors);

    assertThat(result.operations()).isEqualTo(1500);
    assertThat(result.first()).isEmpty();
    assertThat(result.mismatches()).isZero();
  }

  @Test
  void everyAlteredAnswerIsFoundOnItsLine() throws IOException {
    List<String> lines = recorded();
    alter(lines, 7, "\"iovaLength\":", "\"iovaLength\":1");
    alter(lines, 700, "\"dmaVectors\":[", "\"dmaVectors\":[[4096,4096],");
    alter(lines, 1500, "1]]}", "2]]}");

    ConformanceResult result = MapSgConformance.check(write(lines));

    assertThat(result.operations()).isEqualTo(1500);
    assertThat(result.mismatches()).isEqualTo(3);
    assertThat(result.first()).extracting(Mismatch::line).containsExactly(7L, 700L, 1500L);
    assertThat(result.first().get(0).field()).isEqualTo("iovaLength");
    assertThat(result.first().get(1).toString())
        .startsWith("line 700: dmaVectors[0]: expected [4096, 4096], got [");
    assertThat(result.first().get(2).field()).startsWith("mapped[");
  }

  @Test
  void shorterAndLongerAnswersAreMismatches() throws IOException {
    String shorter = GOOD.replace(",[4291694592,8510242816,4096,1]", "");
    String longer = GOOD.replace("[[4291690496,4196]]", "[[4291690496,4196],[1,2]]");

    ConformanceResult result = MapSgConformance.check(write(List.of(GOOD, shorter, longer)));

    assertThat(result.first())
        .containsExactly(
            new Mismatch(2, "mapped[1]", "none", "[4291694592, 8510242816, 4096, 1]"),
            new Mismatch(3, "dmaVectors[1]", "[1, 2]", "none"));
  }

  @Test
  void onlyTheFirstMismatchesAreListedButAllAreCounted() throws IOException {
    String[] wrong = new String[25];
    Arrays.fill(wrong, GOOD.replace("8192", "4096"));

    ConformanceResult result = MapSgConformance.check(write(List.of(wrong)));

    assertThat(result.mismatches()).isEqualTo(25);
    assertThat(result.first()).hasSize(ConformanceResult.MAX_LISTED);
  }

  @Test
  void granuleIsTheSmallestPageOfTheBitmap() throws IOException {
    String coarse =
        "{\"segments\":[[65536,16384],[262144,100]],\"segBoundaryMask\":4294967295,"
            + "\"maxSegSize\":65536,\"pgsizeBitmap\":16384,\"iova\":1048576,\"iovaLength\":32768,"
            + "\"dmaVectors\":[[1048576,16484]],"
            + "\"mapped\":[[1048576,65536,16384,1],[1064960,262144,16384,1]]}";

    assertThat(MapSgConformance.check(write(List.of(coarse, GOOD, coarse))).first()).isEmpty();
  }

  @Test
  void damagedInputIsOneErrorThatNamesFileAndLine() throws IOException {
    refused(GOOD + "\n" + GOOD.substring(0, 80), ":2: not JSON: Unexpected end-of-input");
    refused("[1]", ":1: not a JSON object: '[1]'");
    refused(GOOD + "\n\n", ":2: not a JSON object: ''");
    refused(GOOD + GOOD, ":1: not JSON: ");
    refused("", "bad.jsonl: holds no operation");
    refused(GOOD.replace("\"iova\"", "\"jova\""), ":1: 'iova' is missing");
    refused(GOOD.replace("\"mapped\"", "\"iova\""), ":1: not JSON: Duplicate field 'iova'");
    refused(GOOD.replace("65536,", "-65536,"), ":1: 'maxSegSize' is not a whole number");
    refused(GOOD.replace("8192", "8192.5"), ":1: 'iovaLength' is not a whole number");
    refused(GOOD.replace("[4291690496,4196]", "[4196]"), ":1: dmaVectors[0] is not a list of 2");
    refused(
        GOOD.replace("\"segments\":[", "\"segments\":7,\"s\":["), ":1: 'segments' is not a list");
    refused(GOOD.replace(",100]", ",4294967296]"), ":1: segments[1] is 4294967296 bytes long");
    refused(GOOD.replace("65535", "65534"), ":1: the segment boundary mask is a power of two");
    refused(GOOD.replace("Bitmap\":4096", "Bitmap\":0"), ":1: the page-size bitmap names no");
    refused(GOOD.replace("\"iova\":4291690496", "\"iova\":100"), ":1: unaligned: iova 0x64");
    assertThatThrownBy(() -> MapSgConformance.check(dir.resolve("absent")))
        .isInstanceOf(TextFormatException.class)
        .hasMessageEndingWith("absent: no such file");
  }

  @Test
  void cutGzipFileIsRefused() throws IOException {
    byte[] all = Files.readAllBytes(vectors);
    Path cut = dir.resolve("cut.jsonl.gz");
    Files.write(cut, Arrays.copyOf(all, all.length / 2));

    assertThatThrownBy(() -> MapSgConformance.check(cut))
        .isInstanceOf(TextFormatException.class)
        .hasMessageMatching("\\S+cut\\.jsonl\\.gz:\\d+: .*");
  }

  /** The recorded lists go through a real page table: mapped, walked page by page, unmapped. */
  @Test
  void everyMappedByteIsReachedThroughThePageTable() {
    Map<Long, PageTable> tables = new HashMap<>();
    SgLayout layout = new SgLayout(4096);
    try (TextLines lines = TextLines.open(vectors)) {
      while (lines.advance()) {
        MapSgOperation op = MapSgOperation.read(lines);
        layout.measure(
            op.segPhys(),
            op.segLength(),
            op.segPhys().length,
            op.segBoundaryMask(),
            op.maxSegSize());
        layout.place(op.iova());
        goThrough(
            tables.computeIfAbsent(
                op.pgsizeBitmap(), b -> new PageTable(PageTableFormat.vtd(4, b))),
            layout,
            op);
      }
    }
    assertThat(tables).hasSize(2);
  }

  private static void goThrough(PageTable table, SgLayout layout, MapSgOperation op) {
    MappedRuns runs = new MappedRuns();
    PageWalk walk = new PageWalk();
    int row = 0;
    for (int i = 0; i < layout.chunks(); i++) {
      assertThat(
              table.map(
                  layout.chunkIova(i),
                  layout.chunkPhys(i),
                  layout.chunkLength(i),
                  PageTable.READ,
                  runs))
          .isEqualTo(MapResult.MAPPED);
      for (int run = 0; run < runs.size(); run++, row++) {
        long[] expected = op.mapped()[row];
        long last = (expected[3] - 1) * expected[2] + 0x123;
        assertThat(table.walk(expected[0] + last, walk)).isTrue();
        assertThat(walk.phys()).isEqualTo(expected[1] + last);
        assertThat(1L << walk.pageShift()).isEqualTo(expected[2]);
      }
    }
    assertThat(row).isEqualTo(op.mapped().length);
    assertThat(table.mappedPages()).isEqualTo(op.iovaLength() >>> 12);
    assertThat(table.unmap(op.iova(), op.iovaLength(), new UnmappedRuns()))
        .isEqualTo(op.iovaLength());
    assertThat(table.mappedLeaves()).isZero();
  }

  private void refused(String text, String message) throws IOException {
    Path bad = dir.resolve("bad.jsonl");
    Files.writeString(bad, text);
    assertThatThrownBy(() -> MapSgConformance.check(bad))
        .isInstanceOf(TextFormatException.class)
        .hasMessageContaining(message)
        .hasMessageContaining(bad.toString())
        .hasMessageNotContaining("\n");
  }

  private List<String> recorded() throws IOException {
    try (InputStream in = new GZIPInputStream(Files.newInputStream(vectors))) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return Arrays.asList(text.split("\n"));
    }
  }

  private static void alter(List<String> lines, int number, String from, String to) {
    String line = lines.get(number - 1);
    assertThat(line).contains(from);
    lines.set(number - 1, line.replace(from, to));
  }

  private Path write(List<String> lines) throws IOException {
    return Files.write(dir.resolve("lines.jsonl"), lines);
  }
}
