package dev.mapstorm.load.export.ftrace;

import dev.mapstorm.actors.unit.DmaFault;
import dev.mapstorm.load.run.RunOutline;
import dev.mapstorm.persistence.inflight.Call;
import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.persistence.inflight.Mapping;
import dev.mapstorm.persistence.inflight.NumberKey;
import dev.mapstorm.persistence.inflight.Request;
import dev.mapstorm.persistence.inflight.RequestKey;
import dev.mapstorm.protocol.AccessOutcome;
import dev.mapstorm.protocol.CallKind;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.InvalidationTimeout;
import dev.mapstorm.protocol.IommuMode;
import dev.mapstorm.protocol.StrayCause;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.Hears;
import dev.mapstorm.protocol.event.PartialSink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Says which lines the kernel would have logged for the events of a host, in their order. Until it
 * is told to write, it only keeps what is live. Not thread-safe.
 */
@Hears({
  EventKind.DMA_REQUESTED,
  EventKind.PTES_MAPPED,
  EventKind.PTES_CLEARED,
  EventKind.TABLES_CHANGED,
  EventKind.MAPPED,
  EventKind.MAP_FAILED,
  EventKind.UNMAPPED,
  EventKind.INVALIDATION_POSTED,
  EventKind.FAULTED,
  EventKind.STRAYED,
  EventKind.INVALIDATION_TIMED_OUT
})
final class FtraceHost extends PartialSink {
  /** The CPU that hears the unit's interrupt. */
  private static final int FAULT_CPU = 0;

  private final RunOutline run;
  private final FtraceEvents events;
  private final Vectors vectors;
  private final InFlight inFlight;
  private final Map<Long, AskedRequest> requests = new HashMap<>();

  /** By domain and number. */
  private final Map<Long, LiveMapping> mappings = new HashMap<>();

  /** Of each domain. */
  private final Map<Integer, Long> tables = new HashMap<>();

  /** Calls, by domain and number, whose clearing freed a page-table page. */
  private final Set<Long> freedTable = new HashSet<>();

  private final Piece piece = new Piece();
  private boolean writes;

  /** Page-table writes that follow each other in one range: one call of {@code iommu_map}. */
  private static final class Piece {
    private long t;
    private int domain;
    private long call;
    private int cpu;
    private int client;
    private long pfn;
    private long physPfn;
    private long pages;

    boolean isContinuedBy(Call by, long atPfn, long toPhysPfn) {
      return pages > 0
          && by.domain() == domain
          && by.id() == call
          && atPfn == pfn + pages
          && toPhysPfn == physPfn + pages;
    }
  }

