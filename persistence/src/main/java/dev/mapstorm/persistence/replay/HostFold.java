package dev.mapstorm.persistence.replay;

import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.protocol.event.EventSink;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The state of a host as a fold over its events, from the first on: feed it to an instant or an
 * event number (with {@link EventsUntil}) and ask for the {@link #state}. It also sees when a
 * stream breaks a rule that must always hold, such as a range that is allocated while in use, or
 * freed before its invalidation: {@link HostState#violations}.
 *
 * <p>Not thread-safe. A state may be asked for at any time and does not disturb what follows.
 */
public final class HostFold implements EventSink {
  private static final int VIOLATIONS_KEPT = 100;

  private final List<IovaParameters> parameters;
  private DomainFold[] domains = new DomainFold[4];
  private final RequestsInFlight requests = new RequestsInFlight();
  private final InvalidationsInFlight invalidations = new InvalidationsInFlight();
  private final List<HostState.Violation> violations = new ArrayList<>();
  private DomainFold lastFlushed;
  private long violationsFound;
  private long events;
  private long now;

  /**
   * A host without events.
   *
   * @param parameters of the IOVA caches of each domain, which say how many ranges a magazine
   *     holds; {@link IovaParameters#LINUX} for domains beyond the list
   */
  public HostFold(List<IovaParameters> parameters) {
    this.parameters = new ArrayList<>(parameters);
  }

  /** Events so far. */
  public long events() {
    return events;
  }

  /** The host as the events so far left it. */
  public HostState state() {
    List<HostState.Domain> states = new ArrayList<>();
    for (int domain = 0; domain < domains.length; domain++) {
      if (domains[domain] != null) {
        states.add(domains[domain].state(requests.direct(domain)));
      }
    }
    List<HostState.Invalidation> waiting = new ArrayList<>();
    for (int i = 0; i < invalidations.size(); i++) {
      waiting.add(invalidations.get(i));
    }
    return new HostState(
        now,
        events,
        List.copyOf(states),
        List.copyOf(waiting),
        requests.rows(),
        requests.load(now),
        List.copyOf(violations),
        violationsFound);
  }

  private void count(long t) {
    events++;
    now = t;
  }

  private DomainFold of(int domain) {
    if (domain >= domains.length) {
      domains = Arrays.copyOf(domains, Math.max(domain + 1, domains.length * 2));
    }
    if (domains[domain] == null) {
      IovaParameters own =
          domain < parameters.size() ? parameters.get(domain) : IovaParameters.LINUX;
      domains[domain] = new DomainFold(domain, own);
      domains[domain].reportTo(this::violated);
    }
    return domains[domain];
  }

  /** Connects what {@link FoldSnapshot} does not write down. */
  void restored() {
    for (DomainFold domain : domains) {
      if (domain != null) {
        domain.reportTo(this::violated);
      }
    }
  }

  private void violated(String text) {
    if (violationsFound++ < VIOLATIONS_KEPT) {
      violations.add(new HostState.Violation(events - 1, now, text));
    }
  }

  @Override
  public void dmaRequested(
      long t, int client, long op, int direction, int api, int n, long[] phys, int[] length) {
    count(t);
    requests.dmaRequested(t, client, op, direction, api, n, phys, length);
  }

  @Override
  public void releaseRequested(long t, int client, long op, int cpu) {
    count(t);
  }

  @Override
  public void requestArrived(long t, int client, long op, int cpu) {
    count(t);
  }

  @Override
  public void iovaAllocated(
      long t, int domain, int cpu, int client, long pfn, long pages, int source, int walk) {
    count(t);
    of(domain).iovaAllocated(t, domain, cpu, client, pfn, pages, source, walk);
  }

  @Override
  public void iovaFreed(long t, int domain, int cpu, long pfn, long pages, int destination) {
    count(t);
    of(domain).iovaFreed(t, domain, cpu, pfn, pages, destination);
  }

  @Override
  public void iovaCachesFlushed(long t, int domain, int cpu, long ranges) {
    count(t);
    of(domain).iovaCachesFlushed(t, domain, cpu, ranges);
  }

  @Override
  public void depotTrimmed(long t, int domain, int order, long ranges) {
    count(t);
    of(domain).depotTrimmed(t, domain, order, ranges);
  }

  @Override
  public void ptesMapped(
      long t, int domain, int client, long pfn, long physPfn, long pages, int pageShift) {
    count(t);
    of(domain).ptesMapped(t, domain, client, pfn, physPfn, pages, pageShift);
  }

  @Override
  public void ptesCleared(long t, int domain, int client, int cpu, long pfn, long pages) {
    count(t);
    of(domain).ptesCleared(t, domain, client, cpu, pfn, pages);
  }

  @Override
  public void tablesChanged(long t, int domain, long tables) {
    count(t);
    of(domain).tablesChanged(t, domain, tables);
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
    count(t);
    boolean translated = of(domain).mapped(t, client, op, mapping, pfn, offset, bytes, vectors);
    if (translated) {
      requests.mapped(t, client, op);
    } else {
      requests.mappedDirectly(t, domain, client, op, mapping, pfn, offset, bytes, vectors);
    }
  }

  @Override
  public void mapFailed(long t, int domain, int client, long op, int error) {
    count(t);
    requests.mapFailed(t, domain, client, op, error);
  }

  @Override
  public void unmapped(long t, int domain, int client, long op, int mapping, int cpu, long callNs) {
    count(t);
    requests.unmapped(t, domain, client, op, mapping, cpu, callNs);
  }

  @Override
  public void lockWaited(long t, int lock, int instance, int cpu, int holder, long waitNs) {
    count(t);
  }

  @Override
  public void lockUsed(
      long t, int lock, int instance, long acquisitions, long heldNs, long waitedNs) {
    count(t);
  }

  @Override
  public void invalidationPosted(
      long t, int iommu, int domain, int cpu, int kind, long pfn, long pages, long covered) {
    count(t);
    invalidations.invalidationPosted(t, iommu, domain, cpu, kind, pfn, pages, covered);
  }

  @Override
  public void invalidationCompleted(
      long t, int iommu, int domain, int cpu, long latencyNs, int dropped) {
    count(t);
    if (!invalidations.finish(iommu, domain, cpu)) {
      violated(
          "unit %d completed an invalidation of domain %d that CPU %d had not posted"
              .formatted(iommu, domain, cpu));
    } else if (invalidations.pages() == 0) {
      of(domain).flushed();
    } else {
      of(domain).invalidated(t, invalidations.pfn(), invalidations.pages());
    }
  }

  @Override
  public void flushQueued(long t, int domain, int cpu, long pfn, long pages) {
    count(t);
    of(domain).flushQueued(t, domain, cpu, pfn, pages);
  }

  @Override
  public void flushStarted(long t, int domain, int cpu, int reason) {
    count(t);
    of(domain).flushStarted(t, domain, cpu, reason);
  }

  @Override
  public void flushFinished(long t, int domain, int cpu, long freed) {
    count(t);
    lastFlushed = of(domain);
    lastFlushed.flushFinished(t, domain, cpu, freed);
  }

  @Override
  public void submitted(long t, int device, int client, long op) {
    count(t);
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
    count(t);
    requests.translated(t, device, iommu, client, op, pages, hits, reads, stallNs);
  }

  @Override
  public void faulted(long t, int device, int client, long op, long pfn, int error) {
    count(t);
  }

  @Override
  public void completed(long t, int device, int client, long op) {
    count(t);
    requests.completed(t, device, client, op);
  }

  @Override
  public void requestDone(long t, int client, long op, long bytes, long latencyNs) {
    count(t);
    requests.requestDone(t, client, op, bytes, latencyNs);
  }

  @Override
  public void cpuStolen(long t, int cpu, long ns) {
    count(t);
    if (lastFlushed != null) {
      // The last thing that a timer's callback does behind its flush.
      lastFlushed.timerFlushFinished(cpu);
      lastFlushed = null;
    }
  }
}
