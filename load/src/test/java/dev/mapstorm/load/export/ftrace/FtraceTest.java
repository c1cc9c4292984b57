package dev.mapstorm.load.export.ftrace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.load.conform.TraceConformance;
import dev.mapstorm.load.conform.TraceConformanceReport;
import dev.mapstorm.load.export.SimulatedRun;
import dev.mapstorm.load.text.TextLines;
import dev.mapstorm.load.trace.RequestStream;
import dev.mapstorm.load.trace.TraceReader;
import dev.mapstorm.load.trace.TraceRequest;
import dev.mapstorm.load.trace.TraceSummary;
import dev.mapstorm.protocol.CallKind;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.Phyr;
import dev.mapstorm.protocol.event.Event;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FtraceTest {
  private static final String SHORT = "duration=300us";

  private static byte[] export(SimulatedRun run, long fromNs) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    run.into(new FtraceExporter(bytes, host -> run.outline()), fromNs, Long.MAX_VALUE);
    return bytes.toByteArray();
  }

  private static TextLines lines(byte[] trace) {
    return TextLines.of("export", new ByteArrayInputStream(trace));
  }

  private record Imported(List<TraceRequest> requests, TraceSummary summary) {}

  private static Imported read(byte[] trace) {
    List<TraceRequest> requests = new ArrayList<>();
    try (RequestStream stream = new RequestStream(new TraceReader(lines(trace)))) {
      stream.forEachRemaining(requests::add);
      return new Imported(requests, stream.summary());
    }
  }

  /** What was asked for, told from the events alone: what the file should give back. */
  private static final class Expected {
    private final SimulatedRun run;
    private final boolean translated;
    private final List<TraceRequest> requests = new ArrayList<>();
    private final Map<List<Long>, Event.DmaRequested> asked = new HashMap<>();
    private final Map<List<Long>, Integer> taken = new HashMap<>();
    private final Map<List<Long>, Long> ids = new HashMap<>();
    private final Map<Long, TraceRequest.Map> byPfn = new HashMap<>();
    private long maps;

    Expected(SimulatedRun run, boolean translated) {
      this.run = run;
      this.translated = translated;
    }

    List<TraceRequest> requests() {
      for (Event event : run.events()) {
        if (event instanceof Event.DmaRequested e) {
          asked.put(List.of((long) e.client(), e.op()), e);
        } else if (event instanceof Event.Mapped e) {
          mapped(e);
        } else if (event instanceof Event.PtesCleared e) {
          TraceRequest.Map map = byPfn.remove(e.pfn());
          if (map != null && map.kind() != MapApi.PAGE) {
            unmap(map.id(), e.t(), run.call(e.domain(), e.call()).cpu(), map.device());
          }
        } else if (event instanceof Event.Unmapped e) {
          Event.CallEntered by = run.call(e.domain(), e.call());
          long id = ids.remove(List.of((long) e.domain(), by.mapping()));
          if (!translated || isPage(id)) {
            unmap(id, e.t(), by.cpu(), device(by.client()));
          }
        }
      }
      return requests;
    }

    private boolean isPage(long id) {
      return requests.stream()
          .anyMatch(
              r -> r instanceof TraceRequest.Map m && m.id() == id && m.kind() == MapApi.PAGE);
    }

    private void unmap(long id, long t, int cpu, String device) {
      requests.add(new TraceRequest.Unmap(id, t, cpu, device));
    }

    /** The kernel's line is that of the call that was made, whatever the driver asked for first. */
    private static MapApi form(Event.CallEntered by) {
      return by.what() == CallKind.MAP_PAGE.ordinal() ? MapApi.PAGE : MapApi.SG;
    }

    private String device(int client) {
      return run.outline().device(run.outline().deviceOf(client));
    }

    private void mapped(Event.Mapped e) {
      Event.CallEntered by = run.call(e.domain(), e.call());
      List<Long> key = List.of((long) by.client(), by.op());
      Event.DmaRequested of = asked.get(key);
      int first = taken.getOrDefault(key, 0);
      int next = first;
      for (long left = e.bytes(); left > 0; next++) {
        left -= of.phyrs().get(next).length();
      }
      taken.put(key, next);
      List<Phyr> ranges = of.phyrs().subList(first, next);
      TraceRequest.Map map =
          new TraceRequest.Map(
              maps++,
              e.t(),
              by.client(),
              device(by.client()),
              Direction.of(of.direction()),
              form(by),
              ranges.stream().mapToLong(Phyr::start).toArray(),
              ranges.stream().mapToInt(Phyr::length).toArray(),
              -1);
      requests.add(map);
      byPfn.put(e.pfn(), map);
      ids.put(List.of((long) e.domain(), e.call()), map.id());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"page", "sg", "batch", "iova"})
  void theSameRequestsComeBackFromEveryApi(String api) {
    SimulatedRun run =
        SimulatedRun.of(
            "nvme-4k", SHORT, "client.api=" + api, "client.bs=32k", "client.read-percent=50");

    Imported imported = read(export(run, 0));

    assertThat(imported.requests()).hasSizeGreaterThan(20);
    assertSame(imported.requests(), new Expected(run, true).requests());
    assertThat(imported.summary().listsWithoutLengths()).isZero();
    assertThat(imported.summary().unmatchedUnmaps()).isZero();
    assertThat(imported.summary().reading().skippedEvents()).isEmpty();
  }

  @Property(tries = 25)
  void theSameRequestsComeBackFromAnyLists(
      @ForAll @IntRange(min = 0, max = 3) int api,
      @ForAll @IntRange(min = 1, max = 70_000) int bytes,
      @ForAll @IntRange(min = 1, max = 8) int segmentPages,
      @ForAll @IntRange(min = 0, max = 4095) int offset,
      @ForAll @IntRange(min = 0, max = 2) int mode,
      @ForAll int seed) {
    String[] modes = {"strict", "lazy", "passthrough"};
    SimulatedRun run =
        SimulatedRun.of(
            "nvme-4k",
            "duration=150us",
            "client.depth=4",
            "seed=" + seed,
            "client.api=" + List.of("page", "sg", "batch", "iova").get(api),
            "client.bs=" + bytes,
            "client.segment=" + segmentPages * 4096,
            "client.offset=" + offset,
            "iommu.mode=" + modes[mode],
            "iommu.flush-queue.entries=16");

    assertSame(read(export(run, 0)).requests(), new Expected(run, mode != 2).requests());
  }

  /** One by one, as all of them are more than a message can hold. */
  private static void assertSame(List<TraceRequest> actual, List<TraceRequest> expected) {
    for (int i = 0; i < Math.min(actual.size(), expected.size()); i++) {
      assertThat(actual.get(i)).isEqualTo(expected.get(i));
    }
    assertThat(actual).hasSameSizeAs(expected);
  }

  /** Recorded on four CPUs, with pages, lists and coherent memory. */
  @ParameterizedTest
  @ValueSource(strings = {"strict", "lazy"})
  void whatAKernelTraceRepeatedIsThatTraceAgain(String mode, @TempDir Path folder)
      throws IOException {
    Path trace = folder.resolve("recorded.gz");
    try (InputStream in = resource("nvme-net-strict")) {
      Files.copy(in, trace);
    }
    List<TraceRequest> recorded = new ArrayList<>();
    try (RequestStream stream = RequestStream.open(trace)) {
      stream.forEachRemaining(recorded::add);
    }

    SimulatedRun run = SimulatedRun.ofTrace(trace, "iommu.mode=" + mode);
    List<TraceRequest> exported = read(export(run, 0)).requests();

    assertThat(recorded).hasSizeGreaterThan(1000);
    assertThat(exported.stream().map(FtraceTest::withoutInstant).sorted().toList())
        .isEqualTo(recorded.stream().map(FtraceTest::withoutInstant).sorted().toList());
  }

  private static InputStream resource(String name) {
    return FtraceTest.class.getResourceAsStream(
        "/dev/mapstorm/load/traces/%s.trace.gz".formatted(name));
  }

  private static String withoutInstant(TraceRequest request) {
    return request instanceof TraceRequest.Map map
        ? map.toString().replaceFirst("id=\\d+, timeNs=\\d+, ", "")
        : "Unmap on %d of %s".formatted(request.cpu(), request.device());
  }

  @ParameterizedTest
  @ValueSource(strings = {"page", "sg", "iova"})
  void theKernelsAddressesAndInvalidationsOfAStrictRunAreExplained(String api) {
    SimulatedRun run =
        SimulatedRun.of(
            "nvme-4k", "duration=2ms", "client.api=" + api, "client.bs=16k", "client.depth=16");

    TraceConformanceReport report = TraceConformance.check(lines(export(run, 0)));

    assertThat(report.allocations()).isGreaterThan(500);
    assertThat(report.unexplained()).isZero();
    assertThat(report.invalidations().rangeFlushes()).isGreaterThan(300);
    assertThat(report.invalidations().mismatches()).isZero();
    assertThat(report.invalidations().unexpected()).isZero();
  }

  @Test
  void aWindowBeginsWithTheUnmapsOfWhatWasMappedBeforeIt() {
    SimulatedRun run = SimulatedRun.of("nvme-4k", SHORT);
    String all = new String(export(run, 0), StandardCharsets.UTF_8);
    String part = new String(export(run, 150_000), StandardCharsets.UTF_8);
    List<String> expected =
        all.lines().filter(line -> line.startsWith("#") || nanos(line) >= 150_000).toList();

    assertThat(part.lines()).containsExactlyElementsOf(expected);
    assertThat(read(export(run, 150_000)).summary().standingMaps()).isPositive();
  }

  private static long nanos(String line) {
    String time = line.replaceFirst(".*\\] \\S{5} +(\\d+\\.\\d{9}): .*", "$1");
    return Long.parseLong(time.replace(".", ""));
  }

  @Test
  void linesHaveTheFormOfTheKernels() {
    SimulatedRun run = SimulatedRun.of("nvme-4k", "duration=200us", "clients=1", "client.depth=1");
    String text = new String(export(run, 0), StandardCharsets.UTF_8);

    assertThat(text.lines().filter(line -> !line.startsWith("#")).limit(6))
        .allMatch(line -> line.matches(" {11}queue-1000 {4}\\[000\\] \\S{5} {5}0\\.\\d{9}: .*"));
    assertThat(text)
        .startsWith("# tracer: nop\n#\n")
        .contains(
            ": map: IOMMU: iova=0x00000000fffff000 - 0x0000000100000000 paddr=0x",
            ": dma_map_page: nvme dir=FROM_DEVICE dma_addr=fffff000 size=4096 phys_addr=",
            ": unmap: IOMMU: iova=0x00000000fffff000 - 0x0000000100000000 size=4096"
                + " unmapped_size=4096\n",
            ": cache_tag_flush_range: dmar0 dmar0[0] type iotlb did 1 [0xfffff000-0xffffffff]"
                + " addr 0xfffff000 pages 0x1 mask 0x0\n",
            ": qi_submit: iotlb_inv dmar0: 0x100f2 0xfffff040 0x0 0x0\n",
            ": dma_unmap_page: nvme dir=FROM_DEVICE dma_addr=fffff000 size=4096 attrs=\n");
  }
}
