package dev.mapstorm.load.conform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.model.tce.TceWindow;
import dev.mapstorm.load.text.TextLines;
import dev.mapstorm.load.trace.TraceReader;
import dev.mapstorm.load.trace.TraceReader.Strictness;
import dev.mapstorm.load.trace.TraceText;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against captures of powerpc and 32-bit Arm, and against traces written for one rule each. */
class AreaConformanceTest {
  private static final int BLOCK = 16;
  private static final long GIB_OF_4K = 1L << 18;

  private final StringBuilder text = new StringBuilder();
  private int microseconds;

  @ParameterizedTest
  @CsvSource({
    "pseries-tce4k-mixed-8cpu, 99.7, 'window of 1 GiB at 0, entries of 4 KiB, pages of 4 KiB'",
    "pseries-64kpages-tce4k-mixed, 99.7, 'window of 1 GiB at 0, entries of 4 KiB, pages of 64 KiB'",
    "arm32-iommu-grow, 100, 'window of 4 GiB at 0, aligned to at most 256 pages'",
  })
  void explainsAlmostAll(String name, double percent, String rule) {
    TraceConformanceReport report = conform(TraceText.recorded(name));

    assertThat(report.allocations()).isGreaterThan(900);
    assertThat(report.decidable()).isEqualTo(report.allocations());
    assertThat(report.matchPercent().getAsDouble()).isGreaterThanOrEqualTo(percent);
    assertThat(report.rules()).anyMatch(each -> each.startsWith(rule));
  }

  /** Lists that find no room leave no line, and move the hints. */
  @Test
  void explainsMostOfATableThatIsFull() {
    TraceConformanceReport report = conform(TraceText.recorded("pseries-stress-win32m"));

    assertThat(report.matchPercent().getAsDouble()).isGreaterThan(97);
    assertThat(report.rules()).anyMatch(each -> each.startsWith("window of 32 MiB at 0"));
  }

  @Test
  void otherBlocksOrPoolsExplainLittle() {
    assertThat(missedOfPowerpc(new TceWindow(12, 12, 0, GIB_OF_4K, 0, 0, BLOCK, false)))
        .isLessThan(0.01);
    assertThat(missedOfPowerpc(new TceWindow(12, 12, 0, GIB_OF_4K, 0, 0, 2 * BLOCK, false)))
        .isGreaterThan(0.3);
    assertThat(missedOfPowerpc(new TceWindow(12, 12, 0, 2 * GIB_OF_4K, 0, 0, BLOCK, false)))
        .isGreaterThan(0.2);
  }

  @Test
  void anotherAlignmentExplainsLessOfArm() {
    assertThat(missed("arm32-iommu-grow", new ArmSpace(8))).isZero();
    assertThat(missed("arm32-iommu-grow", new ArmSpace(4))).isGreaterThan(0.2);
  }

  private static double missedOfPowerpc(TceWindow window) {
    return missed("pseries-tce4k-mixed-8cpu", new TceSpace(window));
  }

  /** The share of allocations that a space does not answer. */
  private static double missed(String name, AreaSpace space) {
    return missed(TraceText.recorded(name), space);
  }

  private static double missed(TextLines lines, AreaSpace space) {
    try (TraceReader trace = new TraceReader(lines, Strictness.LENIENT)) {
      List<DmaCall> calls = HistoryReader.read(trace).calls();
      AreaReplay replay = new AreaReplay(space, calls, false, Long.MAX_VALUE);
      replay.run();
      return (double) replay.misses().size() / calls.stream().filter(DmaCall::allocates).count();
    }
  }

  @Test
  void aRangeIsTakenAgainOnlyWhereTheSearchComesBy() {
    map(0, "10000", 4096);
    map(0, "20000", 4096);
    unmap(0, "10000", 4096);
    map(0, "30000", 4096);
    assertThat(report().unexplained()).as("the first block is entry 1").isEqualTo(1);

    setUp();
    map(0, "1000", 4096);
    map(0, "10000", 4096);
    unmap(0, "1000", 4096);
    map(0, "20000", 4096);
    assertThat(report().summary())
        .isEqualTo("3 allocations, 3 decidable, 3 explained, 0 unexplained, 100.00% match");

    map(0, "1000", 4096);
    assertThat(report().unexplained()).as("the hint has gone on").isEqualTo(1);
  }

