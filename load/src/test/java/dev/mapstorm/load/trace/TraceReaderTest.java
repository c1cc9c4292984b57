package dev.mapstorm.load.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mapstorm.load.text.TextFormatException;
import dev.mapstorm.load.text.TextLines;
import dev.mapstorm.load.trace.TraceEvent.CacheTagFlushRange;
import dev.mapstorm.load.trace.TraceEvent.DmaMapSg;
import dev.mapstorm.load.trace.TraceEvent.IommuMap;
import dev.mapstorm.load.trace.TraceEvent.IommuUnmap;
import dev.mapstorm.load.trace.TraceEvent.QiSubmit;
import dev.mapstorm.protocol.Direction;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TraceReaderTest {
  private static final String MAP_LINE =
      "  fio-1 [000] .....  1.000000: map: IOMMU: iova=0x1000 - 0x2000 paddr=0x3000 size=4096\n";

  @ParameterizedTest
  @CsvSource({
    "d.h., HARDIRQ",
    "....., PROCESS",
    "..s1., SOFTIRQ",
    "dNH3., HARDIRQ",
    "d.Z1., NMI",
    "d.ls..., SOFTIRQ",
    "d..h1.., HARDIRQ",
    "..s...., PROCESS",
    "..s11., SOFTIRQ",
    "d.h22., HARDIRQ",
    "......., PROCESS"
  })
  void readsTheLevelFromFlagsOfFourToSevenCharacters(String flags, ExecutionLevel level) {
    assertThat(read(MAP_LINE.replace(".....", flags)).get(0).level()).isEqualTo(level);
  }

  @ParameterizedTest
  @CsvSource({
    "   (udev-worker)-532     [010] ....., 532, 10",
    "   kworker/u64:0-12      [011] ....., 12, 11",
    "irq/26-AMD-Vi-154     [006] ....., 154, 6",
    "    gst-launch-1.0-606     [000] ....., 606, 0",
    "   my task 7-99 [001] ....., 99, 1",
    "   evil-1 [000] x-98 [001] ....., 98, 1",
    "          <idle>-0       [003] ..s1., 0, 3",
    "          <...>-31337 ( 31330) [002] ....., 31337, 2",
    "          <...>-31337 (-------) [002] ....., 31337, 2",
    "  swapper     0 [003], 0, 3",
    "  kworker/0:1H-kb   77 [128], 77, 128",
    "  task  70/71 [001], 71, 1"
  })
  void findsPidAndCpuWhateverTheTaskIsCalled(String head, int pid, int cpu) {
    TraceLine line =
        read(head + " 4.878076123: iommu:unmap: IOMMU: iova=0x10 size=1 unmapped_size=2\n").get(0);

    assertThat(line.pid()).isEqualTo(pid);
    assertThat(line.cpu()).isEqualTo(cpu);
    assertThat(line.timeNs()).isEqualTo(4_878_076_123L);
    assertThat(line.event()).isEqualTo(new IommuUnmap("", 0x10, 1, 2));
  }

  @Test
  void readsTimestampsToTheNanosecondWhateverTheirPrecision() {
    assertThat(read(MAP_LINE).get(0).timeNs()).isEqualTo(1_000_000_000L);
    assertThat(read(MAP_LINE.replace("1.000000", "17299.3")).get(0).timeNs())
        .isEqualTo(17_299_300_000_000L);
    assertThat(read(MAP_LINE.replace("1.000000", "0.000000001")).get(0).timeNs()).isEqualTo(1);
  }

  @Test
  void readsTheFormsThatKernelsPrintedOverTheYears() {
    List<TraceLine> lines =
        read(
            """
            a-1 [000] .... 1.0: map: IOMMU: iova=0x0000000ffff36000 paddr=0x00000001164d8000 size=4096
            a-1 [000] .... 1.1: unmap: IOMMU: iova=0x0000000ffff36000 size=4096 unmapped_size=4096
            a-1 [000] .... 1.2: map: IOMMU: dev=1d84000.ufshc iova=0x0000000fffa88000 paddr=0x00000001063db000 size=4096
            a-1 [000] .... 1.3: io_page_fault: IOMMU:[drvname] 0000:05:00.0 iova=0x0000000091482640 flags=0x0001
            a-1 [000] .... 1.4: dma_alloc: 0000:c2:00.0 dma_addr=fe980000 size=524288 virt_addr=000000006cadbcb1 flags=GFP_KERNEL|__GFP_ZERO attrs=
            a-1 [000] .... 1.5: dma_free: 0000:c2:00.0 dma_addr=fe980000 size=524288 virt_addr=000000006cadbcb1 attrs=
            a-1 [000] .... 1.6: dma_map_sg: d dir=TO_DEVICE dma_addrs={0x10} sizes={0x5} phys_addrs={0x20} attrs=
            a-1 [000] .... 1.7: dma_map_sg: d dir=TO_DEVICE nents=1/9 ents=1/2 [TRUNCATED] dma_addrs={0x10} sizes={0x5} phys_addrs={0x20} attrs=
            a-1 [000] .... 1.8: dma_map_sg_err: d dir=FROM_DEVICE dma_addrs={0x20,0x30} err=-12 attrs=
            a-1 [000] .... 1.9: qi_submit: dev_tlb_inv dmar1: 0x1000000003 0x7ffffffffffff001 0x0 0x0
            a-1 [000] .... 2.0: cache_tag_flush_range: dmar0/0000:00:03.0[1] type devtlb did 7 [0x1000-0x2fff] addr 0x0 mask 0x2
            a-1 [000] .... 2.1: cache_tag_assign: dmar0/0000:00:03.0 type iotlb did 7 pasid 0 ref 1
            a-1 [000] .... 2.2: dma_map_phys: d dir=BIDIRECTIONAL dma_addr=8000000000 size=1 phys_addr=1 attrs=MMIO
            a-1 [000] .... 2.3: swiotlb_bounced: dev_name: d4280800.sdh dma_mask=ffffffff dev_addr=ffffffffffffffff size=4 NORMAL
            """);

    assertThat(lines)
        .extracting(TraceLine::event)
        .containsExactly(
            new IommuMap("", 0xffff36000L, 0x1164d8000L, 4096),
            new IommuUnmap("", 0xffff36000L, 4096, 4096),
            new IommuMap("1d84000.ufshc", 0xfffa88000L, 0x1063db000L, 4096),
            new TraceEvent.IoPageFault("[drvname]", "0000:05:00.0", 0x91482640L, 1, true),
            new TraceEvent.DmaAlloc(
                "0000:c2:00.0", Direction.BIDIRECTIONAL, 0xfe980000L, 524288, false),
            new TraceEvent.DmaFree("0000:c2:00.0", 0xfe980000L, 524288),
            sg(1, 1),
            sg(9, 2),
            new TraceEvent.DmaMapSgError("d", Direction.FROM_DEVICE, new long[] {0x20, 0x30}, -12),
            new QiSubmit("dev_tlb_inv", "dmar1", 0x1000000003L, 0x7ffffffffffff001L, 0, 0),
            new CacheTagFlushRange("dmar0", "devtlb", 7, 0x1000, 0x2fff, 0, 2, false),
            new TraceEvent.CacheTagAssign("dmar0", "0000:00:03.0", "iotlb", 7, true),
            new TraceEvent.DmaMap("d", Direction.BIDIRECTIONAL, 0x8000000000L, 1, 1),
            new TraceEvent.SwiotlbBounced("d4280800.sdh", 0xffffffffL, -1L, 4, false));
  }

  private static DmaMapSg sg(int inputs, int outputs) {
    return new DmaMapSg(
        "d",
        Direction.TO_DEVICE,
        new long[] {0x10},
        new long[] {5},
        new long[] {0x20},
        inputs,
        outputs);
  }

  @Test
  void reportsGapsWithTheTimeOfTheLineBefore() {
    List<TraceLine> lines =
        read(
            MAP_LINE
                + "CPU:3 [LOST 1234 EVENTS]\nCPU:1 [LOST EVENTS]\nCPU:2 [77 EVENTS DROPPED]\n");

    assertThat(lines.subList(1, 4))
        .extracting(TraceLine::event)
        .containsExactly(
            new TraceEvent.Lost(3, 1234), new TraceEvent.Lost(1, 0), new TraceEvent.Lost(2, 77));
    assertThat(lines).extracting(TraceLine::timeNs).containsOnly(1_000_000_000L);
  }

  @Test
  void skipsAndCountsEventsThatItDoesNotKnow() {
    String other =
        "a-1 [000] ..... 1.0: sched_switch: prev_comm=a\n"
            + "a-1 [000] ..... 1.0: sched:map: IOMMU\n"
            + "a-1 [000] ..... 1.0: <stack trace>\n => __dma_map_page\n";
    try (TraceReader trace =
        new TraceReader(TraceText.text("# c\n\ncpus=4\n" + other + MAP_LINE))) {
      assertThat(trace.next().number()).isEqualTo(8);
      assertThat(trace.hasNext()).isFalse();
      assertThat(trace.notes().skippedEvents())
          .containsOnlyKeys("sched_switch", "sched:map", "<stack trace>")
          .containsEntry("sched_switch", 1L);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "time,cpu,event\n1,2,3\n",
        "{\"traceEvents\": []}\n",
        "\u007fELF\u0001\u0002\n\n",
        "hello"
      })
  void refusesAForeignFileAtItsFirstLine(String text) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(TextFormatException.class)
        .hasMessageStartingWith("t:1: not a line of a kernel trace: '");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n\n", "# tracer: nop\n#\n", "cpus=4\n"})
  void refusesAFileWithoutAnyTraceLine(String text) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(TextFormatException.class)
        .hasMessage("t: holds no line of a kernel trace");
  }

  @Test
  void refusesALineThatIsNotTraceTextIfReadingIsStrict() {
    String text = MAP_LINE + MAP_LINE + "Segmentation fault\n" + MAP_LINE;

    assertThat(read(text)).hasSize(3);
    assertThatThrownBy(() -> readStrictly(text))
        .hasMessage("t:3: not a line of a kernel trace: 'Segmentation fault'");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "map: IOMMU: iova=0x1000 - 0x2000 paddr=0x3000 | expected ' size='",
        "map: IOMMU: iova=xyz | expected a hexadecimal number at 'xyz'",
        "dma_map_page: d dir=SIDEWAYS dma_addr=1 | unknown direction at 'SIDEWAYS",
        "dma_map_sg: d dir=TO_DEVICE dma_addrs={0x1} sizes={0x1,0x2} phys_addrs={0x3} attrs= | 1"
            + " dma_addrs but 2 sizes",
        "dma_map_sg: d dir=TO_DEVICE dma_addrs={0x1 | expected ','",
        "unmap: | expected 'IOMMU:' at the end of the line"
      })
  void refusesAKnownEventWithAnotherBodyIfReadingIsStrict(String event, String message) {
    String text = MAP_LINE + "a-1 [000] ..... 1.0: " + event + "\n";

    assertThat(read(text)).hasSize(1);
    assertThatThrownBy(() -> readStrictly(text))
        .isInstanceOf(TextFormatException.class)
        .hasMessageStartingWith("t:2: malformed ")
        .hasMessageContaining(message);
  }

  @Test
  void answersAPrefixOfTheEventsWhereverATraceIsCutOff() {
    byte[] whole =
        (String.join("\n", TraceText.recordedLines(TraceText.NVME_MIXED_LAZY, 40)) + "\n")
            .getBytes(StandardCharsets.UTF_8);
    List<TraceLine> all = read(whole);
    int first = new String(whole, StandardCharsets.UTF_8).indexOf("kworker");
    for (int length = first + 200; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      List<TraceLine> some = read(cut);
      assertThat(some).isEqualTo(all.subList(0, some.size()));
    }
  }

  @Test
  void namesTheLineWhereAGzipIsCutOffOrDamaged() {
    byte[] gzip = TraceText.gzipBytes(TraceText.NVME_SWIOTLB);
    assertThatThrownBy(() -> read(Arrays.copyOf(gzip, gzip.length / 2)))
        .isInstanceOf(TextFormatException.class)
        .hasMessageMatching("t:\\d{4,5}: damaged gzip: it ends too early");

    byte[] damaged = gzip.clone();
    Arrays.fill(damaged, gzip.length / 2, gzip.length / 2 + 40, (byte) 0x55);
    assertThatThrownBy(() -> read(damaged))
        .isInstanceOf(TextFormatException.class)
        .hasMessageMatching("t:\\d{4,5}: .*");

    assertThatThrownBy(() -> read(Arrays.copyOf(gzip, 5)))
        .isInstanceOf(TextFormatException.class)
        .hasMessageStartingWith("t: damaged gzip");
  }

  @Test
  void answersDamagedTextWithOneLineThatNamesIt() {
    byte[] text = TraceText.plainBytes(TraceText.NVME_MIXED_LAZY);
    Random random = new Random(7);
    for (int i = 0; i < 200; i++) {
      byte[] damaged = Arrays.copyOf(text, 20_000 + random.nextInt(2000));
      for (int k = 0; k < 3; k++) {
        damaged[2000 + random.nextInt(17_000)] = (byte) random.nextInt(256);
      }
      try {
        read(damaged);
      } catch (TextFormatException e) {
        assertThat(e.getMessage()).matches("t:\\d+: [\\x20-\\x7e]+");
      }
    }
  }

  @Test
  void refusesAFileThatIsNotThere() {
    assertThatThrownBy(() -> TraceReader.open(Path.of("no-such.trace")))
        .isInstanceOf(TextFormatException.class)
        .hasMessage("no-such.trace: no such file");
  }

  @Test
  void readsPlainAndGzipTheSame() {
    byte[] plain = TraceText.plainBytes(TraceText.NVME_NET_STRICT);

    assertThat(read(plain)).isEqualTo(read(TraceText.gzipBytes(TraceText.NVME_NET_STRICT)));
  }

  private static List<TraceLine> readStrictly(String text) {
    return read(text.getBytes(StandardCharsets.UTF_8), TraceReader.Strictness.STRICT);
  }

  private static List<TraceLine> read(String text) {
    return read(text.getBytes(StandardCharsets.UTF_8));
  }

  private static List<TraceLine> read(byte[] bytes) {
    return read(bytes, TraceReader.Strictness.LENIENT);
  }

  private static List<TraceLine> read(byte[] bytes, TraceReader.Strictness strictness) {
    List<TraceLine> lines = new ArrayList<>();
    try (TraceReader trace =
        new TraceReader(TextLines.of("t", new ByteArrayInputStream(bytes)), strictness)) {
      trace.forEachRemaining(lines::add);
    }
    return lines;
  }
}
