package dev.mapstorm.load.conform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.load.text.TextLines;
import dev.mapstorm.load.trace.TraceText;
import dev.mapstorm.persistence.text.Units;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against small traces of the forms and sizes that people put into public reports. */
class ReportedTracesTest {
  @ParameterizedTest
  @CsvSource({
    "03-nvme-two-step-6.17, 3, strict",
    "03b-nvme-two-step-first, 2, strict",
    "04-no-map-events-7.0, 3, strict",
    "05-dma-events-only, 3, strict",
    "06-lazy-no-flush-events, 4, lazy",
    "07-perf-callgraph, 2, strict",
    "08-latency-format, 2, strict",
    "08b-oops-dump, 2, strict",
    "09-trace-cmd-l, 2, strict",
    "10-clock-counter, 2, strict",
    "10b-clock-tsc, 2, strict",
    "11-six-flags, 2, strict",
    "12-failed-to-parse, 2, strict",
    "13-tp-printk, 2, strict",
    "14-function-graph, 1, strict",
    "15-trace-cmd-ts-diff, 2, strict",
    "16-perf-period, 2, strict",
    "17-no-final-newline, 2, strict",
    "17b-cut-in-last-line, 2, strict",
    "18-pasted-fence, 2, strict",
    "18b-pasted-prompt, 2, strict",
    "18c-pasted-wrapped, 2, strict",
    "19-cpu-144, 2, strict",
    "20-failed-mappings, 1, strict",
    "24-never-unmapped, 6, strict",
    "26-subbuffer-start, 2, strict",
    "27-map-resource-32g, 1, strict"
  })
  void explainsEveryAllocation(String report, long allocations, String mode) {
    TraceConformanceReport found = report(report);

    assertThat(found.summary())
        .isEqualTo(
            "%s, %d decidable, %d explained, 0 unexplained, 100.00%% match"
                .formatted(Units.things(allocations, "allocation"), allocations, allocations));
    assertThat(found.rules()).anyMatch(rule -> rule.startsWith(mode + " mode ("));
    assertThat(found.gaps()).isZero();
    assertThat(found.invalidations().mismatches()).isZero();
  }

  /** Its first range is not one that an allocator gives out first, so it was at work before. */
  @ParameterizedTest
  @CsvSource({"01-iommu-only-old, 3", "21-fault-after-free, 1", "22-fault-iommu-only, 1"})
  void cannotJudgeRangesOfARunningMachine(String report, long allocations) {
    TraceConformanceReport found = report(report);

    assertThat(found.summary())
        .isEqualTo(Units.things(allocations, "allocation") + ", 0 decidable");
    assertThat(found.notDecidable()).isEqualTo(Map.of(NotDecidable.FREED_BEFORE, allocations));
    assertThat(found.rules()).anyMatch(rule -> rule.startsWith("begins on a running machine"));
    assertThat(found.rules()).noneMatch(rule -> rule.startsWith("granule"));
  }

  @Test
  void tellsAddressesThatTheClientChose() {
    assertThat(report("02-iommu-only-vfio").summary())
        .isEqualTo("6 allocations, nothing to match: IOMMU API, addresses are the client's");
  }

  @Test
  void tellsApartWhatWasFreedBeforeAnOverwrittenRing() {
    TraceConformanceReport found = report("23-starts-in-the-middle");

    assertThat(found.summary())
        .isEqualTo("3 allocations, 2 decidable, 2 explained, 0 unexplained, 100.00% match");
    assertThat(found.notDecidable()).isEqualTo(Map.of(NotDecidable.FREED_BEFORE, 1L));
    assertThat(found.reading().text())
        .contains("the ring buffer was overwritten: 1374871 earlier events are not in the file");
  }

  @Test
  void saysThatNoLineTellsTheSlotsOfBounces() {
    assertThat(report("25-swiotlb-only").summary())
        .isEqualTo(
            "0 allocations, nothing to match: buffers are bounced, but no line tells their slots"
                + " (dma:* events do)");
  }

  @Test
  void takesTheUnmapOfAPhysicalAddressForNoFree() {
    TraceConformanceReport found = report("28-unmap-of-physical");

    assertThat(found.allocations()).isEqualTo(1);
    assertThat(found.unexplained()).isZero();
  }

  /** The right answer does not hang on where in a life the trace begins. */
  @ParameterizedTest
  @ValueSource(strings = {TraceText.NVME_RANDREAD_STRICT, TraceText.NET_DOWNLOAD_STRICT})
  void judgesTheDecidablePartOfATraceThatBeginsInTheMiddle(String name) {
    List<String> all = TraceText.recordedLines(name, 20_000);
    for (int start : new int[] {5_000, 9_999, 15_001}) {
      List<String> late = new ArrayList<>(all.subList(start, all.size()));

      TraceConformanceReport found = TraceConformance.check(TraceText.text(late));

      assertThat(found.notDecidable().keySet())
          .isSubsetOf(NotDecidable.FREED_BEFORE, NotDecidable.UNKNOWN_MAGAZINE);
      assertThat(found.decidable()).isGreaterThan(found.allocations() / 2);
      assertThat(found.matchPercent().orElseThrow()).isGreaterThan(99.0);
    }
  }

  /**
   * Events that the kernel dropped: it says so in the file, and nothing after is held against it.
   */
  @Test
  void tellsApartWhatLostEventsSpoil() {
    List<String> lines = TraceText.recordedLines(TraceText.NVME_RANDREAD_STRICT, 20_000);
    List<String> lossy = new ArrayList<>(lines.subList(0, 8_000));
    lossy.add("CPU:2 [LOST 500 EVENTS]");
    lossy.addAll(lines.subList(8_500, lines.size()));

    TraceConformanceReport found = TraceConformance.check(TraceText.text(lossy));

    assertThat(found.gaps()).isEqualTo(1);
    assertThat(found.notDecidable()).containsKey(NotDecidable.LOST_EVENTS);
    assertThat(found.decidable()).isGreaterThan(found.allocations() / 2);
    assertThat(found.matchPercent().orElseThrow()).isGreaterThan(99.0);
  }

  private static TraceConformanceReport report(String name) {
    try (TextLines lines = TraceText.text(text(name))) {
      return TraceConformance.check(lines);
    }
  }

  private static String text(String name) {
    try (var in =
        ReportedTracesTest.class.getResourceAsStream(
            "/dev/mapstorm/load/reports/" + name + ".txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
