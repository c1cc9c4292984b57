package dev.mapstorm.load.explain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.load.explain.TraceExplanation.Bounces;
import dev.mapstorm.load.explain.TraceExplanation.Fault;
import dev.mapstorm.load.explain.TraceExplanation.NeverUnmapped;
import dev.mapstorm.load.explain.TraceExplanation.Use;
import dev.mapstorm.load.text.TextLines;
import dev.mapstorm.load.trace.TracePolicy;
import dev.mapstorm.load.trace.TraceReader;
import dev.mapstorm.load.trace.TraceText;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TraceExplainerTest {
  private static final long MIB = 1 << 20;

  @Test
  void countsPageTableMapsThatNoDmaEventNames() {
    TraceExplanation found = report("01-iommu-only-old");

    assertThat(found.devices()).hasSize(1);
    Use unknown = found.devices().get(0);
    assertThat(unknown.device()).isEmpty();
    assertThat(unknown.maps()).isEqualTo(3);
    assertThat(unknown.unmaps()).isEqualTo(2);
    assertThat(unknown.sizes()).isEqualTo(Map.of(4096L, 3L));
    assertThat(found.standing()).extracting(Mapping::iova).containsExactly(0xffff0000L);
  }

  @Test
  void countsWhatAClientOfTheIommuApiMaps() {
    TraceExplanation found = report("02-iommu-only-vfio");

    Use vfio = found.tasks().get(0);
    assertThat(vfio.task()).isEqualTo("qemu-kvm-9120");
    assertThat(vfio.maps()).isEqualTo(6);
    assertThat(vfio.unmaps()).isEqualTo(1);
    assertThat(vfio.sizes())
        .isEqualTo(Map.of(128L << 10, 1L, 640L << 10, 1L, MIB, 1L, 2 * MIB, 1L, 1024 * MIB, 2L));
    assertThat(found.standing()).hasSize(5);
    assertThat(found.standing().stream().mapToLong(Mapping::bytes).sum()).isEqualTo(1_077_673_984L);
  }

  @ParameterizedTest
  @CsvSource({
    "04-no-map-events-7.0, 3, 3",
    "05-dma-events-only, 3, 3",
    "17-no-final-newline, 2, 2"
  })
  void followsMappingsWhicheverEventsThereAre(String report, long maps, long unmaps) {
    TraceExplanation found = report(report);

    assertThat(found.devices())
        .extracting(Use::device, Use::maps, Use::unmaps)
        .containsExactly(org.assertj.core.groups.Tuple.tuple("0000:41:00.0", maps, unmaps));
    assertThat(found.policy()).isNotEqualTo(TracePolicy.DIRECT);
    assertThat(found.standing()).isEmpty();
    assertThat(found.unmapsOfEarlierMappings()).isZero();
    assertThat(found.strayUnmaps()).isEmpty();
    assertThat(found.mappedTwice()).isEmpty();
  }

  @Test
  void tellsFailedCallsFromMappings() {
    TraceExplanation found = report("20-failed-mappings");

    assertThat(found.devices().get(0).maps()).isEqualTo(1);
    assertThat(found.devices().get(0).unmaps()).isEqualTo(1);
    assertThat(found.failedCalls())
        .extracting(each -> each.call() + " " + each.count() + " " + each.error())
        .containsExactly("dma_map 2 0", "dma_alloc 1 0", "dma_map_sg 1 -12");
  }

  @Test
  void tellsTheStoryOfAUseAfterFree() {
    Fault fault = report("21-fault-after-free").faults().get(0);

    assertThat(fault.access()).isEqualTo("write");
    assertThat(fault.isUseAfterUnmap()).isTrue();
    Mapping mapping = fault.mapping().orElseThrow();
    assertThat(mapping.device()).isEqualTo("0000:c4:00.0");
    assertThat(mapping.range()).isEqualTo("[0xfe900000, 0xfe980000)");
    assertThat(fault.address() - mapping.iova()).isEqualTo(4096);
    assertThat(mapping.mapped().who()).isEqualTo("(udev-worker)-611");
    assertThat(fault.act().timeNs() - mapping.mapped().timeNs()).isEqualTo(328_256_000_000L);
    Act unmapped = mapping.unmapped().orElseThrow();
    assertThat(unmapped.who()).isEqualTo("kworker/u64:3-77");
    assertThat(unmapped.event()).isEqualTo("dma_free");
    assertThat(fault.act().timeNs() - unmapped.timeNs()).isEqualTo(6_000_000);
  }

  @Test
  void tellsTheStoryOfAFaultWithoutAnyDmaEvent() {
    Fault fault = report("22-fault-iommu-only").faults().get(0);

    assertThat(fault.access()).isEqualTo("read");
    Mapping mapping = fault.mapping().orElseThrow();
    assertThat(mapping.range()).isEqualTo("[0xebc00000, 0xebc02000)");
    Act unmapped = mapping.unmapped().orElseThrow();
    assertThat(unmapped.pid()).isEqualTo(1515);
    assertThat(fault.act().timeNs() - unmapped.timeNs()).isEqualTo(1_500_000);
  }

  @Test
  void namesTheNearestRangeOfAFaultThatHitsNone() {
    String map = "a-1 [000] ..... 1.0: map: IOMMU: iova=0x5000 - 0x7000 paddr=0x3000 size=8192\n";
    String fault =
        "a-1 [000] ..... 2.0: io_page_fault: IOMMU:drv 0000:01:00.0 iova=0x8010 flags=0x0000\n";

    Fault found = text(map + fault).faults().get(0);

    assertThat(found.mapping()).isEmpty();
    assertThat(found.nearest().orElseThrow().range()).isEqualTo("[0x5000, 0x7000)");
    assertThat(ExplanationText.of("t", text(map + fault)))
        .contains("never mapped in this trace: 4.02 KiB past the end of [0x5000, 0x7000)");
  }

  @Test
  void countsTheDistanceOfAFaultFromTheEndOfARange() {
    String map = "a-1 [000] ..... 1.0: map: IOMMU: iova=0x5000 - 0x7000 paddr=0x3000 size=8192\n";
    String fault =
        "a-1 [000] ..... 2.0: io_page_fault: IOMMU:drv 0000:01:00.0 iova=0x7040 flags=0x0000\n";

    assertThat(ExplanationText.of("t", text(map + fault))).contains("64 bytes past the end of");
    assertThat(ExplanationText.of("t", text(map + fault.replace("7040", "4ff0"))))
        .contains("16 bytes before [0x5000, 0x7000)");
  }

  @Test
  void tellsWhoUnmappedWhatWasMappedBeforeTheTraceBegan() {
    String unmap =
        """
        a-1 [000] ..... 1.0: unmap: IOMMU: iova=0x5000 - 0x7000 size=8192 unmapped_size=8192
        a-1 [000] ..... 1.1: dma_unmap_page: 0000:01:00.0 dir=TO_DEVICE dma_addr=5000 size=8192 attrs=
        """;
    String fault =
        "a-1 [000] ..... 2.1: io_page_fault: IOMMU:drv 0000:01:00.0 iova=0x6000 flags=0x0000\n";

    assertThat(ExplanationText.of("t", text(unmap + fault)))
        .contains("  4096 bytes into [0x5000, 0x7000)\n")
        .contains("    mapped before the trace begins\n")
        .contains("    unmapped 1.100 s earlier by a-1 on CPU 0 (iommu:unmap, line 1)\n")
        .contains("    use after unmap");
  }

  @Test
  void aRangeOfAnotherDeviceIsNoUseAfterUnmap() {
    String life =
        """
        a-1 [000] ..... 1.0: map: IOMMU: iova=0x5000 - 0x6000 paddr=0x3000 size=4096
        a-1 [000] ..... 1.1: dma_map_page: 0000:01:00.0 dir=TO_DEVICE dma_addr=5000 size=4096 phys_addr=3000 attrs=
        a-1 [000] ..... 1.2: unmap: IOMMU: iova=0x5000 - 0x6000 size=4096 unmapped_size=4096
        a-1 [000] ..... 1.3: dma_unmap_page: 0000:01:00.0 dir=TO_DEVICE dma_addr=5000 size=4096 attrs=
        """;
    String fault =
        "a-1 [000] ..... 2.0: io_page_fault: IOMMU:drv 0000:%s:00.0 iova=0x5000 flags=0x0000\n";

    assertThat(ExplanationText.of("t", text(life + fault.formatted("01"))))
        .contains("use after unmap");
    assertThat(ExplanationText.of("t", text(life + fault.formatted("02"))))
        .doesNotContain("use after unmap")
        .contains("the range is of 0000:01:00.0: another domain, unless both share one");
  }

  @Test
  void takesTheTimeOfAFaultFromTheKernelLogAndInventsNone() {
    String map = "a-1 [000] ..... 1.0: map: IOMMU: iova=0x5000 - 0x7000 paddr=0x3000 size=8192\n";
    String fault = "DMAR: [DMA Read] Request device [01:00.0] fault addr 5000\n";

    assertThat(ExplanationText.of("t", text(map + "[    1.500000] " + fault)))
        .contains("mapped 500.000 ms earlier by a-1");
    assertThat(ExplanationText.of("t", text(map + fault))).contains("    mapped earlier by a-1");
  }

  @Test
  void listsWhatWasNeverUnmapped() {
    TraceExplanation found = report("24-never-unmapped");

    assertThat(found.neverUnmapped())
        .containsExactly(new NeverUnmapped("0000:02:00.0", "irq/90-eth-700", 4096, 5, 2));
    assertThat(found.standing())
        .extracting(Mapping::iova)
        .containsExactly(0xfffff000L, 0xffffe000L, 0xffffc000L, 0xffffb000L, 0xffffa000L);
  }

  @Test
  void countsBouncesByDevice() {
    TraceExplanation found = report("25-swiotlb-only");

    assertThat(found.bounces())
        .containsExactly(
            new Bounces(
                "d4280000.sdh",
                3,
                70_144,
                65_536,
                1,
                32,
                new java.util.TreeMap<>(Map.of(512L, 1L, 4096L, 1L, 65_536L, 1L))));
  }

  @Test
  void recognisesAnUnmapOfThePhysicalAddress() {
    TraceExplanation found = report("28-unmap-of-physical");

    assertThat(found.strayUnmaps()).hasSize(1);
    assertThat(found.strayUnmaps().get(0).iova()).isEqualTo(0x1d2000000L);
    assertThat(found.strayUnmaps().get(0).physicalOf().orElseThrow().iova()).isEqualTo(0xfffe0000L);
    assertThat(found.standing()).extracting(Mapping::iova).containsExactly(0xfffe0000L);
    assertThat(found.unmapsOfEarlierMappings()).isZero();
  }

  @Test
  void tellsARangeThatIsMappedTwice() {
    String twice =
        """
        a-1 [000] ..... 1.0: dma_map_page: dev dir=TO_DEVICE dma_addr=5000 size=8192 phys_addr=103000 attrs=
        b-2 [001] ..... 2.0: dma_map_page: dev dir=TO_DEVICE dma_addr=6000 size=4096 phys_addr=108000 attrs=
        """;
    String overtaking =
        """
        a-1 [000] ..... 1.0: dma_map_page: dev dir=TO_DEVICE dma_addr=5000 size=4096 phys_addr=103000 attrs=
        b-2 [001] ..... 2.0: dma_map_page: dev dir=TO_DEVICE dma_addr=5000 size=4096 phys_addr=108000 attrs=
        a-1 [000] ..... 2.1: dma_unmap_page: dev dir=TO_DEVICE dma_addr=5000 size=4096 attrs=
        """;

    assertThat(text(twice).mappedTwice()).hasSize(1);
    assertThat(text(overtaking).mappedTwice()).isEmpty();
    assertThat(text(overtaking).standing()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "net-download-strict",
    "nvme-mixed-lazy",
    "nvme-net-strict",
    "nvme-randread-4k-strict"
  })
  void findsNothingWrongInTheTracesOfHealthyKernels(String name) {
    try (TextLines lines = TraceText.recorded(name);
        TraceReader trace = new TraceReader(lines)) {
      TraceExplanation found = TraceExplainer.explain(trace);

      assertThat(found.faults()).isEmpty();
      assertThat(found.strayUnmaps()).isEmpty();
      assertThat(found.mappedTwice()).isEmpty();
      assertThat(found.failedCalls()).isEmpty();
      assertThat(found.unmapsOfEarlierMappings()).isZero();
      long maps = found.devices().stream().mapToLong(Use::maps).sum();
      long unmaps = found.devices().stream().mapToLong(Use::unmaps).sum();
      assertThat(maps - unmaps).isEqualTo(found.standing().size());
    }
  }

  /** Linux 5.10 logs a line for each segment of a list, and two for its unmapping. */
  @Test
  void takesTheSegmentsOfAListForOneMapping() {
    TraceExplanation found;
    try (TraceReader reader = new TraceReader(TraceText.recorded("vtd510-strict-nvme-mixed"))) {
      found = TraceExplainer.explain(reader);
    }

    assertThat(found.mappedTwice()).isEmpty();
    assertThat(found.unmapsOfEarlierMappings()).isLessThan(2);
    assertThat(found.devices())
        .singleElement()
        .satisfies(device -> assertThat(device.maps()).isEqualTo(1633));
  }

  private static TraceExplanation report(String name) {
    try (TextLines lines =
            TextLines.of(
                name,
                TraceExplainerTest.class.getResourceAsStream(
                    "/dev/mapstorm/load/reports/" + name + ".txt"));
        TraceReader trace = new TraceReader(lines)) {
      return TraceExplainer.explain(trace);
    }
  }

  private static TraceExplanation text(String text) {
    try (TraceReader trace = new TraceReader(TraceText.text(List.of(text.split("\n"))))) {
      return TraceExplainer.explain(trace);
    }
  }
}
