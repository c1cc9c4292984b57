package dev.mapstorm.persistence.inflight;

import dev.mapstorm.protocol.CallKind;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.InvalidationKind;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.Hears;
import dev.mapstorm.protocol.event.PartialSink;
import java.util.Comparator;
import java.util.List;

/**
 * The requests, calls, mappings, flushes and invalidations of a host between two of its events.
 *
 * <p>Feed it each event before those that ask: then what the event begins can be looked up, and
 * what it ends still can, until the next event: what was looked up must not be kept longer, since
 * objects are used again. What it is asked for and has not seen begin, as in a stream that is read
 * from its middle, is answered as unknown, never guessed. Memory is that of what is in flight. Not
 * thread-safe.
 */
@Hears({
  EventKind.DMA_REQUESTED,
  EventKind.CALL_ENTERED,
  EventKind.IOVA_ALLOCATED,
  EventKind.PTES_CLEARED,
  EventKind.DEPOT_TRIMMED,
  EventKind.MAPPED,
  EventKind.MAP_FAILED,
  EventKind.MAP_DECLINED,
  EventKind.UNMAPPED,
  EventKind.INVALIDATION_POSTED,
  EventKind.INVALIDATION_COMPLETED,
  EventKind.FLUSH_STARTED,
  EventKind.FLUSH_FINISHED,
  EventKind.REGIONS_REGISTERED,
  EventKind.SUBMITTED,
  EventKind.TRANSLATED,
  EventKind.COMPLETED,
  EventKind.REQUEST_DONE,
  EventKind.CPU_STOLEN,
  EventKind.POOL_ADDED
})
public final class InFlight extends PartialSink {
  /** Words of a call and of an invalidation in {@link #callers}. */
  private static final int CALL_WORDS = 8;

  private static final int INVALIDATION_WORDS = 9;

  private final InFlightTable<Call> calls = new InFlightTable<>(Call::new);
  private final InFlightTable<Mapping> mappings = new InFlightTable<>(Mapping::new);
  private final InFlightTable<Request> requests = new InFlightTable<>(Request::new);
  private final InFlightTable<Invalidation> invalidations = new InFlightTable<>(Invalidation::new);

  /** What the event before ended. */
  private Call endedCall = Call.UNKNOWN;

  private Mapping endedMapping = Mapping.UNKNOWN;
  private Request endedRequest = Request.UNKNOWN;
  private Invalidation endedInvalidation = Invalidation.UNKNOWN;
  private Call endedFlush = Call.UNKNOWN;
  private boolean ended;

  /** Nothing in flight. */
  public InFlight() {}

  /**
   * What {@link #callers} gave, without the rest: enough to say whose an event is, in a stream that
   * is read from there on.
   */
  public static InFlight resumed(long[] callers) {
    InFlight resumed = new InFlight();
    int at = 1;
    for (long left = callers[0]; left > 0; left--, at += CALL_WORDS) {
      int domain = (int) callers[at];
      long id = callers[at + 1];
      resumed
          .calls
          .begin(domain, id)
          .enter(
              (int) callers[at + 2],
              (int) callers[at + 3],
              callers[at + 4],
              CallKind.of((int) callers[at + 5]),
              callers[at + 6],
              callers[at + 7]);
    }
    for (; at < callers.length; at += INVALIDATION_WORDS) {
      int iommu = (int) callers[at];
      long ticket = callers[at + 1];
      int domain = (int) callers[at + 2];
      resumed
          .invalidations
          .begin(iommu, ticket)
          .post(
              resumed.call(domain, callers[at + 3]),
              domain,
              InvalidationKind.of((int) callers[at + 4]),
              callers[at + 5],
              callers[at + 6],
              callers[at + 7],
              callers[at + 8]);
    }
    return resumed;
  }

  /** What {@link #calls()} and the others gave, as one. */
  public static InFlight of(
      List<Call> calls,
      List<Mapping> mappings,
      List<Request> requests,
      List<Invalidation> invalidations) {
    InFlight of = new InFlight();
    calls.forEach(of.calls::adopt);
    mappings.forEach(of.mappings::adopt);
    requests.forEach(of.requests::adopt);
    invalidations.forEach(of.invalidations::adopt);
    return of;
  }

