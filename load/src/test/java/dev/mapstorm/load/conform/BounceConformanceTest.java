package dev.mapstorm.load.conform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.model.swiotlb.PoolSize;
import dev.mapstorm.load.text.TextLines;
import dev.mapstorm.load.trace.MachineFile;
import dev.mapstorm.load.trace.TraceReader;
import dev.mapstorm.load.trace.TraceReader.Strictness;
import dev.mapstorm.load.trace.TraceText;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bounce slots of captures, and of traces written for one rule each. */
class BounceConformanceTest {
  private static final String FULL = "swiotlb612-force-small";
  private static final long FULL_START = 0x7fb2f000L;
  private static final long IN_PAGE = 4095;

  private final StringBuilder text = new StringBuilder();
  private int microseconds;

  @ParameterizedTest
  @CsvSource({
    "nvme-swiotlb-force, 8059, 0, 65536 KiB at 0x79bcf000",
    "swiotlb612-force-small, 2212, 3, 1024 KiB at 0x7fb2f000",
  })
  void explainsAlmostAllAndFindsThePool(
      String name, long allocations, long unexplained, String pool) {
    TraceConformanceReport report = conform(TraceText.recorded(name), ConformanceOptions.INFERRED);

    assertThat(report.allocator()).isEqualTo(IovaAllocator.SWIOTLB);
    assertThat(report.allocations()).isEqualTo(allocations);
    assertThat(report.decidable()).isEqualTo(allocations);
    assertThat(report.unexplained()).isLessThanOrEqualTo(unexplained);
    assertThat(report.rules())
        .contains("pool of " + pool + " in 4 areas, slots keep the offset in a page (fits best)");
  }

  @Test
  void takesThePoolFromTheKernelLog() {
    MachineFile log =
        MachineFile.read(
            "log",
            TraceText.text(
                "[    0.000000] software IO TLB: area num 4.\n"
                    + "[    0.5] software IO TLB: mapped [mem 0x7fb2f000-0x7fc2f000] (1MB)\n"));

    TraceConformanceReport report =
        conform(TraceText.recorded(FULL), ConformanceOptions.INFERRED.with(Optional.of(log)));

    assertThat(report.unexplained()).isLessThanOrEqualTo(3);
    assertThat(report.rules())
        .contains(
            "pool of 1024 KiB at 0x7fb2f000 in 4 areas, slots keep the offset in a page (as log"
                + " says)");
  }

  @Test
  void otherAreasOrAlignmentsExplainLittle() {
    assertThat(missed(new PoolSize(512, 4), IN_PAGE)).isLessThan(0.002);
    assertThat(missed(new PoolSize(512, 1), IN_PAGE)).isGreaterThan(0.1);
    assertThat(missed(new PoolSize(1024, 4), IN_PAGE)).isGreaterThan(0.3);
    assertThat(missed(new PoolSize(512, 4), 0)).isGreaterThan(0.05);
  }

  private static double missed(PoolSize size, long minAlignMask) {
    try (TraceReader trace = new TraceReader(TraceText.recorded(FULL), Strictness.LENIENT)) {
      List<DmaCall> calls = HistoryReader.read(trace).calls();
      AreaReplay replay =
          new AreaReplay(
              new BounceSpace(FULL_START, size, minAlignMask), calls, false, Long.MAX_VALUE);
      replay.run();
      return (double) replay.misses().size() / calls.stream().filter(DmaCall::judged).count();
    }
  }

  @ParameterizedTest
  @CsvSource({"nvme-swiotlb-force, 5000", "swiotlb612-force-small, 1500"})
  void blamesLittleOnATraceThatBeginsInTheMiddle(String name, int from) {
    List<String> lines = TraceText.recordedLines(name, Integer.MAX_VALUE);

    TraceConformanceReport report =
        conform(TraceText.text(lines.subList(from, lines.size())), ConformanceOptions.INFERRED);

    assertThat(report.decidable()).isGreaterThan(report.allocations() / 2);
    assertThat(report.matchPercent().getAsDouble()).isGreaterThan(99);
  }

  @Test
  void aListThatFindsNoRoomMovesWhereTheNextSearchBegins() {
    bounce("1000", 4096);
    map("40000000", 4096, "1000");
    bounce("2000", 4096);
    bounce("100000", 300000);
    bounce("3000", 4096);
    map("40002000", 4096, "3000");

    assertThat(report().summary())
        .isEqualTo("2 allocations, 2 decidable, 2 explained, 0 unexplained, 100.00% match");
  }

  @Test
  void aSlotIsNotTakenAgainUntilTheSearchComesBy() {
    bounce("1000", 4096);
    map("40000000", 4096, "1000");
    line("dma_unmap_page: d dir=TO_DEVICE dma_addr=40000000 size=4096 attrs=");
    bounce("2000", 4096);
    map("40001000", 4096, "2000");
    assertThat(report().unexplained()).isZero();

    bounce("3000", 4096);
    map("40000000", 4096, "3000");
    assertThat(report().firstUnexplained().get(0).describe())
        .isEqualTo("line 7: d allocates 1 page on CPU 0, kernel 0x40000000, model 0x40002000");
  }

  @Test
  void whatIsNotBouncedTakesNoSlot() {
    map("1000", 4096, "1000");
    bounce("2000", 4096);
    map("40000000", 4096, "2000");
    line("dma_unmap_page: d dir=TO_DEVICE dma_addr=1000 size=4096 attrs=");

    assertThat(report().allocations()).isEqualTo(1);
    assertThat(report().decidable()).isEqualTo(1);
  }

  private TraceConformanceReport report() {
    return conform(TraceText.text(text.toString()), ConformanceOptions.INFERRED);
  }

  private static TraceConformanceReport conform(TextLines trace, ConformanceOptions options) {
    try (TextLines lines = trace) {
      return TraceConformance.check(lines, Strictness.LENIENT, options);
    }
  }

  private void bounce(String phys, int bytes) {
    line(
        "swiotlb_bounced: dev_name: d dma_mask=ffffffff dev_addr=%s size=%d FORCE"
            .formatted(phys, bytes));
  }

  private void map(String address, int bytes, String phys) {
    line(
        "dma_map_page: d dir=TO_DEVICE dma_addr=%s size=%d phys_addr=%s attrs="
            .formatted(address, bytes, phys));
  }

  private void line(String event) {
    text.append("  t-10 [000] ..... 1.%06d: %s%n".formatted(microseconds++, event));
  }
}
