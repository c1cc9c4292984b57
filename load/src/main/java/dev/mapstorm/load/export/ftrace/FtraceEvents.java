package dev.mapstorm.load.export.ftrace;

import dev.mapstorm.actors.host.Kinds;
import dev.mapstorm.actors.model.vtd.InvalidationDescriptor;
import dev.mapstorm.actors.model.vtd.PsiRange;
import dev.mapstorm.actors.unit.DmaFault;
import dev.mapstorm.actors.unit.vtd.VtdSpec;
import dev.mapstorm.load.export.ftrace.FtraceLines.Level;
import dev.mapstorm.load.run.RunOutline;
import dev.mapstorm.protocol.InvalidationTimeout;
import java.io.IOException;
import java.util.List;

/**
 * The trace events of Linux 6.12, in the words of their {@code TP_printk}: {@code
 * include/trace/events/{iommu,dma}.h}, {@code drivers/iommu/intel/trace.h}. Calls run in a task of
 * the CPU that makes them, named after the client. Not thread-safe.
 */
final class FtraceEvents {
  /** The task of CPU 0; others follow. */
  private static final int FIRST_PID = 1000;

  private static final String IDLE = "<idle>";

  /** Hardware's id of domain 0; VT-d keeps 0 for itself. */
  private static final int FIRST_DOMAIN_ID = 1;

  private final FtraceLines lines;
  private final RunOutline run;
  private final PsiRange psi;
  private final InvalidationDescriptor descriptor = new InvalidationDescriptor();

  FtraceEvents(FtraceLines lines, RunOutline run) {
    this.lines = lines;
    this.run = run;
    psi = run.unit() instanceof VtdSpec vtd ? new PsiRange(vtd.maxAddressMask(), true) : null;
  }

  /** Whether the driver of the units has trace events of its invalidations; of VT-d's it has. */
  boolean tracesInvalidations() {
    return psi != null;
  }

  private FtraceLines task(long t, int cpu, int client, String event) {
    return lines.begin(t, cpu, word(run.client(client)), FIRST_PID + cpu, Level.TASK, event);
  }

  private static String word(String name) {
    return name.replace(' ', '_');
  }

  private String device(int client) {
    return word(run.device(run.deviceOf(client)));
  }

  /** {@code iommu:map}. */
  void map(long t, int cpu, int client, long iova, long phys, long bytes) throws IOException {
    task(t, cpu, client, "map")
        .put("IOMMU: iova=")
        .address(iova)
        .put(" - ")
        .address(iova + bytes)
        .put(" paddr=")
        .address(phys)
        .put(" size=")
        .decimal(bytes)
        .end();
  }

  /** {@code iommu:unmap}. */
  void unmap(long t, int cpu, int client, long iova, long bytes) throws IOException {
    task(t, cpu, client, "unmap")
        .put("IOMMU: iova=")
        .address(iova)
        .put(" - ")
        .address(iova + bytes)
        .put(" size=")
        .decimal(bytes)
        .put(" unmapped_size=")
        .decimal(bytes)
        .end();
  }

  /**
   * A fault, as the driver of the unit logs it: lines of the kernel log, as {@code printk:console}
   * has them. Where the driver logs nothing, {@code iommu:io_page_fault}; drivers that have both
   * would tell a fault twice.
   */
  void fault(long t, int cpu, int client, DmaFault fault) throws IOException {
    List<String> log = Kinds.ALL.of(run.unit()).faultLog(fault);
    for (String line : log) {
      lines.begin(t, cpu, IDLE, 0, Level.HARDIRQ, "console").put(line).end();
    }
    if (log.isEmpty()) {
      lines
          .begin(t, cpu, IDLE, 0, Level.HARDIRQ, "io_page_fault")
          .put("IOMMU:mapstorm ")
          .put(device(client))
          .put(" iova=")
          .address(fault.iova())
          .put(fault.write() ? " flags=0x0001" : " flags=0x0000")
          .end();
    }
  }

  /** An invalidation that a device did not answer, as the driver of the unit logs it. */
  void timeout(long t, int iommu, int device, InvalidationTimeout timeout) throws IOException {
    List<String> log = Kinds.ALL.of(run.unit()).timeoutLog(iommu, DmaFault.bdf(device), timeout);
    for (String line : log) {
      lines.begin(t, 0, IDLE, 0, Level.HARDIRQ, "console").put(line).end();
    }
  }

  /** {@code dma:dma_map_page}. */
  void mapPage(long t, int cpu, LiveMapping mapping) throws IOException {
    dma(t, cpu, mapping, "dma_map_page")
        .put(" dma_addr=")
        .hex(mapping.dmaAddress())
        .put(" size=")
        .decimal(mapping.bytes())
        .put(" phys_addr=")
        .hex(mapping.phys()[0])
        .put(" attrs=")
        .end();
  }

  /** {@code dma:dma_unmap_page}. */
  void unmapPage(long t, int cpu, LiveMapping mapping) throws IOException {
    dma(t, cpu, mapping, "dma_unmap_page")
        .put(" dma_addr=")
        .hex(mapping.dmaAddress())
        .put(" size=")
        .decimal(mapping.bytes())
        .put(" attrs=")
        .end();
  }

