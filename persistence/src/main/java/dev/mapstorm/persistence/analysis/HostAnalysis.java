package dev.mapstorm.persistence.analysis;

import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.EventSink;

/**
 * The sink of one host: counts each event and calls only those figures that need it, each through a
 * field of its own final class, so that one pass costs one virtual call an event.
 */
final class HostAnalysis implements EventSink {
  private final InFlight inFlight = new InFlight();

  final int host;
  final EventCounts counts = new EventCounts();
  final ClientFigures clients;
  final LatencyFigures latency = new LatencyFigures(inFlight);
  final BatchFigures batches = new BatchFigures(inFlight);
  final CallFigures calls;
  final LockFigures locks;
  final InvalidationFigures invalidations;
  final FlushFigures flush;
  final Storms storms;
  final IovaFigures iova = new IovaFigures();
  final TranslationFigures translation;
  final CpuFigures cpus;

  HostAnalysis(int host, AnalysisOptions options) {
    this.host = host;
    clients = new ClientFigures(host, inFlight);
    calls = new CallFigures(inFlight, clients);
    locks = new LockFigures(host, inFlight);
    invalidations = new InvalidationFigures(host, inFlight);
    flush = new FlushFigures(host, inFlight);
    storms = new Storms(host, options, inFlight);
    translation = new TranslationFigures(host);
    cpus = new CpuFigures(host, inFlight);
  }

