package dev.mapstorm.load.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mapstorm.load.text.TextFormatException;
import dev.mapstorm.load.text.TextLines;
import dev.mapstorm.load.trace.TraceEvent.DmaMapSg;
import dev.mapstorm.load.trace.TraceEvent.IoPageFault;
import dev.mapstorm.protocol.Direction;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The forms in which people have traces: the same twelve events, printed and pasted in many ways.
 */
class TraceFormsTest {
  private static final String PLAIN = "17-no-final-newline";

  private record Read(List<TraceLine> lines, ReadingNotes notes) {}

  @ParameterizedTest
  @ValueSource(
      strings = {
        "07-perf-callgraph",
        "08-latency-format",
        "08b-oops-dump",
        "09-trace-cmd-l",
        "10-clock-counter",
        "10b-clock-tsc",
        "11-six-flags",
        "12-failed-to-parse",
        "13-tp-printk",
        "15-trace-cmd-ts-diff",
        "16-perf-period",
        "18-pasted-fence",
        "18b-pasted-prompt",
        "18c-pasted-wrapped",
        "26-subbuffer-start"
      })
  void readsTheSameEventsInEveryForm(String report) {
    Read read = read(report);

    assertThat(read.lines())
        .extracting(TraceLine::event)
        .isEqualTo(read(PLAIN).lines().stream().map(TraceLine::event).toList());
    assertThat(read.notes().events()).isEqualTo(12);
  }

  @ParameterizedTest
  @CsvSource({
    "07-perf-callgraph, PROCESS",
    "08-latency-format, SOFTIRQ",
    "08b-oops-dump, SOFTIRQ",
    "09-trace-cmd-l, SOFTIRQ",
    "10b-clock-tsc, SOFTIRQ",
    "11-six-flags, SOFTIRQ",
    "15-trace-cmd-ts-diff, SOFTIRQ",
    "18c-pasted-wrapped, SOFTIRQ"
  })
  void readsCpuTaskAndLevelInEveryForm(String report, ExecutionLevel ofTheUnmap) {
    List<TraceLine> lines = read(report).lines();

    assertThat(lines).allMatch(line -> line.cpu() == 3 && line.pid() == 2101);
    assertThat(lines).extracting(TraceLine::task).containsOnly("fio");
    assertThat(lines.get(0).level()).isEqualTo(ExecutionLevel.PROCESS);
    assertThat(lines.get(2).level()).isEqualTo(ofTheUnmap);
  }

  @ParameterizedTest
  @CsvSource({
    "07-perf-callgraph, 48 lines left out: 48 stack frames",
    "12-failed-to-parse, 1 line left out: 1 event that the tool could not print",
    "17b-cut-in-last-line, 1 line left out: 1 line that is cut off",
    "18-pasted-fence, 2 lines left out: 2 not events",
    "18b-pasted-prompt, 2 lines left out: 2 not events"
  })
  void countsWhatIsLeftOutByKind(String report, String text) {
    assertThat(read(report).notes().leftOutText()).hasValue(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "08-latency-format",
        "08b-oops-dump",
        "09-trace-cmd-l",
        "10-clock-counter",
        "11-six-flags",
        "15-trace-cmd-ts-diff",
        "16-perf-period",
        "17-no-final-newline",
        "26-subbuffer-start"
      })
  void leavesNothingOut(String report) {
    assertThat(read(report).notes().leftOutText()).isEmpty();
  }

  @Test
  void readsAllButACutLastLine() {
    Read read = read("17b-cut-in-last-line");

    assertThat(read.lines()).hasSize(11);
    assertThat(read.notes().text())
        .contains("17b-cut-in-last-line:12: the trace is cut off: its last line has no line end");
  }

