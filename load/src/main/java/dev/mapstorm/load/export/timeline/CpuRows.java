package dev.mapstorm.load.export.timeline;

import dev.mapstorm.load.export.CpuOfClient;
import dev.mapstorm.load.run.RunOutline;
import dev.mapstorm.persistence.replay.LockWaitTimes;
import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.FlushReason;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.InvalidationKind;
import dev.mapstorm.protocol.LockClass;
import dev.mapstorm.protocol.event.EventSink;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** What the CPUs of a host do in DMA calls and timer callbacks. Not thread-safe. */
final class CpuRows implements EventSink {
  private static final int DOMAIN_BITS = 20;

  private final Canvas canvas;
  private final Requests requests;
  private final SortedMap<Integer, CpuRow> rows = new TreeMap<>();
  private final CpuOfClient cpuOfClient;
  private final Map<Integer, Span> posted = new HashMap<>();
  private final Map<Long, ArrayDeque<Flush>> flushes = new HashMap<>();
  private final LockWaitTimes waits = new LockWaitTimes();

  /** Locks in words, by class and instance: there are few of them, and many waits. */
  private final Map<Long, String> lockNames = new HashMap<>();

  /** A flush that is going on. */
  private record Flush(long since, FlushReason reason) {}

  CpuRows(Canvas canvas, RunOutline run, Requests requests) {
    this.canvas = canvas;
    cpuOfClient = new CpuOfClient(run);
    this.requests = requests;
  }

  private CpuRow row(int cpu) {
    return rows.computeIfAbsent(cpu, number -> new CpuRow(canvas, number));
  }

  @Override
  public void iovaAllocated(
      long t, int domain, int cpu, int client, long pfn, long pages, int source, int walk) {
    cpuOfClient.allocated(client, cpu);
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
      int vectors,
      long callNs) {
    Request request = requests.of(client, op);
    Arguments arguments =
        new Arguments()
            .number("client", client)
            .number("request", op)
            .number("domain", domain)
            .address("iova", (pfn << Granule.SHIFT) + offset)
            .number("bytes", bytes)
            .number("vectors", vectors);
    Optional<Span> before = submission(request, t - callNs, client, op);
    Span call = new Span(t - callNs, t, "map", arguments, request.flow(Flow.Step.THROUGH));
    row(cpuOfClient.of(client)).call(before, call);
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
  public void mapFailed(long t, int domain, int client, long op, int error) {
    Arguments arguments =
        new Arguments()
            .number("client", client)
            .number("request", op)
            .number("domain", domain)
            .text("error", DmaError.of(error).label());
    row(cpuOfClient.of(client)).instant(t, "map failed", arguments);
  }

  /** To be told before the mapping is taken from its request. */
  @Override
  public void unmapped(long t, int domain, int client, long op, int mapping, int cpu, long callNs) {
    Arguments arguments =
        new Arguments()
            .number("client", client)
            .number("request", op)
            .number("domain", domain)
            .number("mapping", mapping);
    Flow flow =
        requests
            .find(client, op)
            .map(each -> each.flow(each.mappings() == 1 ? Flow.Step.END : Flow.Step.THROUGH))
            .orElse(Flow.NONE);
    row(cpu).call(Optional.empty(), new Span(t - callNs, t, "unmap", arguments, flow));
  }

  @Override
  public void lockWaited(long t, int lock, int instance, int cpu, int holder, long waitNs) {
    LockClass lockClass = LockClass.of(lock);
    Arguments arguments =
        new Arguments()
            .text("lock", lockName(lockClass, instance))
            .number("last_holder_cpu", holder);
    long begin = waits.begin(t, lock, instance, cpu, waitNs);
    row(cpu).lockWait(begin, waitNs, lockClass.label(), arguments);
  }

  private String lockName(LockClass lock, int instance) {
    return lockNames.computeIfAbsent(
        ((long) lock.ordinal() << Integer.SIZE) + instance, key -> lock.describe(instance));
  }

  @Override
  public void flushQueued(long t, int domain, int cpu, long pfn, long pages) {
    waits.flushQueued(t, domain, cpu, pfn, pages);
  }

  @Override
  public void invalidationPosted(
      long t, int iommu, int domain, int cpu, int kind, long pfn, long pages, long covered) {
    Arguments arguments =
        new Arguments().number("unit", iommu).number("domain", domain).text("kind", label(kind));
    if (pages > 0) {
      arguments
          .address("iova", pfn << Granule.SHIFT)
          .number("pages", pages)
          .number("covered_pages", covered);
    }
    posted.put(domain, new Span(t, t, "invalidate", arguments));
  }

  private static String label(int kind) {
    return InvalidationKind.of(kind).label();
  }

  @Override
  public void invalidationCompleted(
      long t, int iommu, int domain, int cpu, long latencyNs, int dropped) {
    Span begun = posted.remove(domain);
    if (begun != null) {
      Arguments arguments = begun.arguments().number("dropped_entries", dropped);
      row(cpu).part(new Span(begun.begin(), t, begun.name(), arguments));
    }
  }

  @Override
  public void flushStarted(long t, int domain, int cpu, int reason) {
    flushes
        .computeIfAbsent(flushKey(domain, cpu), key -> new ArrayDeque<>())
        .addLast(new Flush(t, FlushReason.of(reason)));
  }

  @Override
  public void flushFinished(long t, int domain, int cpu, long freed) {
    ArrayDeque<Flush> begun = flushes.getOrDefault(flushKey(domain, cpu), new ArrayDeque<>());
    if (!begun.isEmpty()) {
      Flush first = begun.removeFirst();
      Arguments arguments =
          new Arguments()
              .number("domain", domain)
              .text("reason", first.reason().label())
              .number("freed_ranges", freed);
      row(cpu).part(new Span(first.since(), t, "flush", arguments));
    }
  }

  private static long flushKey(int domain, int cpu) {
    return ((long) cpu << DOMAIN_BITS) + domain;
  }

  @Override
  public void cpuStolen(long t, int cpu, long ns) {
    row(cpu).softirq(new Span(t - ns, t, "flush-queue timer", new Arguments()));
  }

  /** The trace ends. */
  void finish(long t) {
    rows.values().forEach(row -> row.finish(t));
  }
}