  /** Gives up the room that only further events need; none may follow. */
  void pack() {
    inFlight.clear();
    calls.clear();
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
    inFlight.dmaRequested(t, client, op, direction, api, n, phys, length);
    clients.dmaRequested(t, client, op, direction, api, n, phys, length);
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
  public void callEntered(
      long t, int domain, long call, int cpu, int client, long op, int what, long mapping) {
    counts.count(EventKind.CALL_ENTERED, t);
    inFlight.callEntered(t, domain, call, cpu, client, op, what, mapping);
  }

  @Override
  public void iovaAllocated(
      long t, int domain, long call, long pfn, long pages, int source, int walk) {
    counts.count(EventKind.IOVA_ALLOCATED, t);
    inFlight.iovaAllocated(t, domain, call, pfn, pages, source, walk);
    iova.iovaAllocated(t, domain, call, pfn, pages, source, walk);
    calls.iovaAllocated(t, domain, call, pfn, pages, source, walk);
  }

  @Override
  public void iovaFreed(long t, int domain, long call, long pfn, long pages, int destination) {
    counts.count(EventKind.IOVA_FREED, t);
    iova.iovaFreed(t, domain, call, pfn, pages, destination);
  }

  @Override
  public void iovaCachesFlushed(long t, int domain, long call, long ranges) {
    counts.count(EventKind.IOVA_CACHES_FLUSHED, t);
    iova.iovaCachesFlushed(t, domain, call, ranges);
  }

  @Override
  public void depotTrimmed(long t, int domain, long call, int order, long ranges) {
    counts.count(EventKind.DEPOT_TRIMMED, t);
    inFlight.depotTrimmed(t, domain, call, order, ranges);
    iova.depotTrimmed(t, domain, call, order, ranges);
    calls.depotTrimmed(t, domain, call, order, ranges);
  }

  @Override
  public void ptesMapped(
      long t, int domain, long call, long pfn, long physPfn, long pages, int pageShift) {
    counts.count(EventKind.PTES_MAPPED, t);
  }

  @Override
  public void ptesCleared(long t, int domain, long call, long pfn, long pages) {
    counts.count(EventKind.PTES_CLEARED, t);
    inFlight.ptesCleared(t, domain, call, pfn, pages);
  }

  @Override
  public void tablesChanged(long t, int domain, long call, long tables) {
    counts.count(EventKind.TABLES_CHANGED, t);
    iova.tablesChanged(t, domain, call, tables);
  }

  @Override
  public void mapped(
      long t, int domain, long call, long pfn, long pages, int offset, long bytes, int vectors) {
    counts.count(EventKind.MAPPED, t);
    inFlight.mapped(t, domain, call, pfn, pages, offset, bytes, vectors);
    clients.mapped(t, domain, call, pfn, pages, offset, bytes, vectors);
    batches.mapped(t, domain, call, pfn, pages, offset, bytes, vectors);
    calls.mapped(t, domain, call, pfn, pages, offset, bytes, vectors);
  }

  @Override
  public void mapFailed(long t, int domain, long call, int error) {
    counts.count(EventKind.MAP_FAILED, t);
    inFlight.mapFailed(t, domain, call, error);
    clients.mapFailed(t, domain, call, error);
    calls.mapFailed(t, domain, call, error);
  }

  @Override
  public void unmapped(long t, int domain, long call) {
    counts.count(EventKind.UNMAPPED, t);
    inFlight.unmapped(t, domain, call);
    clients.unmapped(t, domain, call);
    batches.unmapped(t, domain, call);
    calls.unmapped(t, domain, call);
  }

  @Override
  public void mapDeclined(long t, int domain, long call, int error) {
    counts.count(EventKind.MAP_DECLINED, t);
    inFlight.mapDeclined(t, domain, call, error);
    calls.mapDeclined(t, domain, call, error);
  }

  @Override
  public void lockWaited(
      long t, int lock, int instance, int domain, long call, int holder, long waitNs) {
    counts.count(EventKind.LOCK_WAITED, t);
    locks.lockWaited(t, lock, instance, domain, call, holder, waitNs);
    calls.lockWaited(t, lock, instance, domain, call, holder, waitNs);
  }

  @Override
  public void lockUsed(
      long t, int lock, int instance, long acquisitions, long heldNs, long waitedNs) {
    counts.count(EventKind.LOCK_USED, t);
    locks.lockUsed(t, lock, instance, acquisitions, heldNs, waitedNs);
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
    counts.count(EventKind.INVALIDATION_POSTED, t);
    inFlight.invalidationPosted(t, iommu, ticket, domain, call, kind, pfn, pages, covered);
    invalidations.invalidationPosted(t, iommu, ticket, domain, call, kind, pfn, pages, covered);
    storms.invalidationPosted(t, iommu, ticket, domain, call, kind, pfn, pages, covered);
    calls.invalidationPosted(t, iommu, ticket, domain, call, kind, pfn, pages, covered);
  }

  @Override
  public void invalidationCompleted(long t, int iommu, long ticket, int dropped) {
    counts.count(EventKind.INVALIDATION_COMPLETED, t);
    inFlight.invalidationCompleted(t, iommu, ticket, dropped);
    invalidations.invalidationCompleted(t, iommu, ticket, dropped);
    flush.invalidationCompleted(t, iommu, ticket, dropped);
    calls.invalidationCompleted(t, iommu, ticket, dropped);
  }

  @Override
  public void flushQueued(long t, int domain, long call, long pfn, long pages) {
    counts.count(EventKind.FLUSH_QUEUED, t);
    flush.flushQueued(t, domain, call, pfn, pages);
    locks.flushQueued(t, domain, call, pfn, pages);
  }

  @Override
  public void flushStarted(long t, int domain, long call, int reason) {
    counts.count(EventKind.FLUSH_STARTED, t);
    inFlight.flushStarted(t, domain, call, reason);
    flush.flushStarted(t, domain, call, reason);
  }

  @Override
  public void flushFinished(long t, int domain, long call, long freed) {
    counts.count(EventKind.FLUSH_FINISHED, t);
    inFlight.flushFinished(t, domain, call, freed);
    flush.flushFinished(t, domain, call, freed);
  }

  @Override
  public void submitted(long t, int device, int client, long op) {
    counts.count(EventKind.SUBMITTED, t);
    inFlight.submitted(t, device, client, op);
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
    inFlight.translated(t, device, iommu, client, op, pages, hits, reads, stallNs);
    translation.translated(t, device, iommu, client, op, pages, hits, reads, stallNs);
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
    inFlight.completed(t, device, client, op);
  }

  @Override
  public void requestDone(long t, int client, long op, long bytes, long latencyNs) {
    counts.count(EventKind.REQUEST_DONE, t);
    inFlight.requestDone(t, client, op, bytes, latencyNs);
    clients.requestDone(t, client, op, bytes, latencyNs);
    latency.requestDone(t, client, op, bytes, latencyNs);
    batches.requestDone(t, client, op, bytes, latencyNs);
  }

  @Override
  public void cpuStolen(long t, int domain, long call, long ns) {
    counts.count(EventKind.CPU_STOLEN, t);
    inFlight.cpuStolen(t, domain, call, ns);
    cpus.cpuStolen(t, domain, call, ns);
    calls.cpuStolen(t, domain, call, ns);
  }
}
