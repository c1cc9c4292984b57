package dev.mapstorm.load.export.ftrace;

import dev.mapstorm.load.export.CpuOfClient;
import dev.mapstorm.load.run.RunOutline;
import dev.mapstorm.persistence.replay.RequestKey;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.FlushReason;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.IommuMode;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.event.EventSink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Says which lines the kernel would have logged for the events of a host, in their order. Until it
 * is told to write, it only keeps what is live. Not thread-safe.
 */
final class FtraceHost implements EventSink {
  private static final int PFN_BITS = 52;

  private final RunOutline run;
  private final FtraceEvents events;
  private final Vectors vectors;
  private final Map<Long, AskedRequest> requests = new HashMap<>();
  private final Map<Long, LiveMapping> byAddress = new HashMap<>();
  private final Map<Long, Integer> cpuOfAddress = new HashMap<>();
  private final CpuOfClient cpuOfClient;
  private final Map<Integer, Integer> clearingClient = new HashMap<>();
  private final Map<Integer, Integer> clearingCpu = new HashMap<>();
  private final Map<Integer, Long> tables = new HashMap<>();
  private final Map<Integer, Boolean> freedTable = new HashMap<>();
  private final Map<Integer, FlushReason> flushReason = new HashMap<>();
  private final Piece piece = new Piece();
  private boolean writes;

  /** Page-table writes that follow each other in one range: one call of {@code iommu_map}. */
  private static final class Piece {
    private long t;
    private int cpu;
    private int client;
    private long pfn;
    private long physPfn;
    private long pages;

    boolean isContinuedBy(int byClient, long atPfn, long toPhysPfn) {
      return pages > 0
          && byClient == client
          && atPfn == pfn + pages
          && toPhysPfn == physPfn + pages;
    }
  }

  FtraceHost(FtraceEvents events, RunOutline run) {
    this.events = events;
    this.run = run;
    cpuOfClient = new CpuOfClient(run);
    vectors = new Vectors(run);
  }

  /** The window is open. */
  void write() {
    writes = true;
  }

  /** A line, or a few. */
  @FunctionalInterface
  private interface Lines {
    void write() throws IOException;
  }

