package dev.mapstorm.load.export.timeline;

import dev.mapstorm.persistence.inflight.Call;
import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.persistence.inflight.Invalidation;
import dev.mapstorm.persistence.inflight.LockWaitTimes;
import dev.mapstorm.persistence.inflight.Mapping;
import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.LockClass;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.Hears;
import dev.mapstorm.protocol.event.PartialSink;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** What the CPUs of a host do in DMA calls and timer callbacks. Not thread-safe. */
@Hears({
  EventKind.MAPPED,
  EventKind.MAP_FAILED,
  EventKind.UNMAPPED,
  EventKind.LOCK_WAITED,
  EventKind.FLUSH_QUEUED,
  EventKind.FLUSH_STARTED,
  EventKind.INVALIDATION_COMPLETED,
  EventKind.FLUSH_FINISHED,
  EventKind.CPU_STOLEN
})
final class CpuRows extends PartialSink {
  private final Canvas canvas;
  private final Requests requests;
  private final SortedMap<Integer, CpuRow> rows = new TreeMap<>();
  private final InFlight inFlight;
  private final LockWaitTimes waits = new LockWaitTimes();

  /** Locks in words, by class and instance: there are few of them, and many waits. */
  private final Map<Long, String> lockNames = new HashMap<>();

  CpuRows(Canvas canvas, Requests requests, InFlight inFlight) {
    this.canvas = canvas;
    this.inFlight = inFlight;
    this.requests = requests;
  }

  private CpuRow row(int cpu) {
    return rows.computeIfAbsent(cpu, number -> new CpuRow(canvas, number));
  }

  @Override
  public void mapped(
      long t, int domain, long call, long pfn, long pages, int offset, long bytes, int vectors) {
    Mapping mapping = inFlight.mapping(domain, call);
    int client = mapping.client();
    long op = mapping.op();
    Request request = requests.of(client, op);
    Arguments arguments =
        new Arguments()
            .number("client", client)
            .number("request", op)
            .number("domain", domain)
            .address("iova", (pfn << Granule.SHIFT) + offset)
            .number("bytes", bytes)
            .number("vectors", vectors);
    long begin = t - mapping.callNs();
    Optional<Span> before = submission(request, begin, client, op);
    Span whole = new Span(begin, t, "map", arguments, request.flow(Flow.Step.THROUGH));
    row(inFlight.call(domain, call).cpu()).call(before, whole);
  }

  /**
   * What led to the first call of a request; empty for later ones, and if it began before the
   * window. The request's flow begins with it.
   */
  private Optional<Span> submission(Request request, long firstCall, int client, long op) {
    long askedAt = request.takeAskedAt();
    if (askedAt == Request.NONE || !canvas.isOpen() || askedAt < canvas.from()) {
      return Optional.empty();
    }
    Flow flow = request.beginFlow(canvas.newFlow());
    Arguments arguments = new Arguments().number("client", client).number("request", op);
    return Optional.of(new Span(askedAt, firstCall, "submit", arguments, flow));
  }

  @Override
  public void mapFailed(long t, int domain, long call, int error) {
    Call by = inFlight.call(domain, call);
    Arguments arguments =
        new Arguments()
            .number("client", by.client())
            .number("request", by.op())
            .number("domain", domain)
            .text("error", DmaError.of(error).label());
    row(by.cpu()).instant(t, "map failed", arguments);
  }

  /** To be told before the mapping is taken from its request. */
  @Override
  public void unmapped(long t, int domain, long call) {
    Call by = inFlight.call(domain, call);
    Arguments arguments =
        new Arguments()
            .number("client", by.client())
            .number("request", by.op())
            .number("domain", domain)
            .number("mapping", by.mapping());
    Flow flow =
        requests
            .find(by.client(), by.op())
            .map(each -> each.flow(each.mappings() == 1 ? Flow.Step.END : Flow.Step.THROUGH))
            .orElse(Flow.NONE);
    row(by.cpu()).call(Optional.empty(), new Span(by.since(), t, "unmap", arguments, flow));
  }

  @Override
  public void lockWaited(
      long t, int lock, int instance, int domain, long call, int holder, long waitNs) {
    LockClass lockClass = LockClass.of(lock);
    Arguments arguments =
        new Arguments()
            .text("lock", lockName(lockClass, instance))
            .number("last_holder_cpu", holder);
    long begin = waits.begin(t, lock, domain, call, waitNs);
    row(inFlight.call(domain, call).cpu()).lockWait(begin, waitNs, lockClass.label(), arguments);
  }

  private String lockName(LockClass lock, int instance) {
    return lockNames.computeIfAbsent(
        ((long) lock.ordinal() << Integer.SIZE) + instance, key -> lock.describe(instance));
  }

  @Override
  public void flushQueued(long t, int domain, long call, long pfn, long pages) {
    waits.flushQueued(t, domain, call, pfn, pages);
  }

  @Override
  public void flushStarted(long t, int domain, long call, int reason) {
    waits.flushStarted(t, domain, call, reason);
  }

  @Override
  public void invalidationCompleted(long t, int iommu, long ticket, int dropped) {
    Invalidation done = inFlight.invalidation(iommu, ticket);
    if (!done.isKnown()) {
      return;
    }
    Arguments arguments =
        new Arguments()
            .number("unit", iommu)
            .number("domain", done.domain())
            .text("kind", done.kind().label());
    if (done.pages() > 0) {
      arguments
          .address("iova", done.pfn() << Granule.SHIFT)
          .number("pages", done.pages())
          .number("covered_pages", done.covered());
    }
    arguments.number("dropped_entries", dropped);
    row(done.call().cpu()).part(new Span(done.since(), t, "invalidate", arguments));
  }

  @Override
  public void flushFinished(long t, int domain, long call, long freed) {
    Call by = inFlight.call(domain, call);
    if (by.isFlushing()) {
      Arguments arguments =
          new Arguments()
              .number("domain", domain)
              .text("reason", by.flushReason().label())
              .number("freed_ranges", freed);
      row(by.cpu()).part(new Span(by.flushSince(), t, "flush", arguments));
    }
  }

  @Override
  public void cpuStolen(long t, int domain, long call, long ns) {
    row(inFlight.call(domain, call).cpu())
        .softirq(new Span(t - ns, t, "flush-queue timer", new Arguments()));
  }

  /** The trace ends. */
  void finish(long t) {
    rows.values().forEach(row -> row.finish(t));
  }
}
