package dev.mapstorm.load.export.timeline;

import dev.mapstorm.load.run.RunOutline;
import dev.mapstorm.persistence.inflight.Call;
import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.Hears;
import dev.mapstorm.protocol.event.PartialSink;

/**
 * Draws the events of a host: tells each to the rows that it concerns, in an order in which what
 * they share, the requests, is still as they need it. Not thread-safe.
 */
@Hears({
  EventKind.DMA_REQUESTED,
  EventKind.IOVA_ALLOCATED,
  EventKind.IOVA_FREED,
  EventKind.IOVA_CACHES_FLUSHED,
  EventKind.DEPOT_TRIMMED,
  EventKind.MAPPED,
  EventKind.MAP_FAILED,
  EventKind.UNMAPPED,
  EventKind.LOCK_WAITED,
  EventKind.INVALIDATION_POSTED,
  EventKind.INVALIDATION_COMPLETED,
  EventKind.FLUSH_QUEUED,
  EventKind.FLUSH_FINISHED,
  EventKind.SUBMITTED,
  EventKind.TRANSLATED,
  EventKind.FAULTED,
  EventKind.COMPLETED,
  EventKind.REQUEST_DONE,
  EventKind.CPU_STOLEN
})
final class HostTimeline extends PartialSink {
  private final Canvas canvas;
  private final InFlight inFlight;
  private final Requests requests = new Requests();
  private final boolean showsMappings;
  private final CpuRows cpus;
  private final DeviceRows devices;
  private final MappingRows mappings;
  private final DomainCounts domains;

  /**
   * @param inFlight what is in flight at each event
   * @param showsMappings whether mappings will be told of; else what was asked for is not kept
   *     until it is mapped
   * @param countsIovas whether all of a domain's allocations will be told of; else IOVAs are not
   *     counted
   */
  HostTimeline(
      Canvas canvas,
      RunOutline run,
      InFlight inFlight,
      boolean showsMappings,
      boolean countsIovas) {
    this.inFlight = inFlight;
    this.canvas = canvas;
    this.showsMappings = showsMappings;
    cpus = new CpuRows(canvas, requests, inFlight);
    devices = new DeviceRows(canvas, run, requests);
    mappings = new MappingRows(canvas, run, requests, inFlight);
    domains = new DomainCounts(canvas, countsIovas);
  }

  /** The window opens. */
  void open() {
    if (!canvas.isOpen()) {
      canvas.open();
      devices.opened();
      mappings.opened();
      domains.opened();
    }
  }

  /** The trace of the host ends; nothing is drawn of one that ends before the window. */
  void finish(long t) {
    if (t < canvas.from()) {
      return;
    }
    open();
    devices.finish(t);
    mappings.finish(t);
    cpus.finish(t);
  }

  @Override
  public void dmaRequested(
      long t, int client, long op, int direction, int api, int n, long[] phys, int[] length) {
    if (showsMappings) {
      requests.of(client, op).asked(t);
    }
  }

  @Override
  public void iovaAllocated(
      long t, int domain, long call, long pfn, long pages, int source, int walk) {
    domains.iovaAllocated(t, domain, call, pfn, pages, source, walk);
  }

  @Override
  public void iovaFreed(long t, int domain, long call, long pfn, long pages, int destination) {
    domains.iovaFreed(t, domain, call, pfn, pages, destination);
  }

  @Override
  public void iovaCachesFlushed(long t, int domain, long call, long ranges) {
    domains.iovaCachesFlushed(t, domain, call, ranges);
  }

  @Override
  public void depotTrimmed(long t, int domain, long call, int order, long ranges) {
    domains.depotTrimmed(t, domain, call, order, ranges);
  }

  @Override
  public void mapped(
      long t, int domain, long call, long pfn, long pages, int offset, long bytes, int vectors) {
    cpus.mapped(t, domain, call, pfn, pages, offset, bytes, vectors);
    mappings.mapped(t, domain, call, pfn, pages, offset, bytes, vectors);
  }

  @Override
  public void mapFailed(long t, int domain, long call, int error) {
    cpus.mapFailed(t, domain, call, error);
    Call by = inFlight.call(domain, call);
    requests.settle(by.client(), by.op());
  }

  @Override
  public void unmapped(long t, int domain, long call) {
    cpus.unmapped(t, domain, call);
    mappings.unmapped(t, domain, call);
    Call by = inFlight.call(domain, call);
    requests.settle(by.client(), by.op());
  }

  @Override
  public void lockWaited(
      long t, int lock, int instance, int domain, long call, int holder, long waitNs) {
    cpus.lockWaited(t, lock, instance, domain, call, holder, waitNs);
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
    domains.invalidationPosted(t, iommu, ticket, domain, call, kind, pfn, pages, covered);
  }

  @Override
  public void invalidationCompleted(long t, int iommu, long ticket, int dropped) {
    cpus.invalidationCompleted(t, iommu, ticket, dropped);
    domains.invalidationCompleted(t, iommu, ticket, dropped);
  }

  @Override
  public void flushQueued(long t, int domain, long call, long pfn, long pages) {
    cpus.flushQueued(t, domain, call, pfn, pages);
    domains.flushQueued(t, domain, call, pfn, pages);
  }

  @Override
  public void flushFinished(long t, int domain, long call, long freed) {
    cpus.flushFinished(t, domain, call, freed);
  }

  @Override
  public void submitted(long t, int device, int client, long op) {
    devices.submitted(t, device, client, op);
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
    devices.translated(t, device, iommu, client, op, pages, hits, reads, stallNs);
  }

  @Override
  public void faulted(long t, int device, int client, long op, long pfn, int error) {
    devices.faulted(t, device, client, op, pfn, error);
  }

  @Override
  public void completed(long t, int device, int client, long op) {
    devices.completed(t, device, client, op);
    requests.settle(client, op);
  }

  @Override
  public void requestDone(long t, int client, long op, long bytes, long latencyNs) {
    requests.forget(client, op);
  }

  @Override
  public void cpuStolen(long t, int domain, long call, long ns) {
    cpus.cpuStolen(t, domain, call, ns);
  }
}
