package dev.mapstorm.persistence.replay;

import dev.mapstorm.protocol.event.EventSink;

/**
 * Numbers a host's events from 0 and hands them on up to an instant or a number; later ones are
 * dropped. A reader stops when it is {@link #past}. Not thread-safe.
 */
public final class EventsUntil implements EventSink {
  private final EventSink target;
  private final long lastInstant;
  private final long events;
  private long number;
  private boolean past;

  /**
   * @param target gets the events that count
   * @param lastInstant events at this instant still count, later ones do not
   * @param events events with numbers below this count
   */
  public EventsUntil(EventSink target, long lastInstant, long events) {
    this(target, new Moment(lastInstant, events), 0);
  }

  /**
   * For a target that goes on in the middle of a stream.
   *
   * @param moment where it ends
   * @param before events of the stream that the target has had already
   */
  public EventsUntil(EventSink target, Moment moment, long before) {
    this.target = target;
    lastInstant = moment.lastInstant();
    events = moment.events();
    number = before - 1;
  }

  /** All events that happen up to and at {@code t}. */
  public static EventsUntil instant(EventSink target, long t) {
    return new EventsUntil(target, t, Long.MAX_VALUE);
  }

  /** The first {@code events} events. */
  public static EventsUntil count(EventSink target, long events) {
    return new EventsUntil(target, Long.MAX_VALUE, events);
  }

  /** All events, numbered. */
  public static EventsUntil end(EventSink target) {
    return new EventsUntil(target, Long.MAX_VALUE, Long.MAX_VALUE);
  }

  /** Number of the event that is being handed on; -1 before the first. */
  public long number() {
    return number;
  }

  /** Whether an event was dropped, so that no later one will be handed on. */
  public boolean past() {
    return past;
  }

  private boolean counts(long t) {
    if (past || t > lastInstant || number + 1 >= events) {
      past = true;
      return false;
    }
    number++;
    return true;
  }

  @Override
  public void dmaRequested(
      long t, int client, long op, int direction, int api, int n, long[] phys, int[] length) {
    if (counts(t)) {
      target.dmaRequested(t, client, op, direction, api, n, phys, length);
    }
  }

  @Override
  public void releaseRequested(long t, int client, long op, int cpu) {
    if (counts(t)) {
      target.releaseRequested(t, client, op, cpu);
    }
  }

  @Override
  public void requestArrived(long t, int client, long op, int cpu) {
    if (counts(t)) {
      target.requestArrived(t, client, op, cpu);
    }
  }

  @Override
  public void iovaAllocated(
      long t, int domain, int cpu, int client, long pfn, long pages, int source, int walk) {
    if (counts(t)) {
      target.iovaAllocated(t, domain, cpu, client, pfn, pages, source, walk);
    }
  }

  @Override
  public void iovaFreed(long t, int domain, int cpu, long pfn, long pages, int destination) {
    if (counts(t)) {
      target.iovaFreed(t, domain, cpu, pfn, pages, destination);
    }
  }

  @Override
  public void iovaCachesFlushed(long t, int domain, int cpu, long ranges) {
    if (counts(t)) {
      target.iovaCachesFlushed(t, domain, cpu, ranges);
    }
  }

  @Override
  public void depotTrimmed(long t, int domain, int order, long ranges) {
    if (counts(t)) {
      target.depotTrimmed(t, domain, order, ranges);
    }
  }

  @Override
  public void ptesMapped(
      long t, int domain, int client, long pfn, long physPfn, long pages, int pageShift) {
    if (counts(t)) {
      target.ptesMapped(t, domain, client, pfn, physPfn, pages, pageShift);
    }
  }

  @Override
  public void ptesCleared(long t, int domain, int client, int cpu, long pfn, long pages) {
    if (counts(t)) {
      target.ptesCleared(t, domain, client, cpu, pfn, pages);
    }
  }

  @Override
  public void tablesChanged(long t, int domain, long tables) {
    if (counts(t)) {
      target.tablesChanged(t, domain, tables);
    }
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
    if (counts(t)) {
      target.mapped(t, domain, client, op, mapping, pfn, offset, bytes, vectors, callNs);
    }
  }

  @Override
  public void mapFailed(long t, int domain, int client, long op, int error) {
    if (counts(t)) {
      target.mapFailed(t, domain, client, op, error);
    }
  }

  @Override
  public void unmapped(long t, int domain, int client, long op, int mapping, int cpu, long callNs) {
    if (counts(t)) {
      target.unmapped(t, domain, client, op, mapping, cpu, callNs);
    }
  }

  @Override
  public void lockWaited(long t, int lock, int instance, int cpu, int holder, long waitNs) {
    if (counts(t)) {
      target.lockWaited(t, lock, instance, cpu, holder, waitNs);
    }
  }

  @Override
  public void lockUsed(
      long t, int lock, int instance, long acquisitions, long heldNs, long waitedNs) {
    if (counts(t)) {
      target.lockUsed(t, lock, instance, acquisitions, heldNs, waitedNs);
    }
  }

  @Override
  public void invalidationPosted(
      long t, int iommu, int domain, int cpu, int kind, long pfn, long pages, long covered) {
    if (counts(t)) {
      target.invalidationPosted(t, iommu, domain, cpu, kind, pfn, pages, covered);
    }
  }

  @Override
  public void invalidationCompleted(
      long t, int iommu, int domain, int cpu, long latencyNs, int dropped) {
    if (counts(t)) {
      target.invalidationCompleted(t, iommu, domain, cpu, latencyNs, dropped);
    }
  }

  @Override
  public void flushQueued(long t, int domain, int cpu, long pfn, long pages) {
    if (counts(t)) {
      target.flushQueued(t, domain, cpu, pfn, pages);
    }
  }

  @Override
  public void flushStarted(long t, int domain, int cpu, int reason) {
    if (counts(t)) {
      target.flushStarted(t, domain, cpu, reason);
    }
  }

  @Override
  public void flushFinished(long t, int domain, int cpu, long freed) {
    if (counts(t)) {
      target.flushFinished(t, domain, cpu, freed);
    }
  }

  @Override
  public void submitted(long t, int device, int client, long op) {
    if (counts(t)) {
      target.submitted(t, device, client, op);
    }
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
    if (counts(t)) {
      target.translated(t, device, iommu, client, op, pages, hits, reads, stallNs);
    }
  }

  @Override
  public void faulted(long t, int device, int client, long op, long pfn, int error) {
    if (counts(t)) {
      target.faulted(t, device, client, op, pfn, error);
    }
  }

  @Override
  public void completed(long t, int device, int client, long op) {
    if (counts(t)) {
      target.completed(t, device, client, op);
    }
  }

  @Override
  public void requestDone(long t, int client, long op, long bytes, long latencyNs) {
    if (counts(t)) {
      target.requestDone(t, client, op, bytes, latencyNs);
    }
  }

  @Override
  public void cpuStolen(long t, int cpu, long ns) {
    if (counts(t)) {
      target.cpuStolen(t, cpu, ns);
    }
  }
}
