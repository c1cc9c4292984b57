package dev.mapstorm.protocol.event;

import dev.mapstorm.protocol.Phyr;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Turns the calls of a sink into {@link Event} values. */
public final class EventRecorder implements EventSink {
  private final Consumer<Event> target;

  /** Hands every event to {@code target}, in order. */
  public EventRecorder(Consumer<Event> target) {
    this.target = target;
  }

  @Override
  public void dmaRequested(
      long t, int client, long op, int direction, int api, int n, long[] phys, int[] length) {
    List<Phyr> phyrs = new ArrayList<>(n);
    for (int i = 0; i < n; i++) {
      phyrs.add(new Phyr(phys[i], length[i]));
    }
    target.accept(new Event.DmaRequested(t, client, op, direction, api, phyrs));
  }

  @Override
  public void releaseRequested(long t, int client, long op, int cpu) {
    target.accept(new Event.ReleaseRequested(t, client, op, cpu));
  }

  @Override
  public void requestArrived(long t, int client, long op, int cpu) {
    target.accept(new Event.RequestArrived(t, client, op, cpu));
  }

  @Override
  public void iovaAllocated(
      long t, int domain, int cpu, int client, long pfn, long pages, int source, int walk) {
    target.accept(new Event.IovaAllocated(t, domain, cpu, client, pfn, pages, source, walk));
  }

  @Override
  public void iovaFreed(long t, int domain, int cpu, long pfn, long pages, int destination) {
    target.accept(new Event.IovaFreed(t, domain, cpu, pfn, pages, destination));
  }

  @Override
  public void iovaCachesFlushed(long t, int domain, int cpu, long ranges) {
    target.accept(new Event.IovaCachesFlushed(t, domain, cpu, ranges));
  }

  @Override
  public void depotTrimmed(long t, int domain, int order, long ranges) {
    target.accept(new Event.DepotTrimmed(t, domain, order, ranges));
  }

  @Override
  public void ptesMapped(
      long t, int domain, int client, long pfn, long physPfn, long pages, int pageShift) {
    target.accept(new Event.PtesMapped(t, domain, client, pfn, physPfn, pages, pageShift));
  }

  @Override
  public void ptesCleared(long t, int domain, int client, int cpu, long pfn, long pages) {
    target.accept(new Event.PtesCleared(t, domain, client, cpu, pfn, pages));
  }

  @Override
  public void tablesChanged(long t, int domain, long tables) {
    target.accept(new Event.TablesChanged(t, domain, tables));
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
    target.accept(
        new Event.Mapped(t, domain, client, op, mapping, pfn, offset, bytes, vectors, callNs));
  }

  @Override
  public void mapFailed(long t, int domain, int client, long op, int error) {
    target.accept(new Event.MapFailed(t, domain, client, op, error));
  }

  @Override
  public void unmapped(long t, int domain, int client, long op, int mapping, int cpu, long callNs) {
    target.accept(new Event.Unmapped(t, domain, client, op, mapping, cpu, callNs));
  }

  @Override
  public void lockWaited(long t, int lock, int instance, int cpu, int holder, long waitNs) {
    target.accept(new Event.LockWaited(t, lock, instance, cpu, holder, waitNs));
  }

  @Override
  public void lockUsed(
      long t, int lock, int instance, long acquisitions, long heldNs, long waitedNs) {
    target.accept(new Event.LockUsed(t, lock, instance, acquisitions, heldNs, waitedNs));
  }

  @Override
  public void invalidationPosted(
      long t, int iommu, int domain, int cpu, int kind, long pfn, long pages, long covered) {
    target.accept(new Event.InvalidationPosted(t, iommu, domain, cpu, kind, pfn, pages, covered));
  }

  @Override
  public void invalidationCompleted(
      long t, int iommu, int domain, int cpu, long latencyNs, int dropped) {
    target.accept(new Event.InvalidationCompleted(t, iommu, domain, cpu, latencyNs, dropped));
  }

  @Override
  public void flushQueued(long t, int domain, int cpu, long pfn, long pages) {
    target.accept(new Event.FlushQueued(t, domain, cpu, pfn, pages));
  }

  @Override
  public void flushStarted(long t, int domain, int cpu, int reason) {
    target.accept(new Event.FlushStarted(t, domain, cpu, reason));
  }

  @Override
  public void flushFinished(long t, int domain, int cpu, long freed) {
    target.accept(new Event.FlushFinished(t, domain, cpu, freed));
  }

  @Override
  public void submitted(long t, int device, int client, long op) {
    target.accept(new Event.Submitted(t, device, client, op));
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
    target.accept(new Event.Translated(t, device, iommu, client, op, pages, hits, reads, stallNs));
  }

  @Override
  public void faulted(long t, int device, int client, long op, long pfn, int error) {
    target.accept(new Event.Faulted(t, device, client, op, pfn, error));
  }

  @Override
  public void completed(long t, int device, int client, long op) {
    target.accept(new Event.Completed(t, device, client, op));
  }

  @Override
  public void requestDone(long t, int client, long op, long bytes, long latencyNs) {
    target.accept(new Event.RequestDone(t, client, op, bytes, latencyNs));
  }

  @Override
  public void cpuStolen(long t, int cpu, long ns) {
    target.accept(new Event.CpuStolen(t, cpu, ns));
  }
}
