package dev.mapstorm.persistence.replay;

import dev.mapstorm.persistence.inflight.InFlight;
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
  private final InFlight inFlight = new InFlight();
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
    requests = new RequestChapter(book, inFlight);
    range = new RangeChapter(book, requests, inFlight);
    flushes = new FlushChapter(book, inFlight);
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
    inFlight.dmaRequested(t, client, op, direction, api, n, phys, length);
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
  public void callEntered(
      long t, int domain, long call, int cpu, int client, long op, int what, long mapping) {
    book.nextEvent();
    inFlight.callEntered(t, domain, call, cpu, client, op, what, mapping);
  }

  @Override
  public void iovaAllocated(
      long t, int domain, long call, long pfn, long pages, int source, int walk) {
    book.nextEvent();
    inFlight.iovaAllocated(t, domain, call, pfn, pages, source, walk);
    range.iovaAllocated(t, domain, call, pfn, pages, source, walk);
  }

  @Override
  public void iovaFreed(long t, int domain, long call, long pfn, long pages, int destination) {
    book.nextEvent();
    range.iovaFreed(t, domain, call, pfn, pages, destination);
  }

  @Override
  public void iovaCachesFlushed(long t, int domain, long call, long ranges) {
    book.nextEvent();
  }

  @Override
  public void depotTrimmed(long t, int domain, long call, int order, long ranges) {
    book.nextEvent();
    inFlight.depotTrimmed(t, domain, call, order, ranges);
  }

  @Override
  public void ptesMapped(
      long t, int domain, long call, long pfn, long physPfn, long pages, int pageShift) {
    book.nextEvent();
    range.ptesMapped(t, domain, call, pfn, physPfn, pages, pageShift);
  }

  @Override
  public void ptesCleared(long t, int domain, long call, long pfn, long pages) {
    book.nextEvent();
    inFlight.ptesCleared(t, domain, call, pfn, pages);
    range.ptesCleared(t, domain, call, pfn, pages);
  }

  @Override
  public void tablesChanged(long t, int domain, long call, long tables) {
    book.nextEvent();
  }

  @Override
  public void mapped(
      long t, int domain, long call, long pfn, long pages, int offset, long bytes, int vectors) {
    book.nextEvent();
    inFlight.mapped(t, domain, call, pfn, pages, offset, bytes, vectors);
    range.mapped(t, domain, call, pfn, pages, offset, bytes, vectors);
  }

  @Override
  public void mapFailed(long t, int domain, long call, int error) {
    book.nextEvent();
    inFlight.mapFailed(t, domain, call, error);
    requests.mapFailed(t, domain, call, error);
  }

  @Override
  public void unmapped(long t, int domain, long call) {
    book.nextEvent();
    inFlight.unmapped(t, domain, call);
    range.unmapped(t, domain, call);
  }

  @Override
  public void mapDeclined(long t, int domain, long call, int error) {
    book.nextEvent();
    inFlight.mapDeclined(t, domain, call, error);
    requests.mapDeclined(t, domain, call, error);
  }

  @Override
  public void lockWaited(
      long t, int lock, int instance, int domain, long call, int holder, long waitNs) {
    book.nextEvent();
  }

  @Override
  public void lockUsed(
      long t, int lock, int instance, long acquisitions, long heldNs, long waitedNs) {
    book.nextEvent();
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
    book.nextEvent();
    inFlight.invalidationPosted(t, iommu, ticket, domain, call, kind, pfn, pages, covered);
    flushes.invalidationPosted(t, iommu, ticket, domain, call, kind, pfn, pages, covered);
  }

  @Override
  public void invalidationCompleted(long t, int iommu, long ticket, int dropped) {
    book.nextEvent();
    inFlight.invalidationCompleted(t, iommu, ticket, dropped);
    flushes.invalidationCompleted(t, iommu, ticket, dropped);
  }

  @Override
  public void flushQueued(long t, int domain, long call, long pfn, long pages) {
    book.nextEvent();
    flushes.flushQueued(t, domain, call, pfn, pages);
  }

  @Override
  public void flushStarted(long t, int domain, long call, int reason) {
    book.nextEvent();
    inFlight.flushStarted(t, domain, call, reason);
    flushes.flushStarted(t, domain, call, reason);
  }

  @Override
  public void flushFinished(long t, int domain, long call, long freed) {
    book.nextEvent();
    inFlight.flushFinished(t, domain, call, freed);
    flushes.flushFinished(t, domain, call, freed);
  }

  @Override
  public void submitted(long t, int device, int client, long op) {
    book.nextEvent();
    inFlight.submitted(t, device, client, op);
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
    inFlight.translated(t, device, iommu, client, op, pages, hits, reads, stallNs);
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
    inFlight.completed(t, device, client, op);
    requests.completed(t, device, client, op);
  }

  @Override
  public void requestDone(long t, int client, long op, long bytes, long latencyNs) {
    book.nextEvent();
    inFlight.requestDone(t, client, op, bytes, latencyNs);
    requests.requestDone(t, client, op, bytes, latencyNs);
  }

  @Override
  public void cpuStolen(long t, int domain, long call, long ns) {
    book.nextEvent();
    inFlight.cpuStolen(t, domain, call, ns);
  }
}
