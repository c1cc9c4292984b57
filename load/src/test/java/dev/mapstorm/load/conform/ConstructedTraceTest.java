package dev.mapstorm.load.conform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.load.trace.TraceReader.Strictness;
import dev.mapstorm.load.trace.TraceText;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Traces written for one rule each (constructed from the kernel's {@code TP_printk} strings). */
class ConstructedTraceTest {
  private final StringBuilder text = new StringBuilder();
  private int microseconds;

  @Test
  void anAllocationMayPrecedeTheFreesOfTheInterruptThatHitItBeforeItsLine() {
    map(0, ".....", "fffff");
    map(0, ".....", "ffffe");
    unmap(0, "d.h1.", "ffffe");
    // Had the interrupt come first, ffffe would be on top of the magazine.
    map(0, ".....", "ffffd");
    map(0, ".....", "ffffe");

    assertThat(unexplained()).isEmpty();
  }

  @Test
  void anAllocationMayNotPrecedeAFreeThatItsTaskSawDone() {
    map(0, ".....", "fffff");
    map(0, ".....", "ffffe");
    unmap(0, "d.h1.", "ffffe");
    // The task logs something in between, so the interrupt was over.
    line(0, ".....", "dma_sync_single_for_cpu: d dir=TO_DEVICE dma_addr=fffff000 size=4096");
    map(0, ".....", "ffffd");

    assertThat(unexplained()).hasSize(1);
    assertThat(unexplained().get(0).kernelIova()).isEqualTo(0xffffd000L);
    assertThat(unexplained().get(0).modelIova()).isEqualTo(0xffffe000L);
  }

  @Test
  void aRangeMayBeAllocatedAgainBetweenItsInvalidationAndItsUnmapLine() {
    map(0, ".....", "fffff");
    unmapUpToInvalidation(0, ".....", "fffff");
    map(0, "d.h1.", "fffff");
    unmapLine(0, ".....", "fffff");

    assertThat(unexplained()).isEmpty();
  }

  @Test
  void aRangeIsNeverAllocatedAgainBeforeItsInvalidation() {
    map(0, ".....", "fffff");
    line(0, ".....", unmapEvent("fffff"));
    map(0, "d.h1.", "fffff");
    flush(0, ".....", "fffff");
    unmapLine(0, ".....", "fffff");

    assertThat(unexplained()).hasSize(1);
    assertThat(unexplained().get(0).modelIova()).isEqualTo(0xffffe000L);
  }

  @Test
  void overlappingAllocationsOfTwoCpusGoInEitherOrder() {
    map(0, ".....", "fffff");
    map(1, ".....", "ffffe");
    line(1, ".....", mapEvent("ffffc"));
    line(0, ".....", mapEvent("ffffd"));
    line(0, ".....", dmaMapEvent("ffffd"));
    line(1, ".....", dmaMapEvent("ffffc"));

    assertThat(unexplained()).isEmpty();
  }

  /**
   * A search of the tree begins where the last one found something. CPU 1 took ffe80 after A was
   * freed the second time, and before M was: sooner, Y would not have got it; later, Z would not
   * have got what M left.
   */
  @Test
  void aSearchOfTheTreeMayComeBetweenAnyTwoActsOfAnotherCpu() {
    mapPages(1, 0xfffc0, 64);
    mapPages(0, 0xfff80, 64);
    mapPages(0, 0xfff40, 64);
    mapPages(0, 0xfff00, 64);
    mapPages(0, 0xffe80, 128);
    mapPages(0, 0xffe00, 128);
    unmapPages(".....", 0xffe80, 128);
    unmapPages(".....", 0xfff80, 64);
    mapPages(0, 0xfff80, 64);
    mapPages(0, 0xffe80, 128);
    unmapPages(".....", 0xffe80, 128);
    unmapPages(".....", 0xfff80, 64);
    unmapPages(".....", 0xfff00, 64);
    mapPages(0, 0xfff00, 64);
    mapPages(1, 0xffe80, 128);
    assertThat(unexplained()).isEmpty();

    mapPages(1, 0xfff00, 64);
    assertThat(unexplained()).as("in use, whatever the order").hasSize(1);
  }

  /** Two lines unmap a list; two of different CPUs are two ranges, with a map in between. */
  @Test
  void aRangeMayBeMappedAgainBeforeTheLineOfItsUnmap() {
    intel(1, ".....", "map_single", 0xfffc0);
    intel(0, ".....", "map_single", 0xfffc0);
    intel(0, ".....", "map_single", 0xfff80);
    intel(0, "d.h1.", "unmap_single", 0xfffc0);
    intel(0, "d.h1.", "unmap_sg", 0xfffc0);
    intel(1, "d.h1.", "unmap_single", 0xfffc0);
    intel(0, ".....", "map_single", 0xfffc0);
    intel(0, "d.h1.", "unmap_single", 0xfffc0);

    assertThat(report(ConformanceOptions.INFERRED).summary())
        .isEqualTo("4 allocations, 4 decidable, 4 explained, 0 unexplained, 100.00% match");
  }

  /** What the end of a list is a part of lies at a multiple of its size, and no further. */
  @Test
  void aListThatTheTraceBeginsWithinKeepsNothingAboveItTaken() {
    for (int page = 0xfff25; page < 0xfff30; page++) {
      line(0, ".....", mapEvent(Integer.toHexString(page)));
    }
    map(1, ".....", "fff31");
    for (int i = 0; i < 3; i++) {
      unmap(1, "d.h1.", "fff31");
      map(1, ".....", "fff31");
    }

    TraceConformanceReport report = report(ConformanceOptions.INFERRED);

    assertThat(report.unexplained()).isZero();
    assertThat(report.explained()).isEqualTo(3);
  }

  /** The ends of two ranges of the two-step calls touch; the unmap of the first tells which. */
  @Test
  void aListThatTheTraceBeginsWithinEndsWhereItIsUnmapped() {
    for (int page = 0xffdfe; page < 0xffe04; page++) {
      line(0, ".....", mapEvent(Integer.toHexString(page)));
    }
    for (int i = 0; i < 3; i++) {
      unmapPages(0xffdf8, 8);
      line(0, ".....", mapEvent(0xffdf8, 8));
    }

    TraceConformanceReport report = report(ConformanceOptions.INFERRED);

    assertThat(report.allocations()).isEqualTo(5);
    assertThat(report.unexplained()).isZero();
    assertThat(report.explained()).isEqualTo(3);
  }

  @Test
  void rangesThatTouchAndAreNeverUnmappedAreToldApartByTheirAddresses() {
    line(0, ".....", mapEvent(0xffffc, 4));
    line(0, ".....", mapEvent(0xffff2, 2));
    line(0, ".....", mapEvent(0xffff4, 4));

    TraceConformanceReport report = report(ConformanceOptions.INFERRED);

    assertThat(report.allocations()).as("ffff2 and ffff4 are two").isEqualTo(3);
  }

  @Test
  void theDepotWorkerFiresUnseenOnlyWhileTheDepotHoldsMoreThanItKeeps() {
    List<String> pages = List.of("fffff", "ffffe", "ffffd", "ffffc", "ffffb");
    pages.forEach(page -> map(0, ".....", page));
    pages.forEach(page -> unmap(0, ".....", page));
    // Magazines of one: ffffb loaded, fffff previous, ffffc, ffffd, ffffe in the depot.
    map(0, ".....", "ffffb");
    map(0, ".....", "fffff");
    map(0, ".....", "ffffd");
    // The depot holds one magazine, as many as there are CPUs: ffffe cannot leave it unseen.
    map(0, ".....", "ffffc");

    assertThat(report(options(1)).firstUnexplained())
        .singleElement()
        .satisfies(miss -> assertThat(miss.kernelIova()).isEqualTo(0xffffc000L))
        .satisfies(miss -> assertThat(miss.modelIova()).isEqualTo(0xffffe000L));
  }

  @Test
  void oneWrongAnswerCostsNoOther() {
    map(0, ".....", "fffff");
    map(0, ".....", "abcde");
    map(0, ".....", "ffffe");
    unmap(0, ".....", "abcde");
    map(0, ".....", "abcde");
    map(0, ".....", "ffffd");

    assertThat(unexplained())
        .singleElement()
        .satisfies(miss -> assertThat(miss.kernelIova()).isEqualTo(0xabcde000L))
        .satisfies(
            miss ->
                assertThat(miss.describe())
                    .startsWith("line 3: d allocates 1 page on CPU 0, kernel 0xabcde000, model"));
  }

  @Test
  void aQueuedRangeIsNotAllocatedAgainBeforeAFlushThatBeganAfterwards() {
    map(0, ".....", "fffff");
    line(0, "d.h1.", unmapEvent("fffff"));
    unmapLine(0, "d.h1.", "fffff");
    map(0, ".....", "ffffe");
    wholeFlush(0);
    map(0, ".....", "fffff");

    assertThat(unexplained()).isEmpty();
    assertThat(report(ConformanceOptions.INFERRED).invalidations().wholeFlushes()).isEqualTo(1);
  }

  @Test
  void theTimerFreesOnTheCpuWhereItRuns() {
    map(0, ".....", "fffff");
    line(0, "d.h1.", unmapEvent("fffff"));
    unmapLine(0, "d.h1.", "fffff");
    wholeFlush(1);
    map(0, ".....", "ffffe");
    map(1, ".....", "fffff");

    assertThat(unexplained()).isEmpty();
  }

  @Test
  void aQueueingCpuMayReclaimItsOwnRingBeforeTheTimerGetsThere() {
    map(1, ".....", "fffff");
    map(1, ".....", "ffffe");
    queue(1, "fffff");
    line(0, "..s1.", "cache_tag_flush_all: dmar0/dmar0 type iotlb did 5 pasid 0 ref 1");
    line(0, "..s1.", "qi_submit: iotlb_inv dmar0: 0x500e2 0x0 0x0 0x0");
    queue(1, "ffffe");
    // The timer is on CPU 0, yet the range is found on CPU 1.
    map(1, ".....", "fffff");
    map(0, ".....", "ffffd");

    assertThat(unexplained()).isEmpty();
  }

  @Test
  void devicesWithTheSameDomainIdShareASpace() {
    mapFor("a", "fffff");
    mapFor("b", "ffffe");
    unmapFor("a", "fffff");
    unmapFor("b", "ffffe");

    assertThat(unexplained()).isEmpty();
    assertThat(report(ConformanceOptions.INFERRED).windows()).hasSize(1);
    assertThat(report(ConformanceOptions.INFERRED).devices())
        .containsExactly(new DeviceConformance("a", 1, 1, 0), new DeviceConformance("b", 1, 1, 0));
  }

  @Test
  void reportsAnInvalidationThatTheModelDoesNotCompute() {
    map(0, ".....", "fffff");
    line(0, ".....", unmapEvent("fffff"));
    line(
        0,
        ".....",
        "cache_tag_flush_range: dmar0 dmar0[0] type iotlb did 5 [0xfffff000-0xffffffff] addr"
            + " 0xffffe000 pages 0x2 mask 0x1");
    line(0, ".....", "qi_submit: iotlb_inv dmar0: 0x500f2 0xffffe041 0x0 0x0");
    unmapLine(0, ".....", "fffff");

    InvalidationConformance compared = report(ConformanceOptions.INFERRED).invalidations();
    assertThat(compared.mismatches()).isEqualTo(2);
    assertThat(compared.firstMismatches())
        .containsExactly(
            "line 4: kernel range 0xfffff000-0xffffffff, block 0xffffe000 order 1,"
                + " model range 0xfffff000-0xffffffff, block 0xfffff000 order 0",
            "line 5: kernel descriptor 0x500f2 0xffffe041, model descriptor 0x500f2 0xfffff040");
  }

  private List<UnexplainedAllocation> unexplained() {
    return report(ConformanceOptions.INFERRED).firstUnexplained();
  }

  private TraceConformanceReport report(ConformanceOptions options) {
    return TraceConformance.check(TraceText.text(text.toString()), Strictness.LENIENT, options);
  }

  private static ConformanceOptions options(int magazineSize) {
    return ConformanceOptions.INFERRED.with(
        new IovaParameters(magazineSize, 5, IovaParameters.UNBOUNDED, IovaParameters.ONLINE_CPUS));
  }

  private void line(int cpu, String flags, String event) {
    text.append(
        "t-%d [%03d] %s 1.%06d: %s\n".formatted(cpu + 100, cpu, flags, microseconds++, event));
  }

  private static String mapEvent(String pfn) {
    return "map: IOMMU: iova=0x%s000 - 0x0 paddr=0x5000 size=4096".formatted(pfn);
  }

  private static String dmaMapEvent(String pfn) {
    return "dma_map_page: d dir=TO_DEVICE dma_addr=%s000 size=4096 phys_addr=5000 attrs="
        .formatted(pfn);
  }

  private static String unmapEvent(String pfn) {
    return "unmap: IOMMU: iova=0x%s000 - 0x0 size=4096 unmapped_size=4096".formatted(pfn);
  }

  private void map(int cpu, String flags, String pfn) {
    line(cpu, flags, mapEvent(pfn));
    line(cpu, flags, dmaMapEvent(pfn));
  }

  private void unmap(int cpu, String flags, String pfn) {
    unmapUpToInvalidation(cpu, flags, pfn);
    unmapLine(cpu, flags, pfn);
  }

  private void unmapUpToInvalidation(int cpu, String flags, String pfn) {
    line(cpu, flags, unmapEvent(pfn));
    flush(cpu, flags, pfn);
  }

  private static String mapEvent(long pfn, int pages) {
    return "map: IOMMU: iova=0x%x000 - 0x%x000 paddr=0x100000 size=%d"
        .formatted(pfn, pfn + pages, 4096 * pages);
  }

  private void mapPages(int cpu, long pfn, int pages) {
    line(cpu, ".....", mapEvent(pfn, pages));
    line(cpu, ".....", dmaMapEvent(Long.toHexString(pfn)));
  }

  private void intel(int cpu, String flags, String event, long pfn) {
    line(
        cpu,
        flags,
        "%s: dev=0000:00:03.0 dev_addr=0x%x000 %ssize=262144"
            .formatted(event, pfn, event.startsWith("map") ? "phys_addr=0x11d7ce000 " : ""));
  }

  private void unmapPages(long pfn, int pages) {
    unmapPages("d.h1.", pfn, pages);
  }

  private void unmapPages(String flags, long pfn, int pages) {
    line(
        0,
        flags,
        "unmap: IOMMU: iova=0x%x000 - 0x%x000 size=%d unmapped_size=%d"
            .formatted(pfn, pfn + pages, 4096 * pages, 4096 * pages));
    line(
        0,
        flags,
        "cache_tag_flush_range: dmar0 dmar0[0] type iotlb did 5 [0x%x000-0x%xfff] addr 0x%x000 mask 0x3"
            .formatted(pfn, pfn + pages - 1, pfn));
    line(0, flags, "qi_submit: iotlb_inv dmar0: 0x500f2 0x%x043 0x0 0x0".formatted(pfn));
  }

  private void flush(int cpu, String flags, String pfn) {
    line(
        cpu,
        flags,
        "cache_tag_flush_range: dmar0 dmar0[0] type iotlb did 5 [0x%s000-0x%sfff] addr 0x%s000 mask 0x0"
            .formatted(pfn, pfn, pfn));
    line(cpu, flags, "qi_submit: iotlb_inv dmar0: 0x500f2 0x%s040 0x0 0x0".formatted(pfn));
  }

  private void unmapLine(int cpu, String flags, String pfn) {
    line(
        cpu,
        flags,
        "dma_unmap_page: d dir=TO_DEVICE dma_addr=%s000 size=4096 attrs=".formatted(pfn));
  }

  private void queue(int cpu, String pfn) {
    line(cpu, "d.h1.", unmapEvent(pfn));
    unmapLine(cpu, "d.h1.", pfn);
  }

  private void wholeFlush(int cpu) {
    line(cpu, "..s1.", "cache_tag_flush_all: dmar0/dmar0 type iotlb did 5 pasid 0 ref 1");
    line(cpu, "..s1.", "qi_submit: iotlb_inv dmar0: 0x500e2 0x0 0x0 0x0");
    // The task goes on, so the timer is done.
    line(cpu, ".....", "dma_sync_single_for_cpu: d dir=TO_DEVICE dma_addr=fffff000 size=4096");
  }

  private void mapFor(String device, String pfn) {
    line(0, ".....", mapEvent(pfn));
    line(0, ".....", dmaMapEvent(pfn).replace(" d ", " " + device + " "));
  }

  private void unmapFor(String device, String pfn) {
    unmapUpToInvalidation(0, ".....", pfn);
    line(
        0,
        ".....",
        "dma_unmap_page: %s dir=TO_DEVICE dma_addr=%s000 size=4096 attrs=".formatted(device, pfn));
  }
}
