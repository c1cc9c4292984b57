package dev.mapstorm.load.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.mapstorm.load.text.TextLines;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.MapApi;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestStreamTest {
  private static final String NVME = "0000:00:03.0";

  private record Result(List<TraceRequest> requests, TraceSummary summary) {
    List<TraceRequest.Map> maps() {
      return requests.stream()
          .filter(TraceRequest.Map.class::isInstance)
          .map(TraceRequest.Map.class::cast)
          .toList();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        TraceText.NET_DOWNLOAD_STRICT,
        TraceText.NVME_MIXED_LAZY,
        TraceText.NVME_NET_STRICT,
        TraceText.NVME_RANDREAD_STRICT,
        TraceText.NVME_SWIOTLB
      })
  void readsTheSameRequestsFromFtraceTraceCmdAndPerf(String name) {
    List<String> ftrace = TraceText.recordedLines(name, 3000);
    Result expected = read(TraceText.text(ftrace));

    assertThat(expected.requests()).hasSizeGreaterThan(400);
    assertThat(read(TraceText.text(TraceText.asTraceCmd(ftrace))).requests())
        .isEqualTo(expected.requests());
    assertThat(read(TraceText.text(TraceText.asPerfScript(ftrace))).requests())
        .isEqualTo(expected.requests());
  }

  /** Linux 5.10: a line a segment, and two lines that unmap. */
  @Test
  void putsListsOfTheOldVtdDriverTogether() {
    String text =
        """
        a-1 [000] .... 1.0: map_sg: dev=0000:00:03.0 [1/2] dev_addr=0xfff00000 phys_addr=0x11000 size=4096
        b-2 [001] .... 1.1: map_sg: dev=0000:00:03.0 [1/1] dev_addr=0xffe00000 phys_addr=0x31000 size=8192
        a-1 [000] .... 1.2: map_sg: dev=0000:00:03.0 [2/2] dev_addr=0xfff01000 phys_addr=0x21000 size=8192
        a-1 [000] d.h. 1.3: unmap_single: dev=0000:00:03.0 dev_addr=0xfff00000 size=12288
        a-1 [000] d.h. 1.4: unmap_sg: dev=0000:00:03.0 dev_addr=0xfff00000 size=12288
        """;

    Result result = read(TraceText.text(text));

    assertThat(result.maps())
        .extracting(TraceRequest.Map::kind, TraceRequest.Map::len)
        .containsExactly(
            tuple(MapApi.SG, new int[] {8192}), tuple(MapApi.SG, new int[] {4096, 8192}));
    assertThat(result.summary().unmaps()).isEqualTo(1);
    assertThat(result.summary().unmatchedUnmaps()).isZero();
    Result recorded = read(TraceText.recorded("vtd510-strict-nvme-mixed"));
    assertThat(recorded.summary().maps()).isEqualTo(1633);
    // An address that is mapped again between the two lines that unmap a list.
    assertThat(recorded.summary().unmatchedUnmaps()).isLessThan(10);
  }

  @ParameterizedTest
  @CsvSource({
    "net-download-strict, STRICT, 2, 20000",
    "nvme-mixed-lazy, LAZY, 1, 70138",
    "nvme-net-strict, STRICT, 2, 20000",
    "nvme-randread-4k-strict, STRICT, 1, 20000",
    "nvme-swiotlb-force, SWIOTLB, 1, 20000"
  })
  void leavesNothingOfARecordedTraceOut(String name, TracePolicy policy, int devices, long lines) {
    Result result = read(TraceText.recorded(name));
    TraceSummary summary = result.summary();

    assertThat(summary.policy()).isEqualTo(policy);
    assertThat(summary.devices()).hasSize(devices);
    assertThat(summary.cpus()).isEqualTo(4);
    assertThat(summary.reading().lines()).isEqualTo(lines);
    assertThat(summary.unmatchedUnmaps()).isZero();
    assertThat(summary.listsWithoutLengths()).isZero();
    // The excerpt may end between a page-table write and its event.
    assertThat(summary.unmatchedPageTableWrites()).isLessThan(20);
    assertThat(summary.maps() + summary.unmaps()).isEqualTo(result.requests().size());
    assertThat(summary.startNs()).isLessThan(summary.endNs());
  }

  @ParameterizedTest
  @ValueSource(strings = {TraceText.NVME_MIXED_LAZY, TraceText.NVME_NET_STRICT})
  void ordersRequestsInTimeAndUnmapsEachMapAtMostOnce(String name) {
    long lastNs = 0;
    long maps = 0;
    Set<Long> live = new HashSet<>();
    for (TraceRequest request : read(TraceText.recorded(name)).requests()) {
      assertThat(request.timeNs()).isGreaterThanOrEqualTo(lastNs);
      lastNs = request.timeNs();
      if (request instanceof TraceRequest.Map) {
        assertThat(request.id()).isEqualTo(maps++);
        live.add(request.id());
      } else {
        assertThat(live.remove(request.id())).isTrue();
      }
    }
    assertThat(live).isNotEmpty();
  }

  @Test
  void findsTheSegmentsOfAMergedListInTheMixedTrace() {
    TraceRequest.Map first =
        read(TraceText.text(TraceText.recordedLines(TraceText.NVME_MIXED_LAZY, 3000)))
            .maps()
            .stream()
            .filter(map -> map.kind() == MapApi.SG)
            .findFirst()
            .orElseThrow();

    assertThat(first.direction()).isEqualTo(Direction.TO_DEVICE);
    assertThat(first.phys()).containsExactly(0x124c71000L, 0x1080f8000L, 0x124cb0000L);
    assertThat(first.len()).containsExactly(4096, 28672, 32768);
  }

  @Test
  void takesSegmentLengthsFromTheOutputsWhereNothingIsTranslated() {
    TraceRequest.Map first =
        read(TraceText.text(TraceText.recordedLines(TraceText.NVME_SWIOTLB, 3000))).maps().stream()
            .filter(map -> map.kind() == MapApi.SG)
            .findFirst()
            .orElseThrow();

    assertThat(first.phys()).containsExactly(0x10743d000L, 0x107439000L, 0x10743e000L);
    assertThat(first.len()).containsExactly(0x1000, 0x2000, 0x1000);
  }

  @Test
  void keepsThePhysicalPagesOfACoherentAllocation() {
    TraceRequest.Map queue =
        read(TraceText.text(TraceText.recordedLines(TraceText.NVME_MIXED_LAZY, 3000)))
            .maps()
            .stream()
            .filter(map -> map.kind() == MapApi.COHERENT && map.len().length == 4)
            .findFirst()
            .orElseThrow();

    assertThat(queue.device()).isEqualTo(NVME);
    assertThat(queue.phys())
        .containsExactly(0x124046000L, 0x100fa8000L, 0x100fa7000L, 0x100fa6000L);
    assertThat(queue.bytes()).isEqualTo(16384);
  }

  @Test
  void doesNotTakeAnIovaMappedAgainBeforeItsUnmapIsLoggedForAFault() {
    List<TraceRequest> requests =
        read("""
        a-1 [000] ..... 1.0: dma_map_page: d dir=TO_DEVICE dma_addr=1000 size=8 phys_addr=10 attrs=
        b-2 [001] ..... 2.0: dma_map_page: d dir=TO_DEVICE dma_addr=1000 size=9 phys_addr=20 attrs=
        a-1 [000] ..... 3.0: dma_unmap_page: d dir=TO_DEVICE dma_addr=1000 size=8 attrs=
        b-2 [001] ..... 4.0: dma_unmap_page: d dir=TO_DEVICE dma_addr=1000 size=9 attrs=
        """)
            .requests();

    assertThat(requests.subList(2, 4))
        .containsExactly(
            new TraceRequest.Unmap(0, 3_000_000_000L, 0, "d"),
            new TraceRequest.Unmap(1, 4_000_000_000L, 1, "d"));
  }

  @Test
  void presumesUnmapsThatFellIntoAGap() {
    Result result =
        read(
            """
            a-1 [000] ..... 1.0: dma_map_page: d dir=TO_DEVICE dma_addr=1000 size=8 phys_addr=10 attrs=
            CPU:1 [LOST 5 EVENTS]
            a-1 [000] ..... 2.0: dma_map_page: d dir=TO_DEVICE dma_addr=1000 size=9 phys_addr=20 attrs=
            a-1 [000] ..... 3.0: dma_unmap_page: d dir=TO_DEVICE dma_addr=1000 size=9 attrs=
            """);

    assertThat(result.requests().get(1))
        .isEqualTo(new TraceRequest.Unmap(0, 2_000_000_000L, 0, "d"));
    assertThat(result.requests().get(3))
        .isEqualTo(new TraceRequest.Unmap(1, 3_000_000_000L, 0, "d"));
    assertThat(result.summary().gaps()).isEqualTo(1);
    assertThat(result.summary().lostEvents()).isEqualTo(5);
    assertThat(result.summary().presumedUnmaps()).isEqualTo(1);
  }

  /** trace-cmd puts it there where the ring was overwritten; it has no time. */
  @Test
  void aGapAtTheBeginningDoesNotBeginTheTrace() {
    TraceSummary summary =
        read("""
        CPU:3 [12 EVENTS DROPPED]
        a-1 [003] ..... 812.4: dma_map_page: d dir=TO_DEVICE dma_addr=1000 size=9 phys_addr=20 attrs=
        """)
            .summary();

    assertThat(summary.startNs()).isEqualTo(812_400_000_000L);
    assertThat(summary.lostEvents()).isEqualTo(12);
  }

  @Test
  void leavesOutAndCountsWhatTheTraceDoesNotTell() {
    Result result =
        read(
            """
            a-1 [000] ..... 1.0: unmap: IOMMU: iova=0x8000 - 0x9000 size=4096 unmapped_size=0
            a-1 [000] ..... 1.0: dma_unmap_page: d dir=TO_DEVICE dma_addr=8000 size=8 attrs=
            a-1 [000] ..... 1.1: map: IOMMU: iova=0x5000 - 0x6000 paddr=0x3000 size=4096
            a-1 [000] ..... 1.2: dma_map_page: d dir=TO_DEVICE dma_addr=1000 size=8 phys_addr=10 attrs=
            a-1 [000] ..... 1.3: dma_map_sg: d dir=TO_DEVICE nents=2/2 ents=1/1 dma_addrs={0x7000} sizes={0x1800} phys_addrs={0x1000,0x9000} attrs=
            a-1 [000] ..... 1.4: dma_unmap_sg: d dir=TO_DEVICE phys_addrs={0x1000,0x9000} attrs=
            """);

    assertThat(result.requests()).hasSize(1);
    assertThat(result.summary().unmatchedUnmaps()).isEqualTo(1);
    assertThat(result.summary().unmatchedPageTableWrites()).isEqualTo(1);
    assertThat(result.summary().listsWithoutLengths()).isEqualTo(1);
  }

  @Test
  void whatIsUnmappedButWasNeverMappedStoodBeforeTheTrace() {
    Result result =
        read(
            """
            a-1 [000] ..... 1.0: dma_map_page: d dir=TO_DEVICE dma_addr=1000 size=8 phys_addr=10 attrs=
            a-1 [001] ..... 1.1: unmap: IOMMU: iova=0x5000 - 0x6000 size=4096 unmapped_size=4096
            a-1 [001] ..... 1.1: dma_unmap_page: d dir=FROM_DEVICE dma_addr=5008 size=16 attrs=
            a-1 [000] ..... 1.2: dma_unmap_page: d dir=TO_DEVICE dma_addr=1000 size=8 attrs=
            a-1 [000] ..... 1.3: dma_free: d dma_addr=7000 size=4096 virt_addr=5 attrs=
            a-1 [000] ..... 1.4: dma_unmap_page: d dir=TO_DEVICE dma_addr=1000 size=8 attrs=
            """);

    assertThat(result.requests())
        .extracting(TraceRequest::toString)
        .containsExactly(
            "Map[id=0, timeNs=1000000000, cpu=0, device=d, direction=TO_DEVICE, kind=PAGE,"
                + " {0x10+8}]",
            "Map[id=1, timeNs=1100000000, cpu=1, device=d, direction=FROM_DEVICE, kind=PAGE,"
                + " {0x5008+16}]",
            "Unmap[id=1, timeNs=1100000000, cpu=1, device=d]",
            "Unmap[id=0, timeNs=1200000000, cpu=0, device=d]",
            "Map[id=2, timeNs=1300000000, cpu=0, device=d, direction=BIDIRECTIONAL, kind=COHERENT,"
                + " {0x7000+4096}]",
            "Unmap[id=2, timeNs=1300000000, cpu=0, device=d]");
    assertThat(result.maps())
        .extracting(TraceRequest.Map::stands)
        .containsExactly(false, true, true);
    assertThat(result.summary().standingMaps()).isEqualTo(2);
    assertThat(result.summary().unmatchedUnmaps()).as("unmapped twice").isEqualTo(1);
  }

  @Test
  void joinsPageTableWritesOfATaskThatAnInterruptHit() {
    List<TraceRequest.Map> maps =
        read("""
        a-1 [000] ..... 1.0: map: IOMMU: iova=0x8000 - 0x9000 paddr=0x3000 size=4096
        a-1 [000] d.h1. 1.1: map: IOMMU: iova=0x9000 - 0xa000 paddr=0x5000 size=4096
        a-1 [000] d.h1. 1.2: dma_map_page: d dir=TO_DEVICE dma_addr=9000 size=8 phys_addr=5000 attrs=
        a-1 [000] ..... 1.3: map: IOMMU: iova=0x9000 - 0xa000 paddr=0x7000 size=4096
        a-1 [000] ..... 1.4: dma_map_sg: d dir=TO_DEVICE nents=2/2 ents=1/1 dma_addrs={0x8000} sizes={0x1800} phys_addrs={0x3000,0x7000} attrs=
        """)
            .maps();

    assertThat(maps.get(1).len()).containsExactly(0x1000, 0x800);
  }

  /** Linux before 6.12: what was mapped at once is what is unmapped at once. */
  @Test
  void makesRequestsOfMappingsThatNoEventNames() {
    List<TraceRequest> unnamed =
        unnamed(
            """
            a-1 [000] ..... 1.0: map: IOMMU: iova=0x8000 - 0x9000 paddr=0x3000 size=4096
            a-1 [000] ..... 1.1: map: IOMMU: iova=0x9000 - 0xb000 paddr=0x5000 size=8192
            b-2 [001] ..... 1.2: map: IOMMU: iova=0xb000 - 0xc000 paddr=0x7000 size=4096
            c-3 [002] d.h1. 1.3: unmap: IOMMU: iova=0x8000 - 0xb000 size=12288 unmapped_size=12288
            a-1 [000] ..... 1.4: map: IOMMU: iova=0x9000 - 0xb000 paddr=0x1000 size=8192
            c-3 [002] d.h1. 1.5: unmap: IOMMU: iova=0xa000 - 0xc000 size=8192 unmapped_size=8192
            c-3 [002] d.h1. 1.6: unmap: IOMMU: iova=0x40000 - 0x41000 size=4096 unmapped_size=4096
            """);

    assertThat(unnamed)
        .extracting(TraceRequest::toString)
        .map(text -> text.replaceAll("device=unnamed, |direction=BIDIRECTIONAL, ", ""))
        .containsExactly(
            "Map[id=0, timeNs=1000000000, cpu=0, kind=SG, {0x3000+4096,0x5000+8192}]",
            "Unmap[id=0, timeNs=1300000000, cpu=2, device=unnamed]",
            "Map[id=1, timeNs=1400000000, cpu=0, kind=SG, {0x2000+4096,0x7000+4096}]",
            "Map[id=3, timeNs=1400000000, cpu=0, kind=PAGE, {0x1000+4096}]",
            "Unmap[id=1, timeNs=1500000000, cpu=2, device=unnamed]",
            "Map[id=2, timeNs=1600000000, cpu=2, kind=PAGE, {0x40000+4096}]",
            "Unmap[id=2, timeNs=1600000000, cpu=2, device=unnamed]");
    assertThat(((TraceRequest.Map) unnamed.get(5)).stands()).isTrue();
  }

  /** What an event names is not asked for twice, and a few that lost their event are left out. */
  @Test
  void makesNoRequestsOfFewUnnamedAmongManyNamed() {
    String map =
        """
        a-1 [000] ..... 1.0: map: IOMMU: iova=0x8000 - 0x9000 paddr=0x3000 size=4096
        a-1 [000] ..... 1.1: dma_map_page: d dir=TO_DEVICE dma_addr=8000 size=8 phys_addr=3000 attrs=
        a-1 [000] ..... 1.2: unmap: IOMMU: iova=0x8000 - 0x9000 size=4096 unmapped_size=4096
        a-1 [000] ..... 1.3: dma_unmap_page: d dir=TO_DEVICE dma_addr=8000 size=8 attrs=
        """;
    String one = "a-1 [000] ..... 2.0: map: IOMMU: iova=0x9000 - 0xa000 paddr=0x3000 size=4096\n";

    assertThat(unnamed(map.repeat(101) + one)).isEmpty();
    assertThat(unnamed(map.repeat(99) + one)).hasSize(1);
  }

  private static List<TraceRequest> unnamed(String text) {
    try (RequestStream stream = new RequestStream(new TraceReader(TraceText.text(text)))) {
      while (stream.hasNext()) {
        stream.next();
      }
      return stream.unnamed();
    }
  }

  private static Result read(String text) {
    return read(TraceText.text(text));
  }

  private static Result read(TextLines lines) {
    try (RequestStream stream = new RequestStream(new TraceReader(lines))) {
      List<TraceRequest> requests = new ArrayList<>();
      stream.forEachRemaining(requests::add);
      return new Result(requests, stream.summary());
    }
  }
}
