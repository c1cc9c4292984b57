package dev.mapstorm.persistence.analysis;

import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.EventSink;

/**
 * The sink of one host: counts each event and calls only those figures that need it, each through a
 * field of its own final class, so that one pass costs one virtual call an event.
 *
 * <p>The order of calls within an event matters where figures ask {@link UnmapsInProgress} or
 * {@link FlushesInProgress}.
 */
final class HostAnalysis implements EventSink {
  private final UnmapsInProgress unmaps = new UnmapsInProgress();
  private final FlushesInProgress flushes = new FlushesInProgress();
  private final RangesBeingMapped beingMapped = new RangesBeingMapped();
  private final PartsOfCalls parts = new PartsOfCalls(flushes);

  final int host;
  final EventCounts counts = new EventCounts();
  final ClientFigures clients;
  final LatencyFigures latency = new LatencyFigures();
  final BatchFigures batches = new BatchFigures();
  final CallFigures calls = new CallFigures();
  final LockFigures locks;
  final InvalidationFigures invalidations;
  final FlushFigures flush;
  final Storms storms;
  final IovaFigures iova = new IovaFigures();
  final TranslationFigures translation;
  final CpuFigures cpus;
  private final RequestLives lives;

  HostAnalysis(int host, AnalysisOptions options) {
    this.host = host;
    clients = new ClientFigures(host);
    locks = new LockFigures(host);
    invalidations = new InvalidationFigures(host);
    flush = new FlushFigures(host, unmaps, flushes);
    storms = new Storms(host, options, unmaps, flushes);
    translation = new TranslationFigures(host);
    cpus = new CpuFigures(host);
    lives = new RequestLives(latency, batches, clients, calls);
  }

  /** Gives up the room that only further events need; none may follow. */
  void pack() {
    parts.clear();
    beingMapped.clear();
    lives.clear();
    clients.pack();
    latency.pack();
    batches.pack();
    invalidations.pack();
    flush.pack();
    iova.pack();
  }

  @Override
  public void dmaRequested(
      long t, int client, long op, int direction, int api, int n, long[] phys, int[] length) {
    counts.count(EventKind.DMA_REQUESTED, t);
    clients.dmaRequested(t, client, op, direction, api, n, phys, length);
    lives.dmaRequested(t, client, op, direction, api, n, phys, length);
  }

  @Override
  public void releaseRequested(long t, int client, long op, int cpu) {
    counts.count(EventKind.RELEASE_REQUESTED, t);
  }

  @Override
  public void requestArrived(long t, int client, long op, int cpu) {
    counts.count(EventKind.REQUEST_ARRIVED, t);
  }

  @Override
  public void iovaAllocated(
      long t, int domain, int cpu, int client, long pfn, long pages, int source, int walk) {
    counts.count(EventKind.IOVA_ALLOCATED, t);
    iova.iovaAllocated(t, domain, cpu, client, pfn, pages, source, walk);
    beingMapped.iovaAllocated(t, domain, cpu, client, pfn, pages, source, walk);
  }

  @Override
  public void iovaFreed(long t, int domain, int cpu, long pfn, long pages, int destination) {
    counts.count(EventKind.IOVA_FREED, t);
    iova.iovaFreed(t, domain, cpu, pfn, pages, destination);
  }

  @Override
  public void iovaCachesFlushed(long t, int domain, int cpu, long ranges) {
    counts.count(EventKind.IOVA_CACHES_FLUSHED, t);
    iova.iovaCachesFlushed(t, domain, cpu, ranges);
  }

  @Override
  public void depotTrimmed(long t, int domain, int order, long ranges) {
    counts.count(EventKind.DEPOT_TRIMMED, t);
    iova.depotTrimmed(t, domain, order, ranges);
  }

  @Override
  public void ptesMapped(
      long t, int domain, int client, long pfn, long physPfn, long pages, int pageShift) {
    counts.count(EventKind.PTES_MAPPED, t);
    beingMapped.ptesMapped(t, domain, client, pfn, physPfn, pages, pageShift);
  }

  @Override
  public void ptesCleared(long t, int domain, int client, int cpu, long pfn, long pages) {
    counts.count(EventKind.PTES_CLEARED, t);
    unmaps.ptesCleared(t, domain, client, cpu, pfn, pages);
  }

  @Override
  public void tablesChanged(long t, int domain, long tables) {
    counts.count(EventKind.TABLES_CHANGED, t);
    iova.tablesChanged(t, domain, tables);
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
    counts.count(EventKind.MAPPED, t);
    long pages = beingMapped.take(domain, client, pfn, offset, bytes);
    clients.mapped(client, pages, callNs);
    long[] cost = parts.ofCall(t, domain, beingMapped.lastCpu(), callNs);
    cost[CallCost.IOVAS] = beingMapped.wasAllocated() ? 1 : 0;
    lives.mapped(t, client, op, mapping, pages, bytes, cost);
  }