  FtraceHost(FtraceEvents events, RunOutline run, InFlight inFlight) {
    this.events = events;
    this.run = run;
    this.inFlight = inFlight;
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

  @Override
  public void dmaRequested(
      long t, int client, long op, int direction, int api, int n, long[] phys, int[] length) {
    requests.put(
        RequestKey.of(client, op),
        new AskedRequest(
            Direction.of(direction), Arrays.copyOf(phys, n), Arrays.copyOf(length, n)));
  }

  @Override
  public void ptesMapped(
      long t, int domain, long call, long pfn, long physPfn, long pages, int pageShift) {
    Call by = inFlight.call(domain, call);
    if (piece.isContinuedBy(by, pfn, physPfn)) {
      piece.pages += pages;
      return;
    }
    flush();
    piece.t = t;
    piece.domain = by.domain();
    piece.call = by.id();
    piece.cpu = by.cpu();
    piece.client = by.client();
    piece.pfn = pfn;
    piece.physPfn = physPfn;
    piece.pages = writes ? pages : 0;
  }

  @Override
  public void mapped(
      long t, int domain, long call, long pfn, long pages, int offset, long bytes, int count) {
    Mapping mapping = inFlight.mapping(domain, call);
    AskedRequest request = requests.get(RequestKey.of(mapping.client(), mapping.op()));
    if (request == null) {
      return;
    }
    request.take(bytes);
    LiveMapping live =
        new LiveMapping(
            mapping.client(),
            pfn,
            form(mapping.what()),
            request.direction(),
            (pfn << Granule.SHIFT) + offset,
            bytes,
            request.phys());
    mappings.put(NumberKey.of(domain, call), live);
    int cpu = inFlight.call(domain, call).cpu();
    log(() -> writeMap(t, cpu, live, request.length(), count));
  }

  private static LiveMapping.Form form(CallKind what) {
    return switch (what) {
      case MAP_PAGE -> LiveMapping.Form.PAGE;
      case ALLOC_COHERENT -> LiveMapping.Form.COHERENT;
      case IOMMU_MAP -> LiveMapping.Form.IOMMU;
      default -> LiveMapping.Form.LIST;
    };
  }

  @Override
  public void mapFailed(long t, int domain, long call, int error) {
    forgetIfUnmapped(inFlight.call(domain, call));
  }

  private void forgetIfUnmapped(Call by) {
    if (inFlight.request(by.client(), by.op()).mappings() == 0) {
      requests.remove(RequestKey.of(by.client(), by.op()));
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
      case IOMMU -> {}
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
  public void ptesCleared(long t, int domain, long call, long pfn, long pages) {
    Call by = inFlight.call(domain, call);
    LiveMapping live = mappings.get(NumberKey.of(domain, by.mapping()));
    log(
        () -> {
          if (live != null) {
            writeUnmapBefore(t, by.cpu(), live);
          }
          events.unmap(t, by.cpu(), by.client(), pfn << Granule.SHIFT, pages << Granule.SHIFT);
        });
  }

  private void writeUnmapBefore(long t, int cpu, LiveMapping live) throws IOException {
    switch (live.form()) {
      case PAGE, IOMMU -> {}
      case LIST -> events.unmapList(t, cpu, live);
      case COHERENT -> events.free(t, cpu, live);
    }
  }

  @Override
  public void tablesChanged(long t, int domain, long call, long count) {
    Long before = tables.put(domain, count);
    if (before != null && count < before) {
      freedTable.add(NumberKey.of(domain, call));
    }
  }

  /** Pages are named behind the act; without translation there is no act, and so all are. */
  @Override
  public void unmapped(long t, int domain, long call) {
    Call by = inFlight.call(domain, call);
    freedTable.remove(NumberKey.of(domain, call));
    LiveMapping live = mappings.remove(NumberKey.of(domain, by.mapping()));
    if (live != null) {
      log(() -> writeUnmapBehind(t, by.cpu(), live));
      forgetIfUnmapped(by);
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
  public void invalidationPosted(
      long t,
      int iommu,
      long ticket,
      int domain,
      long call,
      int kind,
      long pfn,
      long pages,
      long covered) {
    if (!events.tracesInvalidations()) {
      return;
    }
    Call by = inFlight.call(domain, call);
    log(
        () -> {
          if (pages == 0) {
            boolean timer = by.what() == CallKind.FLUSH_TIMER;
            events.flushAll(t, by.cpu(), by.client(), iommu, domain, timer);
          } else {
            boolean leafOnly = !freedTable.contains(NumberKey.of(domain, call));
            long iova = pfn << Granule.SHIFT;
            events.flushRange(
                t, by.cpu(), by.client(), iommu, domain, iova, pages << Granule.SHIFT, leafOnly);
          }
        });
  }

  @Override
  public void invalidationTimedOut(long t, int iommu, long ticket, int device, int timeout) {
    log(() -> events.timeout(t, iommu, device, InvalidationTimeout.of(timeout)));
  }

  @Override
  public void faulted(long t, int device, int client, long op, long pfn, int error) {
    Request request = inFlight.request(client, op);
    boolean denied = DmaError.of(error) == DmaError.ACCESS_DENIED;
    boolean writes = request.isKnown() && request.direction() != Direction.TO_DEVICE;
    // What is denied is the other way.
    fault(t, request.cpu(), device, client, pfn, writes != denied, denied);
  }

  @Override
  public void strayed(
      long t, int device, int client, long op, long pfn, int cause, int direction, int outcome) {
    AccessOutcome what = AccessOutcome.of(outcome);
    // Of a request in flight the fault follows.
    if (StrayCause.of(cause) == StrayCause.AFTER_UNMAP && what.isFault()) {
      boolean writes = Direction.of(direction) != Direction.TO_DEVICE;
      fault(t, FAULT_CPU, device, client, pfn, writes, what == AccessOutcome.WRONG_RIGHTS);
    }
  }

  private void fault(
      long t, int cpu, int device, int client, long pfn, boolean write, boolean present) {
    int domain = device < run.domains().size() ? run.domains().get(device) : 0;
    DmaFault fault =
        new DmaFault(0, domain, device, "mapstorm", pfn << Granule.SHIFT, write, present);
    log(() -> events.fault(t, cpu, client, fault));
  }
}