  /** {@code dma:dma_map_sg}. */
  void mapList(long t, int cpu, LiveMapping mapping, Vectors vectors) throws IOException {
    FtraceLines line = dma(t, cpu, mapping, "dma_map_sg").put(" dma_addrs=");
    list(line, vectors.address()).put(" sizes=");
    list(line, vectors.length()).put(" phys_addrs=");
    list(line, mapping.phys()).put(" attrs=").end();
  }

  /** {@code dma:dma_unmap_sg}. */
  void unmapList(long t, int cpu, LiveMapping mapping) throws IOException {
    FtraceLines line = dma(t, cpu, mapping, "dma_unmap_sg").put(" phys_addrs=");
    list(line, mapping.phys()).put(" attrs=").end();
  }

  /** {@code dma:dma_alloc}, which prints no direction. */
  void alloc(long t, int cpu, LiveMapping mapping) throws IOException {
    coherent(t, cpu, mapping, "dma_alloc").put(" flags=GFP_KERNEL attrs=").end();
  }

  /** {@code dma:dma_free}. */
  void free(long t, int cpu, LiveMapping mapping) throws IOException {
    coherent(t, cpu, mapping, "dma_free").put(" attrs=").end();
  }

  private FtraceLines dma(long t, int cpu, LiveMapping mapping, String event) {
    return task(t, cpu, mapping.client(), event)
        .put(device(mapping.client()))
        .put(" dir=")
        .put(mapping.direction().label());
  }

  private FtraceLines coherent(long t, int cpu, LiveMapping mapping, String event) {
    return task(t, cpu, mapping.client(), event)
        .put(device(mapping.client()))
        .put(" dma_addr=")
        .hex(mapping.dmaAddress())
        .put(" size=")
        .decimal(mapping.bytes())
        .put(" virt_addr=(____ptrval____)");
  }

  private static FtraceLines list(FtraceLines line, long[] values) {
    line.put("{");
    for (int i = 0; i < values.length; i++) {
      line.put(i == 0 ? "" : ",").hex0x(values[i]);
    }
    return line.put("}");
  }

  /**
   * {@code intel_iommu:cache_tag_flush_range} with its {@code qi_submit}.
   *
   * @param leafOnly whether the unmapping freed no page-table page
   */
  void flushRange(
      long t, int cpu, int client, int iommu, int domain, long iova, long bytes, boolean leafOnly)
      throws IOException {
    psi.cover(iova, iova + bytes - 1);
    locked(t, cpu, run.client(client), FIRST_PID + cpu, Level.LOCKED_TASK, "cache_tag_flush_range")
        .put(unit(iommu))
        .put(" ")
        .put(unit(iommu))
        .put("[0] type iotlb did ")
        .decimal(FIRST_DOMAIN_ID + domain)
        .put(" [")
        .hex0x(iova)
        .put("-")
        .hex0x(iova + bytes - 1)
        .put("] addr ")
        .hex0x(psi.address())
        .put(" pages ")
        .hex0x(psi.pages())
        .put(" mask ")
        .hex0x(psi.order())
        .end();
    descriptor.iotlb(FIRST_DOMAIN_ID + domain, psi, leafOnly);
    submit(
        locked(t, cpu, run.client(client), FIRST_PID + cpu, Level.LOCKED_TASK, "qi_submit"), iommu);
  }

  /**
   * {@code intel_iommu:cache_tag_flush_all} with its {@code qi_submit}.
   *
   * @param timer whether it is the flush-queue timer's, in a softirq, and not a call's
   */
  void flushAll(long t, int cpu, int client, int iommu, int domain, boolean timer)
      throws IOException {
    String task = timer ? IDLE : run.client(client);
    int pid = timer ? 0 : FIRST_PID + cpu;
    Level level = timer ? Level.LOCKED_SOFTIRQ : Level.LOCKED_TASK;
    psi.coverAll();
    locked(t, cpu, task, pid, level, "cache_tag_flush_all")
        .put(unit(iommu))
        .put("/")
        .put(unit(iommu))
        .put(" type iotlb did ")
        .decimal(FIRST_DOMAIN_ID + domain)
        .put(" pasid 0 ref 1")
        .end();
    descriptor.iotlb(FIRST_DOMAIN_ID + domain, psi, false);
    submit(locked(t, cpu, task, pid, level, "qi_submit"), iommu);
  }

  private FtraceLines locked(long t, int cpu, String task, int pid, Level level, String event) {
    return lines.begin(t, cpu, word(task), pid, level, event);
  }

  private void submit(FtraceLines line, int iommu) throws IOException {
    line.put("iotlb_inv ")
        .put(unit(iommu))
        .put(": ")
        .hex0x(descriptor.qw0())
        .put(" ")
        .hex0x(descriptor.qw1())
        .put(" 0x0 0x0")
        .end();
  }

  private String unit(int iommu) {
    return Kinds.ALL.of(run.unit()).kernelName(iommu);
  }
}
