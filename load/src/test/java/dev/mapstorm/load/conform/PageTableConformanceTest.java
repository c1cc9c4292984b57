package dev.mapstorm.load.conform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mapstorm.actors.model.pagetable.PageSizes;
import dev.mapstorm.actors.model.pagetable.PageTableFormat;
import dev.mapstorm.load.text.TextFormatException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PageTableConformanceTest {
  private static final String FORMAT =
      "{\"format\":\"vtdss4\",\"seed\":1,\"pageSizes\":1075843072,\"granuleBits\":12,"
          + "\"bitsPerLevel\":9,\"topLevel\":3,\"topBits\":9}";
  private static final String MAP =
      "{\"op\":\"map\",\"iova\":4096,\"paddr\":8192,\"size\":4096,\"ret\":0,"
          + "\"calls\":[[4096,8192,4096,1,4096]],\"leafLevels\":[0],"
          + "\"tablesMade\":[[2,0],[1,0],[0,0]],\"top\":3}";

  /** The formats of the vector files, made as a host makes them. */
  private static final Map<String, PageTableFormat> FORMATS =
      Map.ofEntries(
          Map.entry("vtdss4", PageTableFormat.VTD_4_LEVELS),
          Map.entry("vtdss5", PageTableFormat.vtd(5, PageSizes.VTD_4K_2M_1G)),
          Map.entry("vtdss4-2m", PageTableFormat.vtd(4, 1L << 12 | 1L << 21)),
          Map.entry("vtdss4-4k", PageTableFormat.vtd(4, 1L << 12)),
          Map.entry("amdv1", PageTableFormat.amdV1(PageTableFormat.AMD_V1_SIZES)),
          Map.entry("amdv2", PageTableFormat.amdV2(4)),
          Map.entry("amdv2-5", PageTableFormat.amdV2(5)),
          Map.entry("arm4k", PageTableFormat.lpaeStage1(12, 48, 48)),
          Map.entry("arm16k", PageTableFormat.lpaeStage1(14, 48, 48)),
          Map.entry("arm64k", PageTableFormat.lpaeStage1(16, 48, 48)),
          Map.entry("arm64k-52", PageTableFormat.lpaeStage1(16, 52, 52)),
          Map.entry("arm4k-39", PageTableFormat.lpaeStage1(12, 39, 48)),
          Map.entry("arm4k-s2", PageTableFormat.lpaeStage2(12, 40, 48)),
          Map.entry("arm4k-s2-44", PageTableFormat.lpaeStage2(12, 44, 48)),
          Map.entry("gpt-vtdss4", PageTableFormat.genericVtd(4, PageSizes.VTD_4K_2M_1G)),
          Map.entry("gpt-vtdss5", PageTableFormat.genericVtd(5, PageSizes.VTD_4K_2M_1G)),
          Map.entry("gpt-x86_64", PageTableFormat.genericX86(4)),
          Map.entry("gpt-amdv1", PageTableFormat.genericAmdV1(PageTableFormat.AMD_V1_SIZES)),
          Map.entry("gpt-riscv39", PageTableFormat.riscv(3, false)),
          Map.entry("gpt-riscv48", PageTableFormat.riscv(4, true)),
          Map.entry("gpt-riscv57", PageTableFormat.riscv(5, false)));

  @TempDir Path dir;

  static List<Path> recorded() {
    return RecordedFile.in("pagetable");
  }

  @ParameterizedTest
  @MethodSource("recorded")
  void answersAsLinuxDid(Path file) {
    ConformanceResult result = PageTableConformance.check(file);

    assertThat(result.operations()).isEqualTo(299);
    assertThat(result.first()).isEmpty();
    assertThat(result.mismatches()).isZero();
  }

  @ParameterizedTest
  @MethodSource("recorded")
  void formatIsOneThatAHostCanHave(Path file) {
    List<String> lines = RecordedFile.lines(file);
    String name = file.getFileName().toString().replace(".jsonl.gz", "");
    PageTableFormat format = FORMATS.get(name);

    assertThat(lines.get(0))
        .isEqualTo(
            ("{\"format\":\"%s\",\"seed\":1,\"pageSizes\":%d,\"granuleBits\":%d,"
                    + "\"bitsPerLevel\":%d,\"topLevel\":%d,\"topBits\":%d}")
                .formatted(
                    name,
                    format.pageSizes(),
                    format.granuleShift(),
                    format.indexBits(),
                    format.levels() - 1,
                    format.topBits()));
  }

  @Test
  void everyAlteredAnswerIsFoundOnItsLine() {
    List<String> lines = RecordedFile.lines(RecordedFile.of("pagetable/amdv1.jsonl.gz"));
    RecordedFile.alter(lines, 2, "\"ret\":0", "\"ret\":-17");
    RecordedFile.alter(lines, 4, "\"tablesMade\":[[3,0]", "\"tablesMade\":[[3,4096]");
    RecordedFile.alter(lines, 13, "\"tablesFreed\":[[0,1099511627776]],", "");
    RecordedFile.alter(lines, 20, "\"top\":3", "\"top\":4");

    ConformanceResult result = PageTableConformance.check(RecordedFile.write(dir, lines));

    assertThat(result.mismatches()).isEqualTo(4);
    assertThat(result.first())
        .containsExactly(
            new Mismatch(2, "ret", "-17", "0"),
            new Mismatch(4, "tablesMade[0]", "[3, 4096]", "[3, 0]"),
            new Mismatch(13, "tablesFreed[0]", "none", "[0, 1099511627776]"),
            new Mismatch(20, "top", "4", "3"));
  }

  @Test
  void aMapOverAMappingIsRefusedAsTheFormatRefusesIt() {
    String twice = MAP.replace("\"tablesMade\":[[2,0],[1,0],[0,0]],", "");
    String refused =
        twice
            .replace("\"ret\":0", "\"ret\":-98")
            .replace("[[4096,8192,4096,1,4096]]", "[]")
            .replace("\"leafLevels\":[0]", "\"leafLevels\":[]");
    String generic = FORMAT.replace("vtdss4", "gpt-vtdss4");

    assertThat(check(generic, MAP, refused).first()).isEmpty();
    assertThat(check(generic, MAP, twice).first())
        .containsExactly(new Mismatch(3, "ret", "0", "-98"));
  }

  @Test
  void damagedInputIsOneErrorThatNamesFileAndLine() {
    refused("some.jsonl: holds no operation", FORMAT);
    refused(":1: unknown format 'sparc'; known are names", FORMAT.replace("vtdss4", "sparc"), MAP);
    refused(":1: 'topLevel' is not a whole number from 1 to 5", FORMAT.replace("3,", "9,"), MAP);
    refused(
        ":1: the smallest page of a page table is its granule of 2^12 bytes, not 2^14",
        FORMAT.replace("1075843072", "16384"),
        MAP);
    refused(":2: 'op' must be map or unmap, is 'remap'", FORMAT, MAP.replace("\"map", "\"remap"));
    refused(":2: unknown key 'pages'", FORMAT, MAP.replace("\"calls\"", "\"pages\":1,\"calls\""));
    refused(":2: 'top' is missing", FORMAT, MAP.replace(",\"top\":3", ""));
    refused(":2: range 0x1001 + 0x1001 is not 4 KiB", FORMAT, MAP.replace(":4096,", ":4097,"));
    refused(":3: not JSON", FORMAT, MAP, MAP.substring(9));
  }

  private ConformanceResult check(String... lines) {
    return PageTableConformance.check(RecordedFile.write(dir, List.of(lines)));
  }

  private void refused(String message, String... lines) {
    assertThatThrownBy(() -> check(lines))
        .isInstanceOf(TextFormatException.class)
        .hasMessageContaining(message);
  }
}