  @Test
  void joinsLinesThatWereWrapped() {
    Read read = read("18c-pasted-wrapped");

    assertThat(read.notes().wrapped()).isEqualTo(12);
    assertThat(read.notes().leftOut()).isEmpty();
    assertThat(read.lines().get(1).number()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(ints = {57, 72, 80, 100, 120})
  void joinsLinesThatATerminalWrappedWhereverThatWas(int columns) {
    String plain = text(PLAIN);
    String wrapped =
        plain.lines().map(line -> hardWrapped(line, columns)).collect(Collectors.joining("\n"))
            + "\n";

    Read read = readText(wrapped);

    assertThat(read.lines())
        .extracting(TraceLine::event)
        .isEqualTo(read(PLAIN).lines().stream().map(TraceLine::event).toList());
  }

  private static String hardWrapped(String line, int columns) {
    List<String> parts = new ArrayList<>();
    for (int at = 0; at < line.length(); at += columns) {
      parts.add(line.substring(at, Math.min(at + columns, line.length())));
    }
    return String.join("\n", parts);
  }

  @Test
  void readsQuotedColouredAndIndentedLines() {
    String plain = text(PLAIN);
    String marked =
        "\ufeff"
            + plain
                .lines()
                .map(line -> "> > " + line.replace("map:", "\u001b[01;31mmap\u001b[0m:") + "\r\n")
                .collect(Collectors.joining());

    assertThat(readText(marked).lines())
        .extracting(TraceLine::event)
        .isEqualTo(read(PLAIN).lines().stream().map(TraceLine::event).toList());
  }

  @Test
  void tellsTicksFromTimes() {
    assertThat(read(PLAIN).notes().clock()).isEqualTo(TraceClock.TIME);
    assertThat(read("10-clock-counter").notes().clock()).isEqualTo(TraceClock.TICKS);
    assertThat(read("10b-clock-tsc").notes().clock()).isEqualTo(TraceClock.TICKS);
    assertThat(read("08-latency-format").notes().clock()).isEqualTo(TraceClock.RELATIVE);
    assertThat(read("14-function-graph").notes().clock()).isEqualTo(TraceClock.NONE);
    assertThat(read("08-latency-format").lines().get(2).timeNs()).isEqualTo(10_000);
    assertThat(read("10b-clock-tsc").lines().get(1).timeNs()).isEqualTo(1949760004800L);
  }

  @Test
  void saysWhereCpuAndTaskAreMissing() {
    Read printk = read("13-tp-printk");
    Read graph = read("14-function-graph");

    assertThat(printk.notes().withoutCpu()).isEqualTo(12);
    assertThat(printk.lines().get(2).timeNs()).isEqualTo(812_400_010_000L);
    assertThat(graph.notes().withoutCpu()).isZero();
    assertThat(graph.lines()).hasSize(2).allMatch(line -> line.cpu() == 3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[  812.400000] [  T2101] map: | 0 | 2101",
        "[  812.400000] [     C7] map: | 7 | 0",
        "Nov 30 10:00:00 host kernel: [  812.400000] map: | 0 | 0",
        "<6>[  812.400000] iommu:map: | 0 | 0",
        " fio 2101 812.400000: iommu:map: | 0 | 2101",
        " fio 2101/2102 [012] iommu:map: | 12 | 2102",
        " [012] 812.400000: iommu:map: | 12 | 0",
        "' 812.400000 |   3)  fio-2101   |  /* map:' | 3 | 2101"
      })
  void findsEventsInLinesWithoutAHeader(String head, int cpu, int pid) {
    TraceLine line =
        readText(head + " IOMMU: iova=0x1000 - 0x2000 paddr=0x3000 size=4096\n").lines().get(0);

    assertThat(line.event()).isEqualTo(new TraceEvent.IommuMap("", 0x1000, 0x3000, 4096));
    assertThat(line.cpu()).isEqualTo(cpu);
    assertThat(line.pid()).isEqualTo(pid);
  }

  /** {@code trace-cmd report -R}, and {@code options/fields}, which adds decimal numbers. */
  @ParameterizedTest
  @ValueSource(strings = {"", " (4096)"})
  void readsEventsThatArePrintedFieldByField(String decimal) {
    String text =
        """
        a-1 [000] ..... 1.0: map: iova=0xfffff000@ paddr=0x1a2b40000@ size=0x1000@
        a-1 [000] ..... 1.1: dma_map_page: device=0000:41:00.0 phys_addr=0x1a2b40000@ dma_addr=0xfffff000@ size=0x1000@ dir=0x2@ attrs=0x0@
        a-1 [000] ..s1. 1.2: unmap: iova=0xfffff000@ size=0x1000@ unmapped_size=0x1000@
        a-1 [000] d.s2. 1.3: cache_tag_flush_range: iommu=dmar1 dev=dmar1[0] type=0x0@ domain_id=0x4@ pasid=0x0@ start=0xfffff000@ end=0xffffffff@ addr=0xfffff000@ pages=0x1@ mask=0x0@
        a-1 [000] d.s3. 1.4: qi_submit: qw0=0x400f2@ qw1=0xfffff040@ qw2=0x0@ qw3=0x0@ iommu=dmar1
        a-1 [000] ..s1. 1.5: dma_unmap_page: device=0000:41:00.0 addr=0xfffff000@ size=0x1000@ dir=2@ attrs=0x0@
        """;

    Read read = read(TraceText.text(text.replace("@", decimal)));

    assertThat(read.lines())
        .extracting(TraceLine::event)
        .isEqualTo(read(PLAIN).lines().stream().map(TraceLine::event).limit(6).toList());
    assertThat(read.notes().leftOut()).isEmpty();
  }

  @Test
  void readsTheNameOfAnEventThatWasRecordedOfTheKernelAlone() {
    String line =
        "fio 2101 [003] 1.0: iommu:map:k: IOMMU: iova=0x1000 - 0x2000 paddr=0x3000 size=4096\n";

    assertThat(read(TraceText.text(line)).lines())
        .extracting(TraceLine::event)
        .containsExactly(new TraceEvent.IommuMap("", 0x1000, 0x3000, 4096));
  }

  @Test
  void readsWhatPerfLost() {
    String text =
        """
        fio 2101 [003] 1.0: iommu:map: IOMMU: iova=0x1000 - 0x2000 paddr=0x3000 size=4096
        fio 2101 [003] 1.1: PERF_RECORD_LOST lost 12
        """;

    assertThat(read(TraceText.text(text)).lines())
        .extracting(TraceLine::event)
        .endsWith(new TraceEvent.Lost(3, 12));
  }

  @Test
  void saysWhereAllEventsAreDamaged() {
    String line = "fio-2101 [003] ..... 1.0: map: IOMMU: iova=0x00000000fffff000 - 0x000...\n";

    assertThatThrownBy(() -> read(TraceText.text(line + line)))
        .isInstanceOf(TextFormatException.class)
        .hasMessage(
            "t:1: malformed map: expected ' paddr=' at '...' (2 events are damaged, none is"
                + " whole)");
  }

  @Test
  void saysThatTheRingWasOverwritten() {
    assertThat(read("23-starts-in-the-middle").notes().overwritten()).isEqualTo(1374871);
    assertThat(read("23-starts-in-the-middle").notes().cpus()).isEqualTo(8);
    assertThat(read("26-subbuffer-start").lines())
        .noneMatch(line -> line.event() instanceof TraceEvent.Lost);
  }

  @Test
  void readsListsThatLibtraceeventCouldNotPrint() {
    String list =
        "fio-1 [001] 1.0: dma_map_sg: [FAILED TO PARSE] device=0000:00:03.0 full_nents=2"
            + " full_ents=1 truncated=0 phys_addrs=ARRAY[00, 70, 53, 05, 01, 00, 00, 00, 00, 00,"
            + " 54, 03, 01, 00, 00, 00] dma_addrs=ARRAY[00, 00, f4, ff, 00, 00, 00, 00]"
            + " lengths=ARRAY[00, 00, 01, 00] dir=1 attrs=0x100\n"
            + "fio-1 [001] 1.1: dma_unmap_sg: [FAILED TO PARSE] device=0000:00:03.0 addrs=ARRAY[00,"
            + " 70, 53, 05, 01, 00, 00, 00, 00, 00, 54, 03, 01, 00, 00, 00] dir=1 attrs=0x0\n";
    long[] phys = {0x105537000L, 0x103540000L};

    assertThat(readText(list).lines())
        .extracting(TraceLine::event)
        .containsExactly(
            new DmaMapSg(
                "0000:00:03.0",
                Direction.TO_DEVICE,
                new long[] {0xfff40000L},
                new long[] {0x10000},
                phys,
                2,
                1),
            new TraceEvent.DmaUnmapSg("0000:00:03.0", Direction.TO_DEVICE, phys));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "DMAR: [DMA Write NO_PASID] Request device [05:00.0] fault addr 0xffff1000 [fault reason"
            + " 0x05] PTE Write access is not set | DMAR | 0000:05:00.0 | ffff1000 | 1",
        "DMAR: [DMA Read] Request device [05:00.0] PASID ffffffff fault addr ffff1000 [fault reason"
            + " 06] PTE Read access is not set | DMAR | 0000:05:00.0 | ffff1000 | 0",
        "nvme 0000:c4:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x0010 address=0xfe901000"
            + " flags=0x0020] | nvme | 0000:c4:00.0 | fe901000 | 1",
        "AMD-Vi: Event logged [IO_PAGE_FAULT device=0000:c4:00.0 domain=0x0010 address=0xfe901000"
            + " flags=0x0000] | AMD-Vi | 0000:c4:00.0 | fe901000 | 0",
        "arm-smmu-v3 9050000.smmuv3: event: F_TRANSLATION client: 0000:00:02.0 sid: 0x10 ssid: 0x0"
            + " iova: 0xffff1000 ipa: 0x0 | arm-smmu-v3 | 0000:00:02.0 | ffff1000 | -1",
        "arm-smmu 15000000.iommu: Unhandled context fault: fsr=0x402, iova=0xffff1000, fsynr=0x10,"
            + " cbfrsynra=0x400, cb=2 | arm-smmu | 15000000.iommu | ffff1000 | 1",
        "dmar: DMAR:[DMA Write] Request device [05:00.0] fault addr ffff1000 | DMAR | 0000:05:00.0"
            + " | ffff1000 | 1",
        "AMD-Vi: Event logged [IO_PAGE_FAULT device=c4:00.0 pasid=0x00000 address=0xfe901000"
            + " flags=0x0020] | AMD-Vi | 0000:c4:00.0 | fe901000 | 1",
        "IO_PAGE_FAULT device=c4:00.0 domain=0x0010 address=0x00000000fe901000 flags=0x0000] |"
            + " AMD-Vi | 0000:c4:00.0 | fe901000 | 0",
        "qcom-iommu-ctx 1e28000.iommu-ctx: Unhandled context fault: fsr=0x2,"
            + " iova=0x00000000fe901000, fsynr=0x21, cb=1 | qcom-iommu-ctx | 1e28000.iommu-ctx |"
            + " fe901000 | 0",
        "virtio_iommu virtio0: page fault from EP 24 at 0xfe901000 [read] | virtio_iommu | EP 24 |"
            + " fe901000 | 0",
        "virtio_iommu virtio0: page fault from EP 24 at 0xfe901000 [read,write] | virtio_iommu | EP"
            + " 24 | fe901000 | 1",
        "rk_iommu fd7e0000.iommu: Page fault at 0x00000000fe901000 of type write | rk_iommu |"
            + " fd7e0000.iommu | fe901000 | 1",
        "mtk-iommu 10205000.m4u: fault type=0x5 iova=0xfe901000 pa=0x0 master=0x10000(larb=0"
            + " port=1) layer=0 write | mtk-iommu | 10205000.m4u | fe901000 | 1",
        "exynos-sysmmu 14650000.sysmmu: 14400000.fimc: [READ] PAGE FAULT occurred at 0xfe901000 |"
            + " exynos-sysmmu | 14400000.fimc | fe901000 | 0",
        "apple-dart 231304000.iommu: translation fault: status:0x80000002 stream:0 code:0x2 (no PTE"
            + " for IOVA) at 0xfe901000 | apple-dart | 231304000.iommu | fe901000 | -1",
        "sun50i-iommu 30f0000.iommu: Page fault for 0x00000000fe901000 (master 1, dir wr) |"
            + " sun50i-iommu | 30f0000.iommu | fe901000 | 1",
        "exynos-sysmmu 13630000.sysmmu: 13400000.codec: PAGE FAULT occurred at 0xfe901000 |"
            + " exynos-sysmmu | 13400000.codec | fe901000 | -1",
        "omap-iommu 55082000.mmu: 55082000.mmu: errs:0x00000002 da:0xfe901000 pgd:0x1 *pgd:px0 |"
            + " omap-iommu | 55082000.mmu | fe901000 | -1",
        "iommu ivhd1: AMD-Vi: Event logged [INVALID_DEVICE_REQUEST device=0000:c4:00.0"
            + " pasid=0x00000 address=0xfffffffdf8000000 flags=0x0a00] | AMD-Vi | 0000:c4:00.0 |"
            + " fffffffdf8000000 | -1",
        "tegra-mc 7000f000.memory-controller: gpusrd: read @0x00000000fe901000: EMEM address"
            + " decode error (SMMU translation error [--S]) | tegra-mc | gpusrd | fe901000 | 0",
        "ipmmu-vmsa e67b0000.iommu: Unhandled fault: status 0x00000101 iova 0xfe901000 | ipmmu-vmsa"
            + " | e67b0000.iommu | fe901000 | -1",
        "tegra-mc 2c00000.memory-controller: pcie0r: non-secure read @0x00000000fe901000: EMEM"
            + " address decode error | tegra-mc | pcie0r | fe901000 | 0",
        "riscv-iommu 0000:00:01.0: Fault 13 devid: 0xc400 iotval: fe901000 iotval2: 0 | riscv-iommu"
            + " | devid: 0xc400 | fe901000 | -1",
        "*** gpu fault: ttbr0=0000000101234000 iova=00000000fe901000 dir=WRITE type=TRANSLATION"
            + " source=CP | gpu | fault | fe901000 | 1"
      })
  void readsFaultsOfTheKernelLog(
      String text, String driver, String device, String iova, int flags) {
    IoPageFault fault =
        new IoPageFault(driver, device, Long.parseUnsignedLong(iova, 16), flags, true);
    String line = "[ 9.0] " + text + "\n";
    String inTrace = "  swapper-0 [001] d.h1. 9.0: console: " + text + "\n";

    assertThat(readText(line).lines()).extracting(TraceLine::event).containsExactly(fault);
    assertThat(readText(inTrace).lines()).extracting(TraceLine::event).containsExactly(fault);
  }

  /** Searched, a word of 70,000 letters took a minute. */
  @Test
  void findsNoFaultInALineThatIsLongerThanTheKernels() {
    String fault =
        "DMAR: [DMA Write] Request device [03:00.0] fault addr 0xfffff000 [fault reason 0x05]";
    String plain = text(PLAIN);

    assertThat(readText(plain + "x".repeat(900) + " " + fault + "\n").lines()).hasSize(13);
    assertThat(readText(plain + "x".repeat(70_000) + " " + fault + "\n").lines()).hasSize(12);
  }

  @Test
  void readsTheWordsOfAnEventOfSmmuV3() {
    String text =
        """
        [ 9.0] arm-smmu-v3 2b400000.iommu: event 0x10 received:
        [ 9.0] arm-smmu-v3 2b400000.iommu: \t0x0000c40000000010
        [ 9.0] arm-smmu-v3 2b400000.iommu: \t0x0000020800000000
        [ 9.0] arm-smmu-v3 2b400000.iommu: \t0x00000000fe901000
        [ 9.0] arm-smmu-v3 2b400000.iommu: \t0x0000000000000000
        """;

    assertThat(readText(text).lines())
        .extracting(TraceLine::event)
        .containsExactly(new IoPageFault("arm-smmu-v3", "sid 0xc400", 0xfe901000L, 0, true));
  }

  /** Linux 6.14 and later: one event, in words and in a line of its own. */
  @Test
  void takesTheWordsOfAnEventAndItsLineForOneFault() {
    String text =
        """
        [ 9.0] arm-smmu-v3 2b400000.iommu: event 0x10 received:
        [ 9.0] arm-smmu-v3 2b400000.iommu: \t0x0000c40000000010
        [ 9.0] arm-smmu-v3 2b400000.iommu: \t0x0000020800000000
        [ 9.0] arm-smmu-v3 2b400000.iommu: \t0x00000000fe901000
        [ 9.0] arm-smmu-v3 2b400000.iommu: \t0x0000000000000000
        """;
    String line =
        "[ 9.0] arm-smmu-v3 2b400000.iommu: event: F_TRANSLATION client: (unassigned sid) sid:"
            + " 0xc400 ssid: 0x0 iova: 0xfe901000 ipa: 0x0\n";

    assertThat(readText(text + line + text + line + line).lines())
        .extracting(each -> ((IoPageFault) each.event()).device())
        .containsExactly("sid 0xc400", "sid 0xc400", "(unassigned sid)");
  }

  @ParameterizedTest
  @CsvSource({
    "' NORMAL', false",
    "'  FORCE', true",
    "' NO_FORCE', false",
    "' swiotlb_force', true",
    "'', false"
  })
  void readsWhyABufferIsBouncedInAllKernels(String why, boolean forced) {
    String line =
        "a-1 [000] .... 1.0: swiotlb_bounced: dev_name: b:c dma_mask=ff dev_addr=13 size=40%s\n";

    assertThat(readText(line.formatted(why)).lines())
        .extracting(TraceLine::event)
        .containsExactly(new TraceEvent.SwiotlbBounced("b:c", 0xff, 0x13, 40, forced));
  }

  @Test
  void partsLinesWhoseEndsWereLost() throws IOException {
    List<TraceLine> whole = read("17-no-final-newline").lines();
    String text;
    try (InputStream in =
        getClass().getResourceAsStream("/dev/mapstorm/load/reports/17-no-final-newline.txt")) {
      text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    assertThat(readText(text.replaceAll("\n\\s*", " ") + "\n").lines())
        .extracting(TraceLine::event)
        .containsExactlyElementsOf(whole.stream().map(TraceLine::event).toList());
  }

  @Test
  void readsLinesThatWordProcessorsWorkedOver() {
    String map = "a-1 [000] ..... 1.0: map: IOMMU: iova=0x5000 - 0x7000 paddr=0x3000 size=8192\n";

    assertThat(readText(map.replace(" - ", " \u2013 ")).lines()).isEqualTo(readText(map).lines());
    assertThat(readText(map.replace("  ", "\u00a0 ")).lines()).isEqualTo(readText(map).lines());
  }

  @Test
  void readsPerfTraceWhereItPrintsAsTheKernelDoes() {
    String event = "iommu:map(IOMMU: iova=0x5000 - 0x7000 paddr=0x3000 size=8192)\n";

    assertThat(readText("     0.000 fio/2101 " + event).lines())
        .extracting(TraceLine::event)
        .containsExactly(new TraceEvent.IommuMap("", 0x5000, 0x3000, 8192));
    assertThatThrownBy(() -> readText("     0.000 fio/2101 iommu:map(iova: 20480, size: 8192)\n"))
        .hasMessage(
            "t:1: perf trace prints fields in a form of its own; print events with perf script");
  }

  @Test
  void readsTheDmaCallsOfOldIntelDrivers() {
    String text =
        """
        a-1 [000] .... 1.0: map_single: dev=0000:00:03.0 dev_addr=0xfffff000 phys_addr=0x1219d6000 size=4096
        a-1 [000] .... 1.1: map_sg: dev=0000:00:03.0 [1/2] dev_addr=0xfff00000 phys_addr=0x11d883000 size=196608
        a-1 [000] .... 1.2: unmap_single: dev=0000:00:03.0 dev_addr=0xfffff000 size=4096
        a-1 [000] .... 1.3: unmap_sg: dev=0000:00:03.0 dev_addr=0xfff00000 size=262144
        """;

    assertThat(readText(text).lines())
        .extracting(TraceLine::event)
        .containsExactly(
            new TraceEvent.DmaMap(
                "0000:00:03.0", Direction.BIDIRECTIONAL, 0xfffff000L, 4096, 0x1219d6000L),
            new TraceEvent.IntelMapSegment("0000:00:03.0", 1, 2, 0xfff00000L, 196608, 0x11d883000L),
            new TraceEvent.DmaUnmap("0000:00:03.0", Direction.BIDIRECTIONAL, 0xfffff000L, 4096),
            new TraceEvent.DmaUnmap("0000:00:03.0", Direction.BIDIRECTIONAL, 0xfff00000L, 262144));
  }

  @Test
  void tellsFailedCallsFromMappings() {
    List<TraceLine> lines = read("20-failed-mappings").lines();

    assertThat(lines)
        .filteredOn(
            line ->
                line.event() instanceof TraceEvent.DmaMap map && map.failed()
                    || line.event() instanceof TraceEvent.DmaAlloc alloc && alloc.failed()
                    || line.event() instanceof TraceEvent.DmaMapSgError)
        .hasSize(4);
  }

  @Test
  void saysHowToMakeTextOfTheBinaryFilesOfTheTools() {
    assertThatThrownBy(() -> readText("\u0017\u0008Dtracing6\u0000"))
        .isInstanceOf(TextFormatException.class)
        .hasMessage("t: is a trace.dat file; make text of it: trace-cmd report -l t > trace.txt");
    assertThatThrownBy(() -> readText("PERFILE2\u0000\u0001"))
        .hasMessage("t: is a perf.data file; make text of it: perf script -i t > trace.txt");
    assertThatThrownBy(() -> readText("BZh91AY&SY"))
        .hasMessage("t: is compressed by bzip2; unpack it: bzip2 -d t");
  }

  @Test
  void refusesATraceWithoutAnyUsefulEventAndSaysHowToRecord() {
    assertThatThrownBy(() -> readText("a-1 [000] ..... 1.0: sched_switch: prev_comm=a\n"))
        .isInstanceOf(TextFormatException.class)
        .hasMessageStartingWith(
            "t: holds no event of dma, iommu, swiotlb or intel_iommu (but 1 of sched_switch);"
                + " record with: trace-cmd record ");
  }

  private static Read read(String report) {
    try (TextLines lines =
        TextLines.of(
            report,
            TraceFormsTest.class.getResourceAsStream(
                "/dev/mapstorm/load/reports/" + report + ".txt"))) {
      return read(lines);
    }
  }

  private static Read readText(String text) {
    try (TextLines lines = TraceText.text(text)) {
      return read(lines);
    }
  }

  private static Read read(TextLines text) {
    try (TraceReader trace = new TraceReader(text)) {
      List<TraceLine> lines = new ArrayList<>();
      trace.forEachRemaining(lines::add);
      return new Read(lines, trace.notes());
    }
  }

  private static String text(String report) {
    try (var in =
        TraceFormsTest.class.getResourceAsStream("/dev/mapstorm/load/reports/" + report + ".txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8) + "\n";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