  /** The calls and invalidations under way, for {@link #resumed}. */
  public long[] callers() {
    List<Call> under = calls();
    List<Invalidation> posted = invalidations();
    long[] words = new long[1 + under.size() * CALL_WORDS + posted.size() * INVALIDATION_WORDS];
    words[0] = under.size();
    int at = 1;
    for (Call call : under) {
      words[at++] = call.domain();
      words[at++] = call.id();
      words[at++] = call.cpu();
      words[at++] = call.client();
      words[at++] = call.op();
      words[at++] = call.what().ordinal();
      words[at++] = call.mapping();
      words[at++] = call.since();
    }
    for (Invalidation each : posted) {
      words[at++] = each.iommu();
      words[at++] = each.ticket();
      words[at++] = each.domain();
      words[at++] = each.call().id();
      words[at++] = each.kind().ordinal();
      words[at++] = each.pfn();
      words[at++] = each.pages();
      words[at++] = each.covered();
      words[at++] = each.since();
    }
    return words;
  }

  /** The call that an event names, or {@link Call#UNKNOWN}. */
  public Call call(int domain, long call) {
    Call found = calls.get(domain, call);
    return found == null ? Call.UNKNOWN : found;
  }

  /** The mapping with this number, or {@link Mapping#UNKNOWN}. */
  public Mapping mapping(int domain, long mapping) {
    Mapping found = mappings.get(domain, mapping);
    return found == null ? Mapping.UNKNOWN : found;
  }

  /** The request that an event names, or {@link Request#UNKNOWN}. */
  public Request request(int client, long op) {
    Request found = requests.get(client, op);
    return found == null ? Request.UNKNOWN : found;
  }

  /** The invalidation that an event names, or {@link Invalidation#UNKNOWN}. */
  public Invalidation invalidation(int iommu, long ticket) {
    Invalidation found = invalidations.get(iommu, ticket);
    return found == null ? Invalidation.UNKNOWN : found;
  }

  /** The calls under way, by domain and number. */
  public List<Call> calls() {
    settle();
    return sorted(calls, Comparator.comparingInt(Call::domain).thenComparingLong(Call::id));
  }

  /** The mappings, by domain and number. */
  public List<Mapping> mappings() {
    settle();
    return sorted(
        mappings, Comparator.comparingInt(Mapping::domain).thenComparingLong(Mapping::id));
  }

  /** The requests, by client and number. */
  public List<Request> requests() {
    settle();
    return sorted(
        requests, Comparator.comparingInt(Request::client).thenComparingLong(Request::op));
  }

  /** The invalidations, by the instants at which they were posted, then unit and ticket. */
  public List<Invalidation> invalidations() {
    settle();
    return sorted(
        invalidations,
        Comparator.comparingLong(Invalidation::since)
            .thenComparingInt(Invalidation::iommu)
            .thenComparingLong(Invalidation::ticket));
  }

  private static <T extends Numbered> List<T> sorted(InFlightTable<T> table, Comparator<T> order) {
    List<T> all = table.all();
    all.sort(order);
    return all;
  }

  /** Forgets everything. */
  public void clear() {
    settle();
    List.of(calls, mappings, requests, invalidations).forEach(InFlightTable::clear);
  }

  /** Forgets what the event before ended. */
  private void settle() {
    if (ended) {
      forget();
    }
  }

  private void forget() {
    if (endedInvalidation.isKnown()) {
      endedInvalidation.letGo();
      invalidations.end(endedInvalidation);
      endedInvalidation = Invalidation.UNKNOWN;
    }
    if (endedCall.isKnown()) {
      calls.end(endedCall);
      endedCall = Call.UNKNOWN;
    }
    if (endedMapping.isKnown()) {
      mappings.end(endedMapping);
      endedMapping = Mapping.UNKNOWN;
    }
    if (endedRequest.isKnown()) {
      requests.end(endedRequest);
      endedRequest = Request.UNKNOWN;
    }
    if (endedFlush.isKnown()) {
      endedFlush.flushReason = Call.NO_FLUSH;
      endedFlush = Call.UNKNOWN;
    }
    ended = false;
  }

  @Override
  public void dmaRequested(
      long t, int client, long op, int direction, int api, int n, long[] phys, int[] length) {
    settle();
    long bytes = 0;
    for (int i = 0; i < n; i++) {
      bytes += length[i];
    }
    requests.begin(client, op).ask(Direction.of(direction), MapApi.of(api), n, bytes, t);
  }

  @Override
  public void callEntered(
      long t, int domain, long call, int cpu, int client, long op, int what, long mapping) {
    settle();
    calls.begin(domain, call).enter(cpu, client, op, CallKind.of(what), mapping, t);
  }

  private void end(Call call) {
    endedCall = call;
    ended = true;
  }

  @Override
  public void iovaAllocated(
      long t, int domain, long call, long pfn, long pages, int source, int walk) {
    settle();
    Call by = call(domain, call);
    if (by.isKnown()) {
      by.pfn = pfn;
      by.pages = pages;
    }
  }

