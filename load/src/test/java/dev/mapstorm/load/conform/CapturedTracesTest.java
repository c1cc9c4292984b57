package dev.mapstorm.load.conform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.load.text.TextLines;
import dev.mapstorm.load.trace.TraceReader.Strictness;
import dev.mapstorm.load.trace.TraceText;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Against captures of what is rare: lists beyond the caches, a full 32-bit space, a CPU that goes
 * offline, kernels with DMA operations of their own, flushes that no line shows.
 */
class CapturedTracesTest {
  private static final Path CAPTURE = Path.of("../docs/capture-6.1-strict.trace.gz");
  private static final IovaParameters NO_CACHES =
      new IovaParameters(127, -1, IovaParameters.UNBOUNDED, IovaParameters.ONLINE_CPUS);

  @ParameterizedTest
  @CsvSource({
    "smmuv3-ahci-large-strict, 548, 0",
    "smmuv3-exhaust32-strict, 4325, 0",
    "vtd612-strict-cpu-offline, 1030, 0",
    "vtd510-strict-nvme-mixed, 1633, 0",
    "vtd61-lazy-nvme-mixed, 784, 0",
  })
  void explainsAlmostAll(String name, long allocations, long unexplained) {
    TraceConformanceReport report =
        conform(name, ConformanceOptions.INFERRED.withKernel(kernel(name)));

    assertThat(report.allocations()).isEqualTo(allocations);
    assertThat(report.decidable()).isEqualTo(allocations);
    assertThat(report.unexplained()).isLessThanOrEqualTo(unexplained);
  }

  private static String kernel(String name) {
    return name.startsWith("vtd510") ? "5.10" : name.startsWith("vtd61-") ? "6.1" : "6.12";
  }

  /** Linux 6.1 logs descriptors alone: what it flushed shows in them. */
  @Test
  void computesTheDescriptorsOfKernelsWithoutCacheTags() {
    ConformanceOptions options = ConformanceOptions.INFERRED.withKernel("6.1");

    assertThat(conform("vtd61-lazy-nvme-mixed", options).invalidations())
        .isEqualTo(new InvalidationConformance(0, 51, 51, 0, 0, List.of()));
    assertThat(TraceConformance.check(CAPTURE).invalidations())
        .isEqualTo(new InvalidationConformance(799, 0, 799, 0, 0, List.of()));
  }

  /**
   * Of all allocations, not of the decidable ones: what the inferred flushes do not explain is
   * none.
   */
  @ParameterizedTest
  @CsvSource({"viommu612-lazy-nvme-mixed, 1657, 98", "amd612-fq-randread-4k, 2297, 95"})
  void explainsAlmostAllWithFlushesThatAreInferred(String name, long allocations, double percent) {
    TraceConformanceReport report = conform(name, ConformanceOptions.INFERRED);

    assertThat(report.allocations()).isEqualTo(allocations);
    assertThat(100.0 * report.explained() / allocations).isGreaterThan(percent);
    assertThat(report.rules())
        .anyMatch(rule -> rule.contains("flushes (inferred from where ranges come back"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"viommu612-lazy-nvme-mixed", "amd612-fq-randread-4k"})
  void inferredFlushesDoNotExplainAnAllocatorWithoutCaches(String name) {
    TraceConformanceReport report = conform(name, ConformanceOptions.INFERRED.with(NO_CACHES));

    assertThat(100.0 * report.explained() / report.allocations()).isLessThan(5.0);
  }

  /** Rings may hold what was allocated before the trace begins. */
  @ParameterizedTest
  @ValueSource(strings = {"viommu612-lazy-nvme-mixed", "amd612-fq-randread-4k"})
  void blamesNothingOnALazyTraceThatBeginsInTheMiddle(String name) {
    List<String> lines = TraceText.recordedLines(name, Integer.MAX_VALUE);
    for (int from : new int[] {1500, 3000, 4500}) {
      try (TextLines middle = TraceText.text(lines.subList(from, lines.size()))) {
        TraceConformanceReport report = TraceConformance.check(middle);

        assertThat(report.notDecidable()).containsKey(NotDecidable.FREED_BEFORE);
        assertThat(report.matchPercent().getAsDouble()).isGreaterThan(98);
      }
    }
  }

  /**
   * Here magazines get full and go to the depot. With a wrong size the search is in vain so often
   * that it comes to its bound.
   */
  @Test
  void magazinesOf126DoNotExplainWhatFillsMagazines() {
    String name = "vtd612-lazy-randread-4k";
    IovaParameters linux = IovaParameters.LINUX;
    IovaParameters wrong =
        new IovaParameters(126, linux.maxCachedOrder(), linux.depotLimit(), linux.depotKeep());

    TraceConformanceReport right = conform(name, ConformanceOptions.INFERRED);
    TraceConformanceReport other = conform(name, ConformanceOptions.INFERRED.with(wrong));

    assertThat(right.explained()).isEqualTo(right.allocations());
    assertThat(100.0 * other.explained() / other.allocations()).isLessThan(85);
    assertThat(other.unexplained()).isGreaterThan(50);
  }

  private static TraceConformanceReport conform(String name, ConformanceOptions options) {
    try (TextLines lines = TraceText.recorded(name)) {
      return TraceConformance.check(lines, Strictness.LENIENT, options);
    }
  }
}