  @Override
  public void mapFailed(long t, int domain, int client, long op, int error) {
    counts.count(EventKind.MAP_FAILED, t);
    clients.mapFailed(t, domain, client, op, error);
    lives.mapFailed(t, domain, client, op, error);
  }

  @Override
  public void unmapped(long t, int domain, int client, long op, int mapping, int cpu, long callNs) {
    counts.count(EventKind.UNMAPPED, t);
    clients.unmapped(t, domain, client, op, mapping, cpu, callNs);
    lives.unmapped(t, client, op, mapping, parts.ofCall(t, domain, cpu, callNs));
    unmaps.unmapped(t, domain, client, op, mapping, cpu, callNs);
  }

  @Override
  public void lockWaited(long t, int lock, int instance, int cpu, int holder, long waitNs) {
    counts.count(EventKind.LOCK_WAITED, t);
    locks.lockWaited(t, lock, instance, cpu, holder, waitNs);
    parts.lockWaited(t, lock, instance, cpu, holder, waitNs);
  }

  @Override
  public void lockUsed(
      long t, int lock, int instance, long acquisitions, long heldNs, long waitedNs) {
    counts.count(EventKind.LOCK_USED, t);
    locks.lockUsed(t, lock, instance, acquisitions, heldNs, waitedNs);
  }

  @Override
  public void invalidationPosted(
      long t, int iommu, int domain, int cpu, int kind, long pfn, long pages, long covered) {
    counts.count(EventKind.INVALIDATION_POSTED, t);
    invalidations.invalidationPosted(t, iommu, domain, cpu, kind, pfn, pages, covered);
    flush.invalidationPosted(t, iommu, domain, cpu, kind, pfn, pages, covered);
    storms.invalidationPosted(t, iommu, domain, cpu, kind, pfn, pages, covered);
    parts.invalidationPosted(t, iommu, domain, cpu, kind, pfn, pages, covered);
  }

  @Override
  public void invalidationCompleted(
      long t, int iommu, int domain, int cpu, long latencyNs, int dropped) {
    counts.count(EventKind.INVALIDATION_COMPLETED, t);
    invalidations.invalidationCompleted(t, iommu, domain, cpu, latencyNs, dropped);
    flush.invalidationCompleted(t, iommu, domain, cpu, latencyNs, dropped);
    parts.invalidationCompleted(t, iommu, domain, cpu, latencyNs, dropped);
  }

  @Override
  public void flushQueued(long t, int domain, int cpu, long pfn, long pages) {
    counts.count(EventKind.FLUSH_QUEUED, t);
    flush.flushQueued(t, domain, cpu, pfn, pages);
    parts.flushQueued(t, domain, cpu, pfn, pages);
    locks.flushQueued(t, domain, cpu, pfn, pages);
  }

  @Override
  public void flushStarted(long t, int domain, int cpu, int reason) {
    counts.count(EventKind.FLUSH_STARTED, t);
    flush.flushStarted(t, domain, cpu, reason);
  }

  @Override
  public void flushFinished(long t, int domain, int cpu, long freed) {
    counts.count(EventKind.FLUSH_FINISHED, t);
    flush.flushFinished(t, domain, cpu, freed);
    parts.flushFinished(t, domain, cpu, freed);
  }

  @Override
  public void submitted(long t, int device, int client, long op) {
    counts.count(EventKind.SUBMITTED, t);
    lives.submitted(t, device, client, op);
  }

  @Override
  public void translated(
      long t,
      int device,
      int iommu,
      int client,
      long op,
      long pages,
      long hits,
      long reads,
      long stallNs) {
    counts.count(EventKind.TRANSLATED, t);
    translation.translated(t, device, iommu, client, op, pages, hits, reads, stallNs);
    lives.translated(t, device, iommu, client, op, pages, hits, reads, stallNs);
  }

  @Override
  public void faulted(long t, int device, int client, long op, long pfn, int error) {
    counts.count(EventKind.FAULTED, t);
    clients.faulted(t, device, client, op, pfn, error);
    translation.faulted(t, device, client, op, pfn, error);
  }

  @Override
  public void completed(long t, int device, int client, long op) {
    counts.count(EventKind.COMPLETED, t);
    lives.completed(t, device, client, op);
  }

  @Override
  public void requestDone(long t, int client, long op, long bytes, long latencyNs) {
    counts.count(EventKind.REQUEST_DONE, t);
    clients.requestDone(t, client, op, bytes, latencyNs);
    lives.requestDone(t, client, op, bytes, latencyNs);
  }

  @Override
  public void cpuStolen(long t, int cpu, long ns) {
    counts.count(EventKind.CPU_STOLEN, t);
    cpus.cpuStolen(t, cpu, ns);
    calls.timer(parts.ofTimer(t, cpu, ns));
  }
}
