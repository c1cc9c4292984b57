package dev.mapstorm.persistence.analysis.cpu;

import dev.mapstorm.persistence.analysis.HostFigures;
import dev.mapstorm.persistence.inflight.Call;
import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.persistence.inflight.Invalidation;
import dev.mapstorm.persistence.inflight.Mapping;
import dev.mapstorm.persistence.inflight.NumberKey;
import dev.mapstorm.persistence.inflight.Request;
import dev.mapstorm.persistence.inflight.RequestKey;
import dev.mapstorm.protocol.InvalidationKind;
import dev.mapstorm.protocol.LockClass;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.Hears;
import dev.mapstorm.protocol.event.PartialSink;
import java.util.List;

/**
 * What the DMA calls of a host that have returned cost, and those of the requests that have been
 * through them. A request is mapped when all that it asked for is, and unmapped when nothing of it
 * is left; until then its calls count among the calls only. What a call that was declined cost is
 * part of the call that maps its range after all; calls that fail are not counted.
 */
@Hears({
  EventKind.IOVA_ALLOCATED,
  EventKind.DEPOT_TRIMMED,
  EventKind.MAPPED,
  EventKind.MAP_FAILED,
  EventKind.UNMAPPED,
  EventKind.MAP_DECLINED,
  EventKind.LOCK_WAITED,
  EventKind.INVALIDATION_POSTED,
  EventKind.INVALIDATION_COMPLETED,
  EventKind.CPU_STOLEN
})
final class CallFigures extends PartialSink implements HostFigures {
  private static final int PSI = InvalidationKind.PSI.ordinal();

  private final InFlight inFlight;
  private final ClientCalls clients = new ClientCalls();
  private final OpenCosts ofCalls = new OpenCosts();
  private final OpenCosts ofRequests = new OpenCosts();
  private final OpenCosts declined = new OpenCosts();
  private final Tally map = new Tally();
  private final Tally unmap = new Tally();
  private final Tally timer = new Tally();

  /** The sums of one kind of work. */
  private static final class Tally {
    long times;
    long pages;
    long requests;
    final long[] cost = new long[CallCost.WORDS];
    final long[] ofRequests = new long[CallCost.WORDS];

    void add(Tally other) {
      times += other.times;
      pages += other.pages;
      requests += other.requests;
      CallCost.add(cost, other.cost);
      CallCost.add(ofRequests, other.ofRequests);
    }

    void returned(long pagesOfCall, long[] costOfCall) {
      times++;
      pages += pagesOfCall;
      CallCost.add(cost, costOfCall);
    }

    void request(long[] costOfRequest) {
      requests++;
      CallCost.add(ofRequests, costOfRequest);
    }

    CpuTimeAnalysis.Work result() {
      return new CpuTimeAnalysis.Work(
          times, pages, CallCost.spent(cost), requests, CallCost.spent(ofRequests));
    }
  }

  CallFigures(InFlight inFlight) {
    this.inFlight = inFlight;
  }

  /** Those of its clients. */
  ClientCalls clients() {
    return clients;
  }

  /** Forgets all calls and requests that are under way. */
  @Override
  public void pack() {
    ofCalls.clear();
    ofRequests.clear();
    declined.clear();
  }

  private static long key(Request request) {
    return RequestKey.of(request.client(), request.op());
  }

  private Request request(Call call) {
    return inFlight.request(call.client(), call.op());
  }

  @Override
  public void iovaAllocated(
      long t, int domain, long call, long pfn, long pages, int source, int walk) {
    ofCalls.of(NumberKey.of(domain, call))[CallCost.IOVAS]++;
  }

  @Override
  public void lockWaited(
      long t, int lock, int instance, int domain, long call, int holder, long waitNs) {
    long[] cost = ofCalls.of(NumberKey.of(domain, call));
    cost[CallCost.LOCK_WAITS_NS + lock] += waitNs;
    if (LockClass.of(lock).inInvalidation()) {
      // Part of the latency of an invalidation, too.
      cost[CallCost.UNIT_WAIT_NS] -= waitNs;
    }
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
    long[] cost = ofCalls.of(NumberKey.of(domain, call));
    if (kind == PSI) {
      cost[CallCost.PAGE_SELECTIVE]++;
      cost[CallCost.PAGES_ASKED] += pages;
      cost[CallCost.PAGES_COVERED] += covered;
    } else {
      cost[CallCost.DOMAIN_SELECTIVE]++;
    }
  }