  @Test
  void overlappingAllocationsOfCpusWithOnePoolGoInEitherOrder() {
    map(0, "1000", 4096);
    // CPUs 0 and 3 prefer pool 0; the line of the first to come is the last.
    line(3, "dma_sync_single_for_cpu: d dir=TO_DEVICE dma_addr=1000 size=4096");
    map(0, "20000", 4096);
    map(3, "10000", 4096);

    assertThat(report().unexplained()).isZero();
  }

  @Test
  void whatWasTakenBeforeTheTraceBeginsIsNotDecidable() {
    unmap(0, "5000", 4096);
    map(0, "40000", 4096);
    map(0, "50000", 4096);
    map(0, "70000", 4096);

    TraceConformanceReport report = report();

    assertThat(report.decidable()).isEqualTo(1);
    assertThat(report.explained()).isEqualTo(1);
    assertThat(report.notDecidable()).containsEntry(NotDecidable.TAKEN_BEFORE, 2L);
  }

  /** Whatever the first lines are, nothing is said to be wrong that the lines do not show. */
  @ParameterizedTest
  @CsvSource({"pseries-tce4k-mixed-8cpu, 2000", "arm32-iommu-grow, 2000"})
  void blamesNothingOnATraceThatBeginsInTheMiddle(String name, int from) {
    List<String> lines = TraceText.recordedLines(name, Integer.MAX_VALUE);
    List<String> middle = lines.subList(from, lines.size());
    middle = middle.stream().filter(line -> !line.contains("hcall")).toList();

    TraceConformanceReport report = conform(TraceText.text(middle));

    assertThat(report.notDecidable()).containsKey(NotDecidable.TAKEN_BEFORE);
    assertThat(report.decidable()).isGreaterThan(30);
    assertThat(report.matchPercent().getAsDouble()).isGreaterThan(99);
  }

  @Test
  void aCallThatFailsIsHeldAgainstAFullTable() {
    map(0, "1000", 4096);
    line(
        0,
        "dma_map_page: d dir=TO_DEVICE dma_addr=ffffffffffffffff size=4096 phys_addr=3000 attrs=");

    TraceConformanceReport report = report();

    assertThat(report.allocations()).isEqualTo(2);
    assertThat(report.firstUnexplained().get(0).describe())
        .isEqualTo("line 2: d allocates 1 page on CPU 0, kernel none, model 0x10000");
  }

  /**
   * CPU 1 found the first 20 entries of a list and stopped; CPU 0 took what follows and gave it
   * back; then CPU 1 found the rest right behind the first.
   */
  @Test
  void theSegmentsOfAVectorMayBeFoundFarApartInTime() {
    TceWindow window = new TceWindow(12, 12, 0, GIB_OF_4K, 0, 0, BLOCK, false);
    map(1, "c000000", 4096);
    map(0, "30014000", 16 * 4096);
    unmap(0, "30014000", 16 * 4096);
    line(
        1,
        "dma_map_sg: d dir=TO_DEVICE nents=2/2 ents=1/1 dma_addrs={0x30000000} sizes={0x24000}"
            + " phys_addrs={0x1000000,0x2000000} attrs=");
    map(0, "30024000", 16 * 4096);
    assertThat(missed(TraceText.text(text.toString()), new TceSpace(window))).isZero();

    map(0, "30010000", 16 * 4096);
    assertThat(missed(TraceText.text(text.toString()), new TceSpace(window)))
        .as("in use")
        .isEqualTo(0.2);
  }

  private void setUp() {
    text.setLength(0);
  }

  private TraceConformanceReport report() {
    return conform(TraceText.text(text.toString()));
  }

  private static TraceConformanceReport conform(TextLines trace) {
    try (TextLines lines = trace) {
      return TraceConformance.check(lines, Strictness.LENIENT, ConformanceOptions.INFERRED);
    }
  }

  private void map(int cpu, String address, int bytes) {
    line(
        cpu,
        "dma_map_page: d dir=TO_DEVICE dma_addr=%s size=%d phys_addr=%x000 attrs="
            .formatted(address, bytes, 0x900 + microseconds));
  }

  private void unmap(int cpu, String address, int bytes) {
    line(
        cpu,
        "dma_unmap_page: d dir=TO_DEVICE dma_addr=%s size=%d attrs=".formatted(address, bytes));
  }

  private void line(int cpu, String event) {
    text.append(
        "  t%d-%d [%03d] ..... 1.%06d: %s%n".formatted(cpu, 10 + cpu, cpu, microseconds++, event));
  }
}
