package dev.mapstorm.load.conform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.load.text.TextLines;
import dev.mapstorm.load.trace.TraceReader.Strictness;
import dev.mapstorm.load.trace.TraceText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against recorded kernel traces. */
class TraceConformanceTest {
  private static final Map<String, TraceConformanceReport> OF_LINUX = new HashMap<>();
  private static final Pattern INTERRUPT_LINE = Pattern.compile("(.* \\[00)(\\d)(\\] ..[shH].*)");

  @ParameterizedTest
  @CsvSource({
    "net-download-strict, 3498, 2",
    "nvme-net-strict, 3498, 2",
    "nvme-randread-4k-strict, 3345, 1",
    "nvme-mixed-lazy, 17136, 1"
  })
  void givesEveryAddressThatTheKernelGave(String name, long allocations, int devices) {
    TraceConformanceReport report = linux(name);

    assertThat(report.firstUnexplained()).isEmpty();
    assertThat(report.unexplained()).isZero();
    assertThat(report.unassignedFlushes()).isZero();
    assertThat(report.allocations()).isEqualTo(allocations);
    assertThat(report.devices()).hasSize(devices);
    assertThat(report.matchPercent()).hasValue(100.0);
    assertThat(report.summary())
        .isEqualTo(
            "%d allocations, %d decidable, %d explained, 0 unexplained, 100.00%% match"
                .formatted(allocations, allocations, allocations));
  }

  @ParameterizedTest
  @CsvSource({
    "net-download-strict, 3229, 0, 3229",
    "nvme-net-strict, 3239, 0, 3239",
    "nvme-randread-4k-strict, 3315, 0, 3315",
    "nvme-mixed-lazy, 0, 200, 200"
  })
  void computesEveryInvalidationThatTheKernelSubmitted(
      String name, long ranges, long whole, long descriptors) {
    InvalidationConformance compared = linux(name).invalidations();

    assertThat(compared)
        .isEqualTo(new InvalidationConformance(ranges, whole, descriptors, 0, 0, List.of()));
  }

  /** The size shows where magazines go through the depot; here ten do. */
  @ParameterizedTest
  @CsvSource({"128, 200", "126, 100"})
  void explainsFewerWithMagazinesOfAnotherSize(int size, long leastUnexplained) {
    IovaParameters wrong =
        new IovaParameters(size, 5, IovaParameters.UNBOUNDED, IovaParameters.ONLINE_CPUS);

    TraceConformanceReport report =
        conform(TraceText.NVME_MIXED_LAZY, ConformanceOptions.INFERRED.with(wrong));

    assertThat(linux(TraceText.NVME_MIXED_LAZY).unexplained()).isZero();
    assertThat(report.unexplained()).isGreaterThan(leastUnexplained);
    assertThat(report.firstUnexplained()).hasSize(10);
  }

  @Test
  void explainsFarLessIfTheRingsAreFreedInAnotherWay() {
    assertThat(variant(new ReplayVariant(true, false))).isLessThan(80.0);
    assertThat(variant(new ReplayVariant(false, true))).isLessThan(50.0);
  }

  private static double variant(ReplayVariant wrong) {
    try (TextLines lines = TraceText.recorded(TraceText.NVME_MIXED_LAZY)) {
      return TraceConformance.check(lines, Strictness.LENIENT, ConformanceOptions.INFERRED, wrong)
          .matchPercent()
          .orElseThrow();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {TraceText.NVME_RANDREAD_STRICT, TraceText.NVME_NET_STRICT})
  void explainsNextToNothingWithoutCaches(String name) {
    IovaParameters noCaches =
        new IovaParameters(127, -1, IovaParameters.UNBOUNDED, IovaParameters.ONLINE_CPUS);

    TraceConformanceReport report = conform(name, ConformanceOptions.INFERRED.with(noCaches));

    assertThat(report.matchPercent().orElseThrow()).isLessThan(15.0);
  }

  @Test
  void explainsNextToNothingIfInterruptsRanOnOtherCpus() {
    List<String> shifted = new ArrayList<>();
    for (String line : TraceText.recordedLines(TraceText.NVME_RANDREAD_STRICT, 20_000)) {
      Matcher m = INTERRUPT_LINE.matcher(line);
      shifted.add(
          m.matches() ? m.group(1) + (Integer.parseInt(m.group(2)) + 1) % 4 + m.group(3) : line);
    }

    TraceConformanceReport report = conform(shifted, ConformanceOptions.INFERRED);

    assertThat(report.allocations()).isEqualTo(3345);
    assertThat(report.matchPercent().orElseThrow()).isLessThan(10.0);
  }

  @Test
  void explainsLessIfTheWindowsOfTheHostBridgeAreNotReserved() {
    TraceConformanceReport report =
        conform(
            TraceText.recordedLines(TraceText.NVME_MIXED_LAZY, 30_000),
            ConformanceOptions.INFERRED.with(List.of(ReservedWindow.MSI)));

    assertThat(report.unexplained()).isGreaterThan(300);
  }

  @Test
  void infersTheWindowsOfTheHostBridgeWhereAllocationsSkipThem() {
    assertThat(linux(TraceText.NVME_MIXED_LAZY).windows())
        .containsExactly(List.of(new ReservedWindow(0xc0000000L, 0xfec00000L), ReservedWindow.MSI));
    assertThat(linux(TraceText.NVME_RANDREAD_STRICT).windows())
        .containsExactly(List.of(ReservedWindow.MSI));
  }

  private static TraceConformanceReport linux(String name) {
    return OF_LINUX.computeIfAbsent(name, key -> conform(key, ConformanceOptions.INFERRED));
  }

  private static TraceConformanceReport conform(String name, ConformanceOptions options) {
    try (TextLines lines = TraceText.recorded(name)) {
      return TraceConformance.check(lines, Strictness.LENIENT, options);
    }
  }

  private static TraceConformanceReport conform(List<String> lines, ConformanceOptions options) {
    return TraceConformance.check(TraceText.text(lines), Strictness.LENIENT, options);
  }
}