  @Override
  public void invalidationCompleted(long t, int iommu, long ticket, int dropped) {
    Invalidation done = inFlight.invalidation(iommu, ticket);
    if (done.isKnown()) {
      long[] cost = ofCalls.of(NumberKey.of(done.domain(), done.call().id()));
      cost[CallCost.UNIT_WAIT_NS] += done.waitNs();
      cost[CallCost.DROPPED] += dropped;
    }
  }

  @Override
  public void mapped(
      long t, int domain, long call, long pfn, long pages, int offset, long bytes, int vectors) {
    Mapping mapping = inFlight.mapping(domain, call);
    Request request = inFlight.request(mapping.client(), mapping.op());
    long[] cost = ofCalls.take(NumberKey.of(domain, call));
    cost[CallCost.NS] = mapping.callNs();
    if (!request.isKnown()) {
      map.returned(pages, cost);
      return;
    }
    long key = key(request);
    CallCost.add(cost, declined.take(key));
    map.returned(pages, cost);
    CallCost.add(ofRequests.of(key), cost);
    if (request.isMapped()) {
      long[] all = ofRequests.take(key);
      map.request(all);
      clients.requestMapped(request.client(), all[CallCost.NS]);
    }
  }

  @Override
  public void mapDeclined(long t, int domain, long call, int error) {
    long[] cost = ofCalls.take(NumberKey.of(domain, call));
    Request request = request(inFlight.call(domain, call));
    if (request.isKnown()) {
      CallCost.add(declined.of(key(request)), cost);
    }
  }

  @Override
  public void mapFailed(long t, int domain, long call, int error) {
    ofCalls.drop(NumberKey.of(domain, call));
    Request request = request(inFlight.call(domain, call));
    if (request.isKnown()) {
      declined.drop(key(request));
      ofRequests.drop(key(request));
    }
  }

  @Override
  public void unmapped(long t, int domain, long call) {
    Call by = inFlight.call(domain, call);
    Request request = request(by);
    long[] cost = ofCalls.take(NumberKey.of(domain, call));
    cost[CallCost.NS] = by.isKnown() ? t - by.since() : 0;
    unmap.returned(request.isKnown() ? inFlight.mapping(domain, by.mapping()).pages() : 0, cost);
    if (!request.isKnown()) {
      return;
    }
    long key = key(request);
    CallCost.add(ofRequests.of(key), cost);
    if (request.mappings() == 0) {
      long[] all = ofRequests.take(key);
      if (request.isMapped()) {
        unmap.request(all);
        clients.requestUnmapped(request.client(), all[CallCost.NS]);
      }
    }
  }

  @Override
  public void depotTrimmed(long t, int domain, long call, int order, long ranges) {
    ofCalls.drop(NumberKey.of(domain, call));
  }

  @Override
  public void cpuStolen(long t, int domain, long call, long ns) {
    long[] cost = ofCalls.take(NumberKey.of(domain, call));
    cost[CallCost.NS] = ns;
    timer.returned(0, cost);
  }

  /**
   * All hosts together.
   *
   * @param lockWaitsNs all waits for locks, within calls or not
   */
  static CpuTimeAnalysis.CpuTime result(List<CallFigures> hosts, long lockWaitsNs) {
    CallFigures sum = new CallFigures(new InFlight());
    for (CallFigures host : hosts) {
      sum.map.add(host.map);
      sum.unmap.add(host.unmap);
      sum.timer.add(host.timer);
    }
    CpuTimeAnalysis.Work map = sum.map.result();
    CpuTimeAnalysis.Work unmap = sum.unmap.result();
    CpuTimeAnalysis.Work timer = sum.timer.result();
    return new CpuTimeAnalysis.CpuTime(
        map,
        unmap,
        timer,
        lockWaitsNs
            - map.total().lockWaitNs()
            - unmap.total().lockWaitNs()
            - timer.total().lockWaitNs());
  }
}
