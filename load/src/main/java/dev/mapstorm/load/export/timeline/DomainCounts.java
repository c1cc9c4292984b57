package dev.mapstorm.load.export.timeline;

import dev.mapstorm.persistence.primitive.LongIntMap;
import dev.mapstorm.protocol.IovaDestination;
import dev.mapstorm.protocol.IovaSource;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.Hears;
import dev.mapstorm.protocol.event.PartialSink;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What domains and units hold, counted: IOVA pages in use, ranges in caches, ranges in flush
 * queues, invalidations in flight. Not thread-safe.
 */
@Hears({
  EventKind.IOVA_ALLOCATED,
  EventKind.IOVA_FREED,
  EventKind.IOVA_CACHES_FLUSHED,
  EventKind.DEPOT_TRIMMED,
  EventKind.INVALIDATION_POSTED,
  EventKind.INVALIDATION_COMPLETED,
  EventKind.FLUSH_QUEUED
})
final class DomainCounts extends PartialSink {
  private final Canvas canvas;
  private final boolean countsIovas;
  private final SortedMap<Integer, Domain> domains = new TreeMap<>();
  private final SortedMap<Integer, Count> invalidations = new TreeMap<>();

  private static final class Domain {
    private final Count pages;
    private final Count cached;
    private final Count queued;
    private final LongIntMap inQueue = new LongIntMap();

    Domain(Canvas canvas, int number) {
      String name = "domain " + number;
      pages = new Count(canvas, Track.Kind.COUNT, name + " IOVA pages");
      cached = new Count(canvas, Track.Kind.COUNT, name + " cached IOVA ranges");
      queued = new Count(canvas, Track.Kind.COUNT, name + " flush queue");
    }
  }

  /**
   * @param countsIovas whether IOVA pages and cached ranges are counted
   */
  DomainCounts(Canvas canvas, boolean countsIovas) {
    this.canvas = canvas;
    this.countsIovas = countsIovas;
  }

  private Domain of(int domain) {
    return domains.computeIfAbsent(domain, number -> new Domain(canvas, number));
  }

  private Count unit(int iommu) {
    return invalidations.computeIfAbsent(
        iommu, number -> new Count(canvas, Track.Kind.COUNT, "dmar" + number + " invalidations"));
  }

  private void addPages(long t, int domain, long change) {
    if (countsIovas) {
      of(domain).pages.add(t, change);
    }
  }

  private void addCached(long t, int domain, long change) {
    if (countsIovas) {
      of(domain).cached.add(t, change);
    }
  }

  @Override
  public void iovaAllocated(
      long t, int domain, long call, long pfn, long pages, int source, int walk) {
    addPages(t, domain, pages);
    IovaSource from = IovaSource.of(source);
    if (from == IovaSource.MAGAZINE || from == IovaSource.DEPOT) {
      addCached(t, domain, -1);
    }
  }

  @Override
  public void iovaFreed(long t, int domain, long call, long pfn, long pages, int destination) {
    addPages(t, domain, -pages);
    if (IovaDestination.of(destination) != IovaDestination.TREE) {
      addCached(t, domain, 1);
    }
    if (of(domain).inQueue.remove(pfn) != LongIntMap.ABSENT) {
      of(domain).queued.add(t, -1);
    }
  }

  @Override
  public void iovaCachesFlushed(long t, int domain, long call, long ranges) {
    addCached(t, domain, -ranges);
  }

  @Override
  public void depotTrimmed(long t, int domain, long call, int order, long ranges) {
    addCached(t, domain, -ranges);
  }

  @Override
  public void flushQueued(long t, int domain, long call, long pfn, long pages) {
    of(domain).inQueue.put(pfn, 0);
    of(domain).queued.add(t, 1);
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
    unit(iommu).add(t, 1);
  }

  @Override
  public void invalidationCompleted(long t, int iommu, long ticket, int dropped) {
    unit(iommu).add(t, -1);
  }

  /** The window has opened. */
  void opened() {
    for (Domain domain : domains.values()) {
      domain.pages.opened();
      domain.cached.opened();
      domain.queued.opened();
    }
    invalidations.values().forEach(Count::opened);
  }
}
