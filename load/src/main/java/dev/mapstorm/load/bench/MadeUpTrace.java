package dev.mapstorm.load.bench;

import dev.mapstorm.actors.model.iova.IovaDomain;
import dev.mapstorm.protocol.Granule;
import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Makes up a trace as long as one wants it: what VT-d of Linux 6.12 logs of one device that four
 * CPUs map for, with the allocator model's own addresses. Always the same for the same arguments.
 */
final class MadeUpTrace {
  private static final int CPUS = 4;
  private static final int LIVE = 400;
  private static final int STEP_US = 20;
  private static final int TIMER_US = 10_000;
  private static final int[] PAGES = {1, 1, 1, 4, 16};
  private static final String DEVICE = "0000:00:03.0";

  private record Range(long pfn, int pages) {}

  private final IovaDomain domain = new IovaDomain(CPUS);
  private final Random random = new Random(1);
  private final List<Range> live = new ArrayList<>();
  private final List<List<Range>> rings = new ArrayList<>();
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintWriter out = new PrintWriter(bytes, false, StandardCharsets.UTF_8);
  private long micros = 1_000_000;
  private long flushAt = Long.MAX_VALUE;
  private int timerCpu;
  private int lines;

  private MadeUpTrace() {
    for (int cpu = 0; cpu < CPUS; cpu++) {
      rings.add(new ArrayList<>());
    }
  }

  /** The text of a trace of at least so many lines. */
  static byte[] of(int lines, boolean lazy) {
    MadeUpTrace trace = new MadeUpTrace();
    while (trace.lines < lines) {
      trace.step(lazy);
    }
    trace.out.flush();
    return trace.bytes.toByteArray();
  }

  private void step(boolean lazy) {
    micros += STEP_US;
    if (micros >= flushAt) {
      flush();
    }
    int cpu = random.nextInt(CPUS);
    if (random.nextInt(2 * LIVE) >= live.size()) {
      map(cpu);
    } else {
      Range range = live.remove(random.nextInt(live.size()));
      unmap(cpu, range, lazy);
    }
  }

  private void map(int cpu) {
    int pages = PAGES[random.nextInt(PAGES.length)];
    long pfn = domain.allocFast(cpu, pages, domain.last32BitPfn(), true);
    live.add(new Range(pfn, pages));
    long start = pfn << Granule.SHIFT;
    long bytesLong = (long) pages << Granule.SHIFT;
    line(
        cpu,
        ".....",
        "map: IOMMU: iova=0x%016x - 0x%016x paddr=0x0000000100000000 size=%d"
            .formatted(start, start + bytesLong, bytesLong));
    line(
        cpu,
        ".....",
        "dma_map_page: %s dir=FROM_DEVICE dma_addr=%x size=%d phys_addr=100000000 attrs="
            .formatted(DEVICE, start, bytesLong));
  }

  private void unmap(int cpu, Range range, boolean lazy) {
    long start = range.pfn() << Granule.SHIFT;
    long bytesLong = (long) range.pages() << Granule.SHIFT;
    line(
        cpu,
        "d.h1.",
        "unmap: IOMMU: iova=0x%016x - 0x%016x size=%d unmapped_size=%d"
            .formatted(start, start + bytesLong, bytesLong, bytesLong));
    if (lazy) {
      rings.get(cpu).add(range);
      if (flushAt == Long.MAX_VALUE) {
        flushAt = micros + TIMER_US;
        timerCpu = cpu;
      }
    } else {
      int order = IovaDomain.order(range.pages());
      line(
          cpu,
          "d.h2.",
          "cache_tag_flush_range: dmar0 dmar0[0] type iotlb did 5 [0x%x-0x%x] addr 0x%x pages 0x%x mask 0x%x"
              .formatted(start, start + bytesLong - 1, start, range.pages(), order));
      line(
          cpu,
          "d.h3.",
          "qi_submit: iotlb_inv dmar0: 0x500f2 0x%x 0x0 0x0".formatted(start | 0x40 | order));
      domain.freeFast(cpu, range.pfn(), range.pages());
    }
    line(
        cpu,
        "d.h1.",
        "dma_unmap_page: %s dir=FROM_DEVICE dma_addr=%x size=%d attrs="
            .formatted(DEVICE, start, bytesLong));
  }

  private void flush() {
    line(timerCpu, "..s1.", "cache_tag_flush_all: dmar0/dmar0 type iotlb did 5 pasid 0 ref 1");
    line(timerCpu, "..s2.", "qi_submit: iotlb_inv dmar0: 0x500e2 0x0 0x0 0x0");
    for (List<Range> ring : rings) {
      ring.forEach(range -> domain.freeFast(timerCpu, range.pfn(), range.pages()));
      ring.clear();
    }
    flushAt = Long.MAX_VALUE;
  }

  private void line(int cpu, String flags, String event) {
    micros++;
    lines++;
    out.printf(
        Locale.ROOT,
        "             fio-%d     [%03d] %s %5d.%06d: %s\n",
        100 + cpu,
        cpu,
        flags,
        micros / 1_000_000,
        micros % 1_000_000,
        event);
  }
}
