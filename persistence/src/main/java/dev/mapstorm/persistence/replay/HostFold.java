package dev.mapstorm.persistence.replay;

import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.persistence.inflight.Call;
import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.persistence.inflight.Invalidation;
import dev.mapstorm.persistence.inflight.Request;
import dev.mapstorm.protocol.event.EventSink;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

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
  private final InFlight inFlight = new InFlight();
  private final List<HostState.Violation> violations = new ArrayList<>();
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

  /** What of the host is in flight. */
  public InFlight inFlight() {
    return inFlight;
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
        states.add(domains[domain].state(inFlight));
      }
    }
    List<HostState.Request> requests = inFlight.requests().stream().map(HostFold::row).toList();
    return new HostState(
        now,
        events,
        List.copyOf(states),
        inFlight.invalidations().stream().map(HostFold::row).toList(),
        requests,
        load(requests),
        List.copyOf(violations),
        violationsFound);
  }

  private static HostState.Request row(Request request) {
    return new HostState.Request(
        request.client(),
        request.op(),
        request.device(),
        request.api().label(),
        request.direction().label(),
        request.bytes(),
        request.stage(),
        request.since(),
        request.requestedAt(),
        request.mappings());
  }

  private static HostState.Invalidation row(Invalidation invalidation) {
    return new HostState.Invalidation(
        invalidation.iommu(),
        invalidation.domain(),
        invalidation.call().cpu(),
        invalidation.kind().label(),
        invalidation.pfn(),
        invalidation.pages(),
        invalidation.covered(),
        invalidation.since());
  }

  /** The requests summed up, by client and device. */
  private List<HostState.Load> load(List<HostState.Request> requests) {
    TreeMap<Integer, TreeMap<Integer, HostState.Load>> sums = new TreeMap<>();
    for (HostState.Request request : requests) {
      HostState.Load one =
          new HostState.Load(
              request.client(), request.device(), 1, request.bytes(), now - request.requestedAt());
      sums.computeIfAbsent(request.client(), client -> new TreeMap<>())
          .merge(request.device(), one, HostFold::together);
    }
    return sums.values().stream().flatMap(each -> each.values().stream()).toList();
  }

  private static HostState.Load together(HostState.Load a, HostState.Load b) {
    return new HostState.Load(
        a.client(),
        a.device(),
        a.requests() + b.requests(),
        a.bytes() + b.bytes(),
        Math.max(a.oldestNs(), b.oldestNs()));
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
    inFlight.dmaRequested(t, client, op, direction, api, n, phys, length);
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
  public void callEntered(
      long t, int domain, long call, int cpu, int client, long op, int what, long mapping) {
    count(t);
    inFlight.callEntered(t, domain, call, cpu, client, op, what, mapping);
  }

  /** The call that an event names, which must be under way. */
  private Call call(int domain, long call) {
    Call by = inFlight.call(domain, call);
    if (!by.isKnown()) {
      violated("domain %d: call %d was not entered".formatted(domain, call));
    }
    return by;
  }

  @Override
  public void iovaAllocated(
      long t, int domain, long call, long pfn, long pages, int source, int walk) {
    count(t);
    inFlight.iovaAllocated(t, domain, call, pfn, pages, source, walk);
    of(domain).allocated(t, call(domain, call), pfn, pages, source);
  }

  @Override
  public void iovaFreed(long t, int domain, long call, long pfn, long pages, int destination) {
    count(t);
    of(domain).freed(call(domain, call), pfn, pages, destination);
  }

  @Override
  public void iovaCachesFlushed(long t, int domain, long call, long ranges) {
    count(t);
    of(domain).cachesFlushed();
  }

  @Override
  public void depotTrimmed(long t, int domain, long call, int order, long ranges) {
    count(t);
    inFlight.depotTrimmed(t, domain, call, order, ranges);
    of(domain).depotTrimmed(order);
  }

  @Override
  public void ptesMapped(
      long t, int domain, long call, long pfn, long physPfn, long pages, int pageShift) {
    count(t);
    of(domain).written(pfn, physPfn, pages, pageShift);
  }

  @Override
  public void ptesCleared(long t, int domain, long call, long pfn, long pages) {
    count(t);
    inFlight.ptesCleared(t, domain, call, pfn, pages);
    of(domain).cleared(t, call(domain, call), pfn, pages);
  }

  @Override
  public void tablesChanged(long t, int domain, long call, long tables) {
    count(t);
    of(domain).tablesChanged(tables);
  }

  @Override
  public void mapped(
      long t, int domain, long call, long pfn, long pages, int offset, long bytes, int vectors) {
    count(t);
    call(domain, call);
    inFlight.mapped(t, domain, call, pfn, pages, offset, bytes, vectors);
    of(domain).mapped(inFlight.mapping(domain, call));
  }

  @Override
  public void mapFailed(long t, int domain, long call, int error) {
    count(t);
    call(domain, call);
    of(domain).failed(call);
    inFlight.mapFailed(t, domain, call, error);
  }

  @Override
  public void unmapped(long t, int domain, long call) {
    count(t);
    call(domain, call);
    inFlight.unmapped(t, domain, call);
  }

  @Override
  public void mapDeclined(long t, int domain, long call, int error) {
    count(t);
    call(domain, call);
    inFlight.mapDeclined(t, domain, call, error);
  }

  @Override
  public void bounced(
      long t,
      int domain,
      long call,
      long physPfn,
      long address,
      long bytes,
      int buffers,
      int result,
      int slots,
      int checked,
      int areas,
      long used) {
    count(t);
    call(domain, call);
  }

  @Override
  public void bounceFailed(
      long t, int domain, long call, long bytes, int result, int checked, int areas, long used) {
    count(t);
    call(domain, call);
  }

  @Override
  public void bounceCopied(
      long t, int domain, long mapping, long address, long bytes, int direction) {
    count(t);
  }

  @Override
  public void bounceReleased(long t, int domain, long call, long address, int slots, long used) {
    count(t);
    call(domain, call);
  }

  @Override
  public void poolAdded(long t, int domain, long call, int slots, int areas) {
    count(t);
    inFlight.poolAdded(t, domain, call, slots, areas);
  }

  @Override
  public void lockWaited(
      long t, int lock, int instance, int domain, long call, int holder, long waitNs) {
    count(t);
  }

  @Override
  public void lockUsed(
      long t, int lock, int instance, long acquisitions, long heldNs, long waitedNs) {
    count(t);
  }

  @Override
  public void lockHeldLong(long t, int lock, int instance, int domain, long call, long heldNs) {
    count(t);
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
    count(t);
    call(domain, call);
    inFlight.invalidationPosted(t, iommu, ticket, domain, call, kind, pfn, pages, covered);
  }

  @Override
  public void invalidationCompleted(long t, int iommu, long ticket, int dropped) {
    count(t);
    inFlight.invalidationCompleted(t, iommu, ticket, dropped);
    Invalidation done = inFlight.invalidation(iommu, ticket);
    if (!done.isKnown()) {
      violated("unit %d completed invalidation %d, which was not posted".formatted(iommu, ticket));
    } else if (done.pages() == 0) {
      of(done.domain()).flushed();
    } else {
      of(done.domain()).invalidated(t, done.pfn(), done.pages());
    }
  }

  @Override
  public void flushQueued(long t, int domain, long call, long pfn, long pages) {
    count(t);
    of(domain).queued(t, call(domain, call), pfn, pages);
  }

  @Override
  public void flushStarted(long t, int domain, long call, int reason) {
    count(t);
    call(domain, call);
    inFlight.flushStarted(t, domain, call, reason);
    of(domain).flushStarted();
  }

  @Override
  public void flushFinished(long t, int domain, long call, long freed) {
    count(t);
    if (!inFlight.call(domain, call).isFlushing()) {
      violated(
          "domain %d: call %d finished a flush that it had not started".formatted(domain, call));
    }
    inFlight.flushFinished(t, domain, call, freed);
  }

  @Override
  public void regionsRegistered(long t, int client, long op, int regions, long entries) {
    count(t);
    inFlight.regionsRegistered(t, client, op, regions, entries);
  }

  @Override
  public void regionsInvalidated(long t, int client, long op, int regions) {
    count(t);
  }

  @Override
  public void submitted(long t, int device, int client, long op) {
    count(t);
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
    count(t);
    inFlight.translated(t, device, iommu, client, op, pages, hits, reads, stallNs);
  }

  @Override
  public void faulted(long t, int device, int client, long op, long pfn, int error) {
    count(t);
  }

  @Override
  public void deviceTlbUsed(long t, int device, int client, long op, long pages, long hits) {
    count(t);
  }

  @Override
  public void deviceInvalidated(long t, int iommu, long ticket, int device, int dropped) {
    count(t);
  }

  @Override
  public void invalidationTimedOut(long t, int iommu, long ticket, int device, int timeout) {
    count(t);
  }

  @Override
  public void strayed(
      long t, int device, int client, long op, long pfn, int cause, int direction, int outcome) {
    count(t);
  }

  @Override
  public void completed(long t, int device, int client, long op) {
    count(t);
    inFlight.completed(t, device, client, op);
  }

  @Override
  public void requestDone(long t, int client, long op, long bytes, long latencyNs) {
    count(t);
    inFlight.requestDone(t, client, op, bytes, latencyNs);
  }

  @Override
  public void cpuStolen(long t, int domain, long call, long ns) {
    count(t);
    call(domain, call);
    inFlight.cpuStolen(t, domain, call, ns);
  }
}