  @Override
  public void ptesCleared(long t, int domain, long call, long pfn, long pages) {
    settle();
    Call by = call(domain, call);
    if (by.isKnown()) {
      by.pfn = pfn;
      by.pages = pages;
      by.clearedAt = t;
    }
  }

  @Override
  public void depotTrimmed(long t, int domain, long call, int order, long ranges) {
    settle();
    end(call(domain, call));
  }

  @Override
  public void poolAdded(long t, int domain, long call, int slots, int areas) {
    settle();
    end(call(domain, call));
  }

  @Override
  public void mapped(
      long t, int domain, long call, long pfn, long pages, int offset, long bytes, int vectors) {
    settle();
    Call by = call(domain, call);
    Request request = request(by.client(), by.op());
    long callNs = by.isKnown() ? t - by.since() + request.declinedNs : 0;
    mappings.begin(domain, call).hand(by, pfn, pages, offset, bytes, vectors, t, callNs);
    if (request.isKnown()) {
      request.declinedNs = 0;
      request.mappings++;
      request.mappedBytes += bytes;
      request.vectors += vectors;
      request.cpu = by.cpu();
      request.mappedAt = t;
      if (request.mapCallAt == Request.NEVER) {
        request.mapCallAt = t - callNs;
        request.firstPages = pages;
      }
      request.become(RequestStage.MAPPED, t);
    }
    end(by);
  }

  @Override
  public void mapFailed(long t, int domain, long call, int error) {
    settle();
    Call by = call(domain, call);
    Request request = request(by.client(), by.op());
    if (request.isKnown()) {
      request.become(RequestStage.FAILED, t);
      endIfOver(request);
    }
    end(by);
  }

  @Override
  public void mapDeclined(long t, int domain, long call, int error) {
    settle();
    Call by = call(domain, call);
    Request request = request(by.client(), by.op());
    if (request.isKnown()) {
      request.declinedNs += t - by.since();
    }
    end(by);
  }

  private void endIfOver(Request request) {
    if (request.isOver()) {
      endedRequest = request;
      ended = true;
    }
  }

  @Override
  public void unmapped(long t, int domain, long call) {
    settle();
    Call by = call(domain, call);
    Request request = request(by.client(), by.op());
    // What a failed link had mapped was never the request's.
    if (request.isKnown() && mapping(domain, by.mapping()).isKnown()) {
      request.mappings--;
      if (request.unmapCallAt == Request.NEVER) {
        request.unmapCallAt = by.since();
      }
      request.unmappedAt = t;
      request.become(RequestStage.UNMAPPED, t);
      endIfOver(request);
    }
    endedMapping = mapping(domain, by.mapping());
    end(by);
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
    settle();
    invalidations
        .begin(iommu, ticket)
        .post(call(domain, call), domain, InvalidationKind.of(kind), pfn, pages, covered, t);
  }

  @Override
  public void invalidationCompleted(long t, int iommu, long ticket, int dropped) {
    settle();
    endedInvalidation = invalidation(iommu, ticket);
    if (endedInvalidation.isKnown()) {
      endedInvalidation.complete(t);
    }
    ended = true;
  }

  @Override
  public void flushStarted(long t, int domain, long call, int reason) {
    settle();
    Call by = call(domain, call);
    if (by.isKnown()) {
      by.flushReason = reason;
      by.flushSince = t;
    }
  }

  @Override
  public void flushFinished(long t, int domain, long call, long freed) {
    settle();
    Call by = call(domain, call);
    if (by.isKnown()) {
      endedFlush = by;
      ended = true;
    }
  }

  @Override
  public void regionsRegistered(long t, int client, long op, int regions, long entries) {
    settle();
    Request request = request(client, op);
    if (request.isKnown()) {
      request.listEntries = entries;
    }
  }

  @Override
  public void submitted(long t, int device, int client, long op) {
    settle();
    Request request = request(client, op);
    if (request.isKnown()) {
      request.device = device;
      request.submittedAt = t;
      request.become(RequestStage.SUBMITTED, t);
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
    settle();
    Request request = request(client, op);
    if (request.isKnown()) {
      request.translatedAt = t;
      request.stallNs += stallNs;
      request.become(RequestStage.TRANSLATED, t);
    }
  }

  @Override
  public void completed(long t, int device, int client, long op) {
    settle();
    Request request = request(client, op);
    if (request.isKnown()) {
      request.completedAt = t;
      request.become(RequestStage.COMPLETED, t);
    }
  }

  @Override
  public void requestDone(long t, int client, long op, long bytes, long latencyNs) {
    settle();
    endedRequest = request(client, op);
    ended = true;
  }

  @Override
  public void cpuStolen(long t, int domain, long call, long ns) {
    settle();
    end(call(domain, call));
  }
}
