package dev.mapstorm.load.export.timeline;

import dev.mapstorm.load.run.RunOutline;
import dev.mapstorm.protocol.event.EventSink;

/**
 * Draws the events of a host: tells each to the rows that it concerns, in an order in which what
 * they share, the requests, is still as they need it. Not thread-safe.
 */
final class HostTimeline implements EventSink {
  private final Canvas canvas;
  private final Requests requests = new Requests();
  private final boolean showsMappings;
  private final CpuRows cpus;
  private final DeviceRows devices;
  private final MappingRows mappings;
  private final DomainCounts domains;

  /**
   * @param showsMappings whether mappings will be told of; else what was asked for is not kept
   *     until it is mapped
   * @param countsIovas whether all of a domain's allocations will be told of; else IOVAs are not
   *     counted
   */
  HostTimeline(Canvas canvas, RunOutline run, boolean showsMappings, boolean countsIovas) {
    this.canvas = canvas;
    this.showsMappings = showsMappings;
    cpus = new CpuRows(canvas, run, requests);
    devices = new DeviceRows(canvas, run, requests);
    mappings = new MappingRows(canvas, run, requests);
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
      long t, int domain, int cpu, int client, long pfn, long pages, int source, int walk) {
    cpus.iovaAllocated(t, domain, cpu, client, pfn, pages, source, walk);
    domains.iovaAllocated(t, domain, cpu, client, pfn, pages, source, walk);
  }

  @Override
  public void iovaFreed(long t, int domain, int cpu, long pfn, long pages, int destination) {
    domains.iovaFreed(t, domain, cpu, pfn, pages, destination);
  }

  @Override
  public void iovaCachesFlushed(long t, int domain, int cpu, long ranges) {
    domains.iovaCachesFlushed(t, domain, cpu, ranges);
  }

  @Override
  public void depotTrimmed(long t, int domain, int order, long ranges) {
    domains.depotTrimmed(t, domain, order, ranges);
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
    cpus.mapped(t, domain, client, op, mapping, pfn, offset, bytes, vectors, callNs);
    mappings.mapped(t, domain, client, op, mapping, pfn, offset, bytes, vectors, callNs);
  }

  @Override
  public void mapFailed(long t, int domain, int client, long op, int error) {
    cpus.mapFailed(t, domain, client, op, error);
    requests.settle(client, op);
  }

  @Override
  public void unmapped(long t, int domain, int client, long op, int mapping, int cpu, long callNs) {
    cpus.unmapped(t, domain, client, op, mapping, cpu, callNs);
    mappings.unmapped(t, domain, client, op, mapping, cpu, callNs);
    requests.settle(client, op);
  }

  @Override
  public void lockWaited(long t, int lock, int instance, int cpu, int holder, long waitNs) {
    cpus.lockWaited(t, lock, instance, cpu, holder, waitNs);
  }

  @Override
  public void invalidationPosted(
      long t, int iommu, int domain, int cpu, int kind, long pfn, long pages, long covered) {
    cpus.invalidationPosted(t, iommu, domain, cpu, kind, pfn, pages, covered);
    domains.invalidationPosted(t, iommu, domain, cpu, kind, pfn, pages, covered);
  }

  @Override
  public void invalidationCompleted(
      long t, int iommu, int domain, int cpu, long latencyNs, int dropped) {
    cpus.invalidationCompleted(t, iommu, domain, cpu, latencyNs, dropped);
    domains.invalidationCompleted(t, iommu, domain, cpu, latencyNs, dropped);
  }

  @Override
  public void flushQueued(long t, int domain, int cpu, long pfn, long pages) {
    cpus.flushQueued(t, domain, cpu, pfn, pages);
    domains.flushQueued(t, domain, cpu, pfn, pages);
  }

  @Override
  public void flushStarted(long t, int domain, int cpu, int reason) {
    cpus.flushStarted(t, domain, cpu, reason);
  }

  @Override
  public void flushFinished(long t, int domain, int cpu, long freed) {
    cpus.flushFinished(t, domain, cpu, freed);
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
  public void cpuStolen(long t, int cpu, long ns) {
    cpus.cpuStolen(t, cpu, ns);
  }
}