  private void log(Lines lines) {
    if (writes) {
      try {
        writePiece();
        lines.write();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Writes out what waited for its continuation. */
  void flush() {
    log(() -> {});
  }

  private void writePiece() throws IOException {
    if (piece.pages > 0) {
      events.map(
          piece.t,
          piece.cpu,
          piece.client,
          piece.pfn << Granule.SHIFT,
          piece.physPfn << Granule.SHIFT,
          piece.pages << Granule.SHIFT);
      piece.pages = 0;
    }
  }

  private static long addressKey(int domain, long pfn) {
    return ((long) domain << PFN_BITS) + pfn;
  }

  @Override
  public void dmaRequested(
      long t, int client, long op, int direction, int api, int n, long[] phys, int[] length) {
    requests.put(
        RequestKey.of(client, op),
        new AskedRequest(
            Direction.of(direction),
            MapApi.of(api),
            Arrays.copyOf(phys, n),
            Arrays.copyOf(length, n)));
  }

  @Override
  public void iovaAllocated(
      long t, int domain, int cpu, int client, long pfn, long pages, int source, int walk) {
    cpuOfClient.allocated(client, cpu);
    cpuOfAddress.put(addressKey(domain, pfn), cpu);
  }

  @Override
  public void iovaFreed(long t, int domain, int cpu, long pfn, long pages, int destination) {
    cpuOfAddress.remove(addressKey(domain, pfn));
  }

  @Override
  public void ptesMapped(
      long t, int domain, int client, long pfn, long physPfn, long pages, int pageShift) {
    if (piece.isContinuedBy(client, pfn, physPfn)) {
      piece.pages += pages;
      return;
    }
    flush();
    piece.t = t;
    piece.cpu = cpuOfClient.of(client);
    piece.client = client;
    piece.pfn = pfn;
    piece.physPfn = physPfn;
    piece.pages = writes ? pages : 0;
  }

  @Override
  public void mapped(
      long t,
      int domain,
      int client,
      long op,
      int mapping,
      long pfn,
      int offset,
      long bytes,
      int count,
      long callNs) {
    AskedRequest request = requests.get(RequestKey.of(client, op));
    if (request == null) {
      return;
    }
    request.take(bytes);
    LiveMapping live =
        new LiveMapping(
            client,
            mapping,
            domain,
            pfn,
            request.form(),
            request.direction(),
            (pfn << Granule.SHIFT) + offset,
            bytes,
            request.phys());
    request.mapped(live);
    int cpu = cpuOfAddress.getOrDefault(addressKey(domain, pfn), cpuOfClient.of(client));
    if (isTranslated()) {
      byAddress.put(addressKey(domain, pfn), live);
    }
    log(() -> writeMap(t, cpu, live, request.length(), count));
  }

  @Override
  public void mapFailed(long t, int domain, int client, long op, int error) {
    AskedRequest request = requests.get(RequestKey.of(client, op));
    if (request != null && request.isUnmapped()) {
      requests.remove(RequestKey.of(client, op));
    }
  }

  private boolean isTranslated() {
    return run.mode() != IommuMode.PASSTHROUGH;
  }

  private void writeMap(long t, int cpu, LiveMapping live, int[] length, int count)
      throws IOException {
    switch (live.form()) {
      case PAGE -> events.mapPage(t, cpu, live);
      case COHERENT -> events.alloc(t, cpu, live);
      case LIST -> {
        if (isTranslated()) {
          vectors.translated(live.pfn(), live.phys(), length, count);
        } else {
          vectors.direct(live.phys(), length);
        }
        events.mapList(t, cpu, live, vectors);
      }
    }
  }

  /** Lists and coherent memory are named before the act. */
  @Override
  public void ptesCleared(long t, int domain, int client, int cpu, long pfn, long pages) {
    LiveMapping live = byAddress.remove(addressKey(domain, pfn));
    clearingClient.put(cpu, client);
    clearingCpu.put(domain, cpu);
    freedTable.put(cpu, false);
    log(
        () -> {
          if (live != null) {
            writeUnmapBefore(t, cpu, live);
          }
          events.unmap(t, cpu, client, pfn << Granule.SHIFT, pages << Granule.SHIFT);
        });
  }

  private void writeUnmapBefore(long t, int cpu, LiveMapping live) throws IOException {
    switch (live.form()) {
      case PAGE -> {}
      case LIST -> events.unmapList(t, cpu, live);
      case COHERENT -> events.free(t, cpu, live);
    }
  }

  @Override
  public void tablesChanged(long t, int domain, long count) {
    Long before = tables.put(domain, count);
    Integer cpu = clearingCpu.get(domain);
    if (before != null && count < before && cpu != null) {
      freedTable.put(cpu, true);
    }
  }

  /** Pages are named behind the act; without translation there is no act, and so all are. */
  @Override
  public void unmapped(long t, int domain, int client, long op, int mapping, int cpu, long callNs) {
    AskedRequest request = requests.get(RequestKey.of(client, op));
    if (request == null) {
      return;
    }
    request.unmapped(mapping).ifPresent(live -> log(() -> writeUnmapBehind(t, cpu, live)));
    if (request.isUnmapped()) {
      requests.remove(RequestKey.of(client, op));
    }
  }

  private void writeUnmapBehind(long t, int cpu, LiveMapping live) throws IOException {
    if (live.form() == LiveMapping.Form.PAGE) {
      events.unmapPage(t, cpu, live);
    } else if (!isTranslated()) {
      writeUnmapBefore(t, cpu, live);
    }
  }

  @Override
  public void flushStarted(long t, int domain, int cpu, int reason) {
    flushReason.put(domain, FlushReason.of(reason));
  }

  @Override
  public void invalidationPosted(
      long t, int iommu, int domain, int cpu, int kind, long pfn, long pages, long covered) {
    if (!events.tracesInvalidations()) {
      return;
    }
    int client = clearingClient.getOrDefault(cpu, 0);
    log(
        () -> {
          if (pages == 0) {
            boolean timer = flushReason.get(domain) == FlushReason.TIMER;
            events.flushAll(t, cpu, client, iommu, domain, timer);
          } else {
            boolean leafOnly = !freedTable.getOrDefault(cpu, false);
            long iova = pfn << Granule.SHIFT;
            events.flushRange(
                t, cpu, client, iommu, domain, iova, pages << Granule.SHIFT, leafOnly);
          }
        });
  }

  @Override
  public void faulted(long t, int device, int client, long op, long pfn, int error) {
    AskedRequest request = requests.get(RequestKey.of(client, op));
    boolean write = request != null && request.direction() != Direction.TO_DEVICE;
    log(() -> events.fault(t, cpuOfClient.of(client), client, pfn << Granule.SHIFT, write));
  }
}
