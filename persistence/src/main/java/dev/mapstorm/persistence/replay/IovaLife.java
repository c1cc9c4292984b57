package dev.mapstorm.persistence.replay;

import dev.mapstorm.protocol.event.EventSink;
import java.util.List;

/**
 * The life of an address: every event that concerns its granule, from the request that it was
 * allocated for to its reuse by another; or every event that concerns some clients.
 *
 * <p>Feed it a host's events from the first on. Events of a request that maps the granule are part
 * of its life. Flushes and invalidations are told while the granule's entry is cleared and not
 * free; those that drop a live translation of it are only counted ({@link #collateral}). Told by
 * client, flushes are left out, since a domain's clients share them. Not thread-safe.
 */
public final class IovaLife implements EventSink {
  private final LifeBook book;
  private final RequestChapter requests;
  private final RangeChapter range;
  private final FlushChapter flushes;

  /**
   * @param filter whose life
   * @param mostRows rows kept; further ones are counted in {@link #omitted}
   */
  public IovaLife(LifeFilter filter, int mostRows) {
    book = new LifeBook(filter, mostRows);
    requests = new RequestChapter(book);
    range = new RangeChapter(book, requests);
    flushes = new FlushChapter(book);
  }

  /** The life so far, in the order of events. */
  public List<LifeRow> rows() {
    return book.rows();
  }

  /** Rows that were too many. */
  public long omitted() {
    return book.omitted();
  }

  /** Invalidations that dropped the granule's translation although it was mapped. */
  public long collateral() {
    return book.collateral();
  }

  @Override
  public void dmaRequested(
      long t, int client, long op, int direction, int api, int n, long[] phys, int[] length) {
    book.nextEvent();
    requests.dmaRequested(t, client, op, direction, api, n, phys, length);
  }

  @Override
  public void releaseRequested(long t, int client, long op, int cpu) {
    book.nextEvent();
    requests.releaseRequested(t, client, op, cpu);
  }

  @Override
  public void requestArrived(long t, int client, long op, int cpu) {
    book.nextEvent();
    requests.requestArrived(t, client, op, cpu);
  }

  @Override
  public void iovaAllocated(
      long t, int domain, int cpu, int client, long pfn, long pages, int source, int walk) {
    book.nextEvent();
    range.iovaAllocated(t, domain, cpu, client, pfn, pages, source, walk);
  }

  @Override
  public void iovaFreed(long t, int domain, int cpu, long pfn, long pages, int destination) {
    book.nextEvent();
    range.iovaFreed(t, domain, cpu, pfn, pages, destination);
  }

  @Override
  public void iovaCachesFlushed(long t, int domain, int cpu, long ranges) {
    book.nextEvent();
  }

  @Override
  public void depotTrimmed(long t, int domain, int order, long ranges) {
    book.nextEvent();
  }

  @Override
  public void ptesMapped(
      long t, int domain, int client, long pfn, long physPfn, long pages, int pageShift) {
    book.nextEvent();
    range.ptesMapped(t, domain, client, pfn, physPfn, pages, pageShift);
  }

  @Override
  public void ptesCleared(long t, int domain, int client, int cpu, long pfn, long pages) {
    book.nextEvent();
    range.ptesCleared(t, domain, client, cpu, pfn, pages);
  }

  @Override
  public void tablesChanged(long t, int domain, long tables) {
    book.nextEvent();
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
    book.nextEvent();
    range.mapped(t, domain, client, op, mapping, pfn, offset, bytes, vectors, callNs);
  }

  @Override
  public void mapFailed(long t, int domain, int client, long op, int error) {
    book.nextEvent();
    requests.mapFailed(t, domain, client, op, error);
  }

  @Override
  public void unmapped(long t, int domain, int client, long op, int mapping, int cpu, long callNs) {
    book.nextEvent();
    range.unmapped(t, domain, client, op, mapping, cpu, callNs);
  }

  @Override
  public void lockWaited(long t, int lock, int instance, int cpu, int holder, long waitNs) {
    book.nextEvent();
  }

  @Override
  public void lockUsed(
      long t, int lock, int instance, long acquisitions, long heldNs, long waitedNs) {
    book.nextEvent();
  }

  @Override
  public void invalidationPosted(
      long t, int iommu, int domain, int cpu, int kind, long pfn, long pages, long covered) {
    book.nextEvent();
    flushes.invalidationPosted(t, iommu, domain, cpu, kind, pfn, pages, covered);
  }

  @Override
  public void invalidationCompleted(
      long t, int iommu, int domain, int cpu, long latencyNs, int dropped) {
    book.nextEvent();
    flushes.invalidationCompleted(t, iommu, domain, cpu, latencyNs, dropped);
  }

  @Override
  public void flushQueued(long t, int domain, int cpu, long pfn, long pages) {
    book.nextEvent();
    flushes.flushQueued(t, domain, cpu, pfn, pages);
  }

  @Override
  public void flushStarted(long t, int domain, int cpu, int reason) {
    book.nextEvent();
    flushes.flushStarted(t, domain, cpu, reason);
  }

  @Override
  public void flushFinished(long t, int domain, int cpu, long freed) {
    book.nextEvent();
    flushes.flushFinished(t, domain, cpu, freed);
  }

  @Override
  public void submitted(long t, int device, int client, long op) {
    book.nextEvent();
    requests.submitted(t, device, client, op);
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
    book.nextEvent();
    requests.translated(t, device, iommu, client, op, pages, hits, reads, stallNs);
  }

  @Override
  public void faulted(long t, int device, int client, long op, long pfn, int error) {
    book.nextEvent();
    requests.faulted(t, device, client, op, pfn, error);
  }

  @Override
  public void completed(long t, int device, int client, long op) {
    book.nextEvent();
    requests.completed(t, device, client, op);
  }

  @Override
  public void requestDone(long t, int client, long op, long bytes, long latencyNs) {
    book.nextEvent();
    requests.requestDone(t, client, op, bytes, latencyNs);
  }

  @Override
  public void cpuStolen(long t, int cpu, long ns) {
    book.nextEvent();
  }
}
