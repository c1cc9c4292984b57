package dev.mapstorm.persistence.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.mapstorm.persistence.analysis.Distribution;
import dev.mapstorm.persistence.analysis.ReasonCount;
import dev.mapstorm.persistence.analysis.batch.BatchAnalysis;
import dev.mapstorm.persistence.analysis.bounce.BounceAnalysis;
import dev.mapstorm.persistence.analysis.client.ClientAnalysis;
import dev.mapstorm.persistence.analysis.client.RequestAnalysis;
import dev.mapstorm.persistence.analysis.cpu.CpuTimeAnalysis;
import dev.mapstorm.persistence.analysis.cpu.StolenAnalysis;
import dev.mapstorm.persistence.analysis.device.TranslationAnalysis;
import dev.mapstorm.persistence.analysis.exposure.ExposureAnalysis;
import dev.mapstorm.persistence.analysis.extent.ExtentAnalysis;
import dev.mapstorm.persistence.analysis.flush.FlushAnalysis;
import dev.mapstorm.persistence.analysis.invalidation.InvalidationAnalysis;
import dev.mapstorm.persistence.analysis.iova.IovaAnalysis;
import dev.mapstorm.persistence.analysis.latency.LatencyAnalysis;
import dev.mapstorm.persistence.analysis.list.ListAnalysis;
import dev.mapstorm.persistence.analysis.lock.LockAnalysis;
import dev.mapstorm.protocol.BounceResult;
import dev.mapstorm.protocol.CallKind;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.FlushReason;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.InvalidationKind;
import dev.mapstorm.protocol.IovaDestination;
import dev.mapstorm.protocol.IovaSource;
import dev.mapstorm.protocol.LockClass;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.event.Event;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Every figure of a report once more, from the list of a host's events in the plainest way: with
 * all of them at hand, in as many passes as it takes, and nothing of what reads streams. {@link
 * #assertIn} holds a result against them.
 */
final class RecomputedFigures {
  private final List<Event> events;
  private final long first;
  private final long last;
  private final Map<List<Long>, Request> requests = new LinkedHashMap<>();
  private final List<Mapping> mappings = new ArrayList<>();
  private final List<Call> calls = new ArrayList<>();
  private final List<Part> parts = new ArrayList<>();
  private final Map<List<Long>, Event.CallEntered> entered = new HashMap<>();

  /** A request from its first event on. */
  private static final class Request {
    int client;
    int api;
    int direction;
    long asked;
    long mapped;
    boolean failed;
    long requestedAt;
    long submittedAt = -1;
    long translatedAt = -1;
    long completedAt = -1;
    long stallNs;
    Event.RequestDone done;
    final List<Mapping> mappings = new ArrayList<>();

    /** Calls that were declined, and no other has mapped anything since. */
    final List<Long> declined = new ArrayList<>();

    boolean isMapped() {
      return !failed && mapped >= asked;
    }

    boolean isUnmapped() {
      return isMapped() && mappings.stream().allMatch(each -> each.unmapCall != null);
    }
  }

  /** What one {@code mapped} event made. */
  private static final class Mapping {
    int domain;
    long number;
    long pages;
    Request request;
    Call mapCall;
    Call unmapCall;
  }

  private enum Kind {
    MAP,
    UNMAP,
    TIMER
  }

  /** A DMA call, or a timer callback, that is over. */
  private static final class Call {
    Kind kind;
    int domain;
    List<Long> ids;
    long from;
    long to;
    long pages;
    long iovas;
    final List<Part> parts = new ArrayList<>();

    long ns() {
      return to - from;
    }

    boolean holds(Part part) {
      return part.domain == domain && ids.contains(part.call);
    }
  }

  /** A wait for a lock, or an invalidation that is complete. */
  private static final class Part {
    LockClass lock;
    boolean ofInvalidation;
    int domain;
    long call;
    long begin;
    long end;
    long ns;
    Event.LockWaited wait;
    Event.InvalidationPosted posted;
    int dropped;

    @Override
    public String toString() {
      return "%d to %d: %s".formatted(begin, end, wait == null ? posted : wait);
    }
  }

  RecomputedFigures(List<Event> events) {
    this.events = events;
    first = events.stream().mapToLong(Event::t).min().orElse(0);
    last = events.stream().mapToLong(Event::t).max().orElse(0);
    for (int i = 0; i < events.size(); i++) {
      request(events.get(i));
      call(i);
      part(i);
    }
    for (Call call : calls) {
      parts.stream().filter(call::holds).forEach(call.parts::add);
      assertThat(call.parts)
          .allSatisfy(part -> assertThat(part.begin).isGreaterThanOrEqualTo(call.from))
          .allSatisfy(part -> assertThat(part.end).isLessThanOrEqualTo(call.to));
      assertThat(sum(call.parts, part -> part.ns)).isLessThanOrEqualTo(call.ns());
    }
  }

  private Event.CallEntered entered(int domain, long call) {
    return entered.get(List.of((long) domain, call));
  }

  private Request of(Event.CallEntered call) {
    return of(call.client(), call.op());
  }

  private Request of(int client, long op) {
    return requests.get(List.of((long) client, op));
  }

  private void request(Event event) {
    if (event instanceof Event.DmaRequested e) {
      Request request = new Request();
      request.client = e.client();
      request.api = e.api();
      request.direction = e.direction();
      request.asked = e.phyrs().stream().mapToLong(each -> each.length()).sum();
      request.requestedAt = e.t();
      requests.put(List.of((long) e.client(), e.op()), request);
    } else if (event instanceof Event.CallEntered e) {
      entered.put(List.of((long) e.domain(), e.call()), e);
    } else if (event instanceof Event.MapDeclined e) {
      of(entered(e.domain(), e.call())).declined.add(e.call());
    } else if (event instanceof Event.MapFailed e) {
      of(entered(e.domain(), e.call())).failed = true;
    } else if (event instanceof Event.Submitted e) {
      of(e.client(), e.op()).submittedAt = e.t();
    } else if (event instanceof Event.Translated e) {
      of(e.client(), e.op()).translatedAt = e.t();
      of(e.client(), e.op()).stallNs += e.stallNs();
    } else if (event instanceof Event.Completed e) {
      of(e.client(), e.op()).completedAt = e.t();
    } else if (event instanceof Event.RequestDone e) {
      of(e.client(), e.op()).done = e;
    }
  }

  private void call(int i) {
    Event event = events.get(i);
    if (event instanceof Event.Mapped e) {
      Request request = of(entered(e.domain(), e.call()));
      List<Long> ids = new ArrayList<>(request.declined);
      request.declined.clear();
      ids.add(e.call());
      long from = entered(e.domain(), ids.get(0)).t();
      Call call = over(Kind.MAP, e.domain(), ids, from, e.t());
      call.iovas =
          all(Event.IovaAllocated.class)
              .filter(each -> each.domain() == e.domain() && each.call() == e.call())
              .count();
      call.pages =
          call.iovas > 0
              ? all(Event.PtesMapped.class)
                  .filter(each -> each.domain() == e.domain() && each.call() == e.call())
                  .mapToLong(Event.PtesMapped::pages)
                  .sum()
              : Granule.spanned(e.offset(), e.bytes());
      Mapping mapping = new Mapping();
      mapping.domain = e.domain();
      mapping.number = e.call();
      mapping.pages = call.pages;
      mapping.mapCall = call;
      mapping.request = request;
      mapping.request.mapped += e.bytes();
      mapping.request.mappings.add(mapping);
      mappings.add(mapping);
    } else if (event instanceof Event.Unmapped e) {
      Event.CallEntered by = entered(e.domain(), e.call());
      Call call = over(Kind.UNMAP, e.domain(), List.of(e.call()), by.t(), e.t());
      for (Mapping each : of(by).mappings) {
        if (each.domain == e.domain() && each.number == by.mapping()) {
          assertThat(each.unmapCall).isNull();
          each.unmapCall = call;
          call.pages = each.pages;
        }
      }
    } else if (event instanceof Event.CpuStolen e) {
      over(Kind.TIMER, e.domain(), List.of(e.call()), e.t() - e.ns(), e.t());
    }
  }

  private Call over(Kind kind, int domain, List<Long> ids, long from, long to) {
    Call call = new Call();
    call.kind = kind;
    call.domain = domain;
    call.ids = ids;
    call.from = from;
    call.to = to;
    calls.add(call);
    return call;
  }

  private void part(int i) {
    if (events.get(i) instanceof Event.LockWaited e) {
      Part part = new Part();
      part.lock = LockClass.of(e.lock());
      part.wait = e;
      part.domain = e.domain();
      part.call = e.call();
      part.ns = e.waitNs();
      part.begin = isToldWhenOver(i, e) ? e.t() - e.waitNs() : e.t();
      part.end = part.begin + part.ns;
      parts.add(part);
    } else if (events.get(i) instanceof Event.InvalidationCompleted e) {
      int posted = posting(e);
      Part part = new Part();
      part.posted = (Event.InvalidationPosted) events.get(posted);
      part.domain = part.posted.domain();
      part.call = part.posted.call();
      part.begin = part.posted.t();
      part.end = e.t();
      // What is waited for together is waited for once.
      long since =
          parts.stream()
              .filter(each -> each.posted != null)
              .filter(each -> each.domain == part.domain && each.call == part.call)
              .mapToLong(each -> each.end)
              .reduce(part.begin, Math::max);
      part.ns = e.t() - since;
      part.dropped = e.dropped();
      for (Part wait : parts) {
        if (wait.lock != null
            && wait.lock.inInvalidation()
            && !wait.ofInvalidation
            && wait.domain == part.domain
            && wait.call == part.call
            && wait.begin >= part.begin) {
          wait.ofInvalidation = true;
          part.ns -= wait.ns;
        }
      }
      parts.add(part);
    }
  }

  private boolean isToldWhenOver(int i, Event.LockWaited e) {
    LockClass lock = LockClass.of(e.lock());
    Event before = i > 0 ? events.get(i - 1) : e;
    boolean comes =
        before.t() == e.t()
            && (before instanceof Event.FlushQueued queued
                    && queued.call() == e.call()
                    && queued.domain() == e.domain()
                || before instanceof Event.FlushStarted started
                    && started.call() == e.call()
                    && started.domain() == e.domain());
    return lock.toldWhenOver() || lock == LockClass.FLUSH_QUEUE && !comes;
  }

  /** Where the invalidation was posted that {@code e} completes. */
  private int posting(Event.InvalidationCompleted e) {
    for (int i = 0; i < events.size(); i++) {
      if (events.get(i) instanceof Event.InvalidationPosted p
          && p.iommu() == e.iommu()
          && p.ticket() == e.ticket()) {
        return i;
      }
    }
    throw new AssertionError("nothing was posted before " + e);
  }

  private <T extends Event> Stream<T> all(Class<T> kind) {
    return events.stream().filter(kind::isInstance).map(kind::cast);
  }

  private static <T> long sum(List<T> items, ToLongFunction<T> value) {
    return items.stream().mapToLong(value).sum();
  }

  private long upToEnd(long begin, long end) {
    return Math.max(0, Math.min(end, last) - begin);
  }

  // What a result must say.

  /** Holds a result against what the events say. */
  void assertIn(AnalysisResult result) {
    requests(result);
    latency(result);
    cpuTime(result);
    locks(result);
    invalidations(result);
    flushQueue(result);
    exposure(result);
    iova(result);
    bounces(result);
    lists(result);
    translation(result);
    batchSizing(result);
    wholes(result);
  }

  private void requests(AnalysisResult result) {
    assertThat(result.of(ExtentAnalysis.EXTENT).events()).isEqualTo(events.size());
    assertThat(result.of(ExtentAnalysis.EXTENT).spanNs()).isEqualTo(last - first);
    Set<Integer> clients = new HashSet<>();
    requests.values().forEach(each -> clients.add(each.client));
    assertThat(result.of(ClientAnalysis.CLIENTS))
        .extracting(ClientAnalysis.Client::client)
        .hasSameElementsAs(clients);
    for (ClientAnalysis.Client client : result.of(ClientAnalysis.CLIENTS)) {
      client(client, each -> each.client == client.client());
    }
    client(result.of(RequestAnalysis.REQUESTS), each -> true);
  }

  private void client(ClientAnalysis.Client client, Predicate<Request> its) {
    List<Request> own = requests.values().stream().filter(its).toList();
    List<Request> done = own.stream().filter(each -> each.done != null).toList();
    List<Mapping> mapped = mappings.stream().filter(each -> its.test(each.request)).toList();
    List<Mapping> back = mapped.stream().filter(each -> each.unmapCall != null).toList();
    assertThat(client.requested()).isEqualTo(own.size());
    assertThat(client.done()).isEqualTo(done.size());
    assertThat(client.bytes()).isEqualTo(sum(done, each -> each.done.bytes()));
    assertThat(client.donePerSecond()).isEqualTo(perSecond(client.done()));
    assertThat(client.bytesPerSecond()).isEqualTo(perSecond(client.bytes()));
    distribution(client.latency(), done.stream().mapToLong(each -> each.done.latencyNs()));
    assertThat(client.mappings()).isEqualTo(mapped.size());
    assertThat(client.mappedPages()).isEqualTo(sum(mapped, each -> each.pages));
    assertThat(client.mapCallNs()).isEqualTo(sum(mapped, each -> each.mapCall.ns()));
    assertThat(client.unmapCallNs()).isEqualTo(sum(back, each -> each.unmapCall.ns()));
    List<Request> whole = own.stream().filter(Request::isMapped).toList();
    List<Request> gone = own.stream().filter(Request::isUnmapped).toList();
    assertThat(client.requestsMapped()).isEqualTo(whole.size());
    assertThat(client.requestsUnmapped()).isEqualTo(gone.size());
    assertThat(client.requestsMappedNs())
        .isEqualTo(sum(whole, each -> sum(each.mappings, one -> one.mapCall.ns())));
    assertThat(client.requestsUnmappedNs())
        .isEqualTo(sum(gone, each -> sum(each.mappings, one -> one.unmapCall.ns())));
  }

  private long perSecond(long count) {
    return last == first
        ? 0
        : BigInteger.valueOf(count)
            .multiply(BigInteger.valueOf(1_000_000_000))
            .divide(BigInteger.valueOf(last - first))
            .longValueExact();
  }

  private static void distribution(Distribution found, LongStream values) {
    long[] sorted = values.sorted().toArray();
    long sum = LongStream.of(sorted).sum();
    assertThat(found.count()).isEqualTo(sorted.length);
    assertThat(found.sum()).isEqualTo(sum);
    if (sorted.length > 0) {
      assertThat(found.mean()).isEqualTo(sum / sorted.length);
      assertThat(found.max()).isEqualTo(sorted[sorted.length - 1]);
      percentile(sorted, found.p50(), 50);
      percentile(sorted, found.p90(), 90);
      percentile(sorted, found.p99(), 99);
      percentile(sorted, found.p999(), 99.9);
    }
  }

  private static void percentile(long[] sorted, long found, double percent) {
    long notAbove = LongStream.of(sorted).filter(each -> each <= found).count();
    assertThat((double) notAbove).isGreaterThanOrEqualTo(sorted.length * percent / 100 - 0.5);
    assertThat(found).isLessThanOrEqualTo(sorted[sorted.length - 1]);
  }

  private void latency(AnalysisResult result) {
    for (LatencyAnalysis.Latency kind : result.of(LatencyAnalysis.LATENCY)) {
      List<Request> done =
          requests.values().stream()
              .filter(each -> each.done != null)
              .filter(each -> MapApi.of(each.api).label().equals(kind.api()))
              .filter(each -> Direction.of(each.direction).label().equals(kind.direction()))
              .toList();
      distribution(kind.total(), done.stream().mapToLong(each -> each.done.latencyNs()));
      assertThat(kind.stallNs()).isEqualTo(sum(done, each -> each.stallNs));
      for (int phase = 0; phase < kind.phases().size(); phase++) {
        int number = phase;
        distribution(
            kind.phases().get(phase).time(),
            done.stream().mapToLong(each -> borders(each)[number + 1] - borders(each)[number]));
      }
      assertThat(sum(kind.phases(), each -> each.time().sum())).isEqualTo(kind.total().sum());
    }
  }

  /** The instants between the phases of a request; one that was not reached is that before. */
  private static long[] borders(Request request) {
    long end = request.done.t();
    long begin = end - request.done.latencyNs();
    long[] passed = {
      request.requestedAt,
      request.mappings.stream().mapToLong(each -> each.mapCall.from).findFirst().orElse(-1),
      request.mappings.stream().mapToLong(each -> each.mapCall.to).max().orElse(-1),
      request.submittedAt,
      request.translatedAt,
      request.completedAt,
      request.mappings.stream().mapToLong(each -> each.unmapCall.from).min().orElse(-1),
      request.mappings.stream().mapToLong(each -> each.unmapCall.to).max().orElse(-1),
    };
    long[] borders = new long[passed.length + 2];
    borders[0] = begin;
    for (int i = 0; i < passed.length; i++) {
      borders[i + 1] = Math.max(borders[i], Math.min(passed[i], end));
    }
    borders[passed.length + 1] = end;
    return borders;
  }

  private void cpuTime(AnalysisResult result) {
    CpuTimeAnalysis.CpuTime time = result.of(CpuTimeAnalysis.CPU_TIME);
    List<Request> mapped = requests.values().stream().filter(Request::isMapped).toList();
    List<Request> unmapped = requests.values().stream().filter(Request::isUnmapped).toList();
    work(time.map(), Kind.MAP, mapped);
    work(time.unmap(), Kind.UNMAP, unmapped);
    work(time.timer(), Kind.TIMER, List.of());
    assertThat(time.timer().total().ns())
        .isEqualTo(sum(result.of(StolenAnalysis.STOLEN), each -> each.ns()));
    assertThat(time.map().total().ns()).isEqualTo(result.of(RequestAnalysis.REQUESTS).mapCallNs());
    assertThat(time.unmap().total().ns())
        .isEqualTo(result.of(RequestAnalysis.REQUESTS).unmapCallNs());
    assertThat(time.map().ofRequests().ns())
        .isEqualTo(result.of(RequestAnalysis.REQUESTS).requestsMappedNs());
    assertThat(time.unmap().ofRequests().ns())
        .isEqualTo(result.of(RequestAnalysis.REQUESTS).requestsUnmappedNs());
    assertThat(time.otherLockWaitNs())
        .isNotNegative()
        .isEqualTo(
            sum(result.of(LockAnalysis.LOCKS), each -> each.use().waitsNs())
                - time.map().total().lockWaitNs()
                - time.unmap().total().lockWaitNs()
                - time.timer().total().lockWaitNs());
  }

  private void work(CpuTimeAnalysis.Work work, Kind kind, List<Request> through) {
    List<Call> own = calls.stream().filter(each -> each.kind == kind).toList();
    assertThat(work.calls()).isEqualTo(own.size());
    assertThat(work.pages()).isEqualTo(sum(own, each -> each.pages));
    assertThat(work.requests()).isEqualTo(through.size());
    spent(work.total(), own);
    List<Call> ofRequests =
        through.stream()
            .flatMap(each -> each.mappings.stream())
            .map(each -> kind == Kind.MAP ? each.mapCall : each.unmapCall)
            .toList();
    spent(work.ofRequests(), ofRequests);
  }

  private static void spent(CpuTimeAnalysis.Spent spent, List<Call> calls) {
    assertThat(spent.ns()).isEqualTo(sum(calls, Call::ns));
    assertThat(spent.iovas()).isEqualTo(sum(calls, each -> each.iovas));
    assertThat(spent.lockWaitNs()).isEqualTo(sum(spent.lockWaits(), each -> each.ns()));
    assertThat(spent.lockWaitNs() + spent.unitWaitNs()).isLessThanOrEqualTo(spent.ns());
    List<Part> parts = calls.stream().flatMap(each -> each.parts.stream()).toList();
    Map<LockClass, Long> waits = new TreeMap<>();
    parts.stream()
        .filter(each -> each.lock != null)
        .forEach(each -> waits.merge(each.lock, each.ns, Long::sum));
    assertThat(spent.lockWaits())
        .extracting(CpuTimeAnalysis.LockTime::lock, CpuTimeAnalysis.LockTime::ns)
        .containsExactlyElementsOf(
            waits.entrySet().stream()
                .map(each -> tuple(each.getKey().label(), each.getValue()))
                .toList());
    List<Part> posted = parts.stream().filter(each -> each.posted != null).toList();
    List<Part> ranges = posted.stream().filter(each -> isPageSelective(each.posted)).toList();
    assertThat(spent.unitWaitNs()).isEqualTo(sum(posted, each -> each.ns));
    assertThat(spent.pageSelective()).isEqualTo(ranges.size());
    assertThat(spent.domainSelective()).isEqualTo(posted.size() - ranges.size());
    assertThat(spent.pagesAsked()).isEqualTo(sum(ranges, each -> each.posted.pages()));
    assertThat(spent.pagesCovered()).isEqualTo(sum(ranges, each -> each.posted.covered()));
    assertThat(spent.dropped()).isEqualTo(sum(posted, each -> each.dropped));
  }

  private static boolean isPageSelective(Event.InvalidationPosted posted) {
    return posted.kind() == InvalidationKind.PSI.ordinal();
  }

  private void locks(AnalysisResult result) {
    for (LockAnalysis.Lock lock : result.of(LockAnalysis.LOCKS)) {
      LockClass of =
          Stream.of(LockClass.values())
              .filter(each -> each.label().equals(lock.lock()))
              .findFirst()
              .orElseThrow();
      long instances =
          Stream.concat(
                  all(Event.LockUsed.class)
                      .filter(each -> each.lock() == of.ordinal())
                      .map(Event.LockUsed::instance),
                  all(Event.LockWaited.class)
                      .filter(each -> each.lock() == of.ordinal())
                      .map(Event.LockWaited::instance))
              .distinct()
              .count();
      assertThat(lock.instances()).hasSize((int) instances);
      lock.instances().forEach(each -> lock(of, each));
      assertThat(lock.use().waitsNs())
          .isEqualTo(sum(lock.instances(), each -> each.use().waitsNs()));
      assertThat(lock.use().heldNs()).isEqualTo(sum(lock.instances(), each -> each.use().heldNs()));
      assertThat(lock.use().waits()).isEqualTo(sum(lock.instances(), each -> each.use().waits()));
      assertThat(sum(lock.pairs(), each -> each.waitNs())).isEqualTo(lock.use().waitsNs());
      assertThat(sum(lock.pairs(), each -> each.waits())).isEqualTo(lock.use().waits());
    }
  }

  private void lock(LockClass of, LockAnalysis.LockInstance lock) {
    long longest =
        all(Event.LockHeldLong.class)
            .filter(each -> each.lock() == of.ordinal())
            .filter(each -> of.describe(each.instance()).equals(lock.instance()))
            .mapToLong(Event.LockHeldLong::heldNs)
            .max()
            .orElse(0);
    LockAnalysis.Hold hold = lock.use().longest();
    assertThat(hold == null ? 0 : hold.heldNs()).isEqualTo(Math.min(longest, lock.use().heldNs()));
    List<Event.LockUsed> used =
        all(Event.LockUsed.class)
            .filter(each -> each.lock() == of.ordinal())
            .filter(each -> of.describe(each.instance()).equals(lock.instance()))
            .toList();
    List<Part> waits =
        parts.stream()
            .filter(each -> each.lock == of)
            .filter(each -> of.describe(each.wait.instance()).equals(lock.instance()))
            .toList();
    long[] inside =
        waits.stream()
            .mapToLong(each -> upToEnd(each.begin, each.end))
            .filter(ns -> ns > 0)
            .toArray();
    assertThat(lock.use().waits()).isEqualTo(inside.length);
    assertThat(lock.use().waitsNs()).isEqualTo(LongStream.of(inside).sum());
    if (inside.length > 0) {
      assertThat(lock.use().worst().waitNs()).isEqualTo(LongStream.of(inside).max().orElseThrow());
    }
    long later = waits.stream().filter(each -> each.end > last).count();
    long taken = sum(used, Event.LockUsed::acquisitions);
    assertThat(lock.use().acquisitions()).isEqualTo(Math.max(0, taken - later));
    long behind = waits.stream().mapToLong(each -> Math.max(0, each.end - last)).max().orElse(0);
    long held = Math.max(0, sum(used, Event.LockUsed::heldNs) - behind);
    assertThat(lock.use().heldNs()).isEqualTo(Math.min(held, last - first));
  }

  private void invalidations(AnalysisResult result) {
    InvalidationAnalysis.Invalidations found = result.of(InvalidationAnalysis.INVALIDATIONS);
    List<Event.InvalidationPosted> posted = all(Event.InvalidationPosted.class).toList();
    List<Event.InvalidationCompleted> completed = all(Event.InvalidationCompleted.class).toList();
    List<Event.InvalidationPosted> ranges =
        posted.stream().filter(RecomputedFigures::isPageSelective).toList();
    assertThat(found.pageSelective()).isEqualTo(ranges.size());
    assertThat(found.domainSelective()).isEqualTo(posted.size() - ranges.size());
    assertThat(found.pagesAsked()).isEqualTo(sum(ranges, each -> each.pages()));
    assertThat(found.pagesCovered()).isEqualTo(sum(ranges, each -> each.covered()));
    assertThat(found.dropped()).isEqualTo(sum(completed, each -> each.dropped()));
    assertThat(found.perSecond()).isEqualTo(perSecond(posted.size()));
    distribution(found.latency(), completed.stream().mapToLong(this::latency));
    assertThat(sum(found.units(), each -> each.posted())).isEqualTo(posted.size());
    for (InvalidationAnalysis.Unit unit : found.units()) {
      assertThat(unit.posted())
          .isEqualTo(posted.stream().filter(each -> each.iommu() == unit.iommu()).count());
      assertThat(unit.inFlightMax()).isEqualTo(mostInFlight(unit.iommu()));
      distribution(
          unit.latency(),
          completed.stream().filter(each -> each.iommu() == unit.iommu()).mapToLong(this::latency));
    }
    if (!posted.isEmpty()) {
      long width = found.worstWindow().widthNs();
      long worst =
          posted.stream()
              .mapToLong(
                  each ->
                      posted.stream().filter(one -> one.t() / width == each.t() / width).count())
              .max()
              .orElseThrow();
      assertThat(found.worstWindow().invalidations()).isEqualTo(worst);
    }
  }

  private long latency(Event.InvalidationCompleted done) {
    return done.t() - events.get(posting(done)).t();
  }

  private long mostInFlight(int unit) {
    long now = 0;
    long most = 0;
    for (Event event : events) {
      if (event instanceof Event.InvalidationPosted e && e.iommu() == unit) {
        most = Math.max(most, ++now);
      } else if (event instanceof Event.InvalidationCompleted e && e.iommu() == unit) {
        now--;
      }
    }
    return most;
  }

  private void flushQueue(AnalysisResult result) {
    FlushAnalysis.FlushQueue found = result.of(FlushAnalysis.FLUSH_QUEUES);
    List<Event.FlushQueued> queued = all(Event.FlushQueued.class).toList();
    assertThat(found.queued()).isEqualTo(queued.size());
    assertThat(found.queuedPages()).isEqualTo(sum(queued, each -> each.pages()));
    for (ReasonCount reason : found.flushes()) {
      assertThat(reason.count())
          .isEqualTo(
              all(Event.FlushStarted.class)
                  .filter(each -> FlushReason.of(each.reason()).label().equals(reason.reason()))
                  .count());
    }
    distribution(found.freed(), all(Event.FlushFinished.class).mapToLong(each -> each.freed()));
    List<Event.FlushStarted> going = new ArrayList<>();
    List<Long> took = new ArrayList<>();
    for (Event event : events) {
      if (event instanceof Event.FlushStarted e) {
        going.add(e);
      } else if (event instanceof Event.FlushFinished e) {
        Event.FlushStarted begun =
            going.stream()
                .filter(each -> each.domain() == e.domain() && each.call() == e.call())
                .findFirst()
                .orElseThrow();
        going.remove(begun);
        took.add(e.t() - begun.t());
      }
    }
    distribution(found.took(), took.stream().mapToLong(each -> each));
  }

  /** A range that was queued: what it has to wait for, and since when it is exposed. */
  private record Queued(int domain, long started, long clearedAt, long pfn, long pages) {}

  private void exposure(AnalysisResult result) {
    List<Event.PtesCleared> cleared = new ArrayList<>();
    List<Queued> waiting = new ArrayList<>();
    Map<Integer, Long> started = new HashMap<>();
    Map<Integer, Long> finished = new HashMap<>();
    List<Long> lazy = new ArrayList<>();
    List<Long> strict = new ArrayList<>();
    for (Event event : events) {
      if (event instanceof Event.PtesCleared e) {
        Event.CallEntered by = entered(e.domain(), e.call());
        // What a failed mapping takes back was never handed out.
        if (by == null || !CallKind.of(by.what()).maps()) {
          cleared.add(e);
        }
      } else if (event instanceof Event.FlushQueued e) {
        Event.PtesCleared range = take(cleared, e.domain(), e.call(), e.pfn(), e.pages());
        long since = range == null ? e.t() : range.t();
        waiting.add(
            new Queued(
                e.domain(), started.getOrDefault(e.domain(), 0L), since, e.pfn(), e.pages()));
      } else if (event instanceof Event.FlushStarted e) {
        started.merge(e.domain(), 1L, Long::sum);
      } else if (event instanceof Event.Unmapped e) {
        cleared.removeIf(each -> each.call() == e.call() && each.domain() == e.domain());
      } else if (event instanceof Event.InvalidationCompleted e) {
        Event.InvalidationPosted posted = (Event.InvalidationPosted) events.get(posting(e));
        if (posted.pages() > 0 && flushes(events.indexOf(posted), posted)) {
          for (Queued each : List.copyOf(waiting)) {
            if (each.domain == posted.domain()
                && each.pfn >= posted.pfn()
                && each.pfn + each.pages <= posted.pfn() + posted.pages()) {
              waiting.remove(each);
              lazy.add(e.t() - each.clearedAt);
            }
          }
        } else if (posted.pages() > 0) {
          Event.PtesCleared range =
              take(cleared, posted.domain(), posted.call(), posted.pfn(), posted.pages());
          if (range != null) {
            strict.add(e.t() - range.t());
          }
        } else {
          long done = finished.merge(posted.domain(), 1L, Long::sum);
          for (Queued each : List.copyOf(waiting)) {
            if (each.domain == posted.domain() && each.started < done) {
              waiting.remove(each);
              lazy.add(e.t() - each.clearedAt);
            }
          }
        }
      }
    }
    ExposureAnalysis.Exposure found = result.of(ExposureAnalysis.EXPOSURE);
    distribution(found.lazy(), lazy.stream().mapToLong(each -> each));
    distribution(found.strict(), strict.stream().mapToLong(each -> each));
    assertThat(found.stillQueued()).isEqualTo(waiting.size());
    assertThat(found.oldestNs())
        .isEqualTo(waiting.stream().mapToLong(each -> last - each.clearedAt).max().orElse(0));
  }

  /** Whether the call that posted an invalidation was flushing the queue. */
  private boolean flushes(int at, Event.InvalidationPosted posted) {
    for (int i = at; i >= 0; i--) {
      Event event = events.get(i);
      if (event instanceof Event.FlushFinished e
          && e.call() == posted.call()
          && e.domain() == posted.domain()) {
        return false;
      }
      if (event instanceof Event.FlushStarted e
          && e.call() == posted.call()
          && e.domain() == posted.domain()) {
        return true;
      }
    }
    return false;
  }

  private static Event.PtesCleared take(
      List<Event.PtesCleared> cleared, int domain, long call, long pfn, long pages) {
    for (Event.PtesCleared each : cleared) {
      if (each.domain() == domain
          && each.call() == call
          && each.pfn() >= pfn
          && each.pfn() < pfn + pages) {
        cleared.remove(each);
        return each;
      }
    }
    return null;
  }

  private void lists(AnalysisResult result) {
    ListAnalysis.Lists found = result.of(ListAnalysis.LISTS);
    List<Event.RegionsRegistered> registered = all(Event.RegionsRegistered.class).toList();
    assertThat(found.registrations()).isEqualTo(registered.size());
    assertThat(found.regions()).isEqualTo(sum(registered, each -> each.regions()));
    assertThat(found.entries()).isEqualTo(sum(registered, each -> each.entries()));
    long bytes = 0;
    long done = 0;
    for (Event.RequestDone each : all(Event.RequestDone.class).toList()) {
      Event.DmaRequested asked =
          all(Event.DmaRequested.class)
              .filter(one -> one.client() == each.client() && one.op() == each.op())
              .findFirst()
              .orElse(null);
      if (asked == null || asked.api() == MapApi.REUSED.ordinal()) {
        continue;
      }
      long vectors =
          all(Event.Mapped.class)
              .filter(one -> isOf(entered(one.domain(), one.call()), each))
              .mapToLong(Event.Mapped::vectors)
              .sum();
      long ranges = asked.phyrs().size();
      bytes += asked.api() == MapApi.SG.ordinal() ? 32 * ranges : 16 * (ranges + vectors);
      bytes +=
          registered.stream()
              .filter(one -> one.client() == each.client() && one.op() == each.op())
              .mapToLong(one -> 8 * one.entries())
              .sum();
      done++;
    }
    assertThat(found.requests()).isEqualTo(done);
    assertThat(found.bytes()).isEqualTo(bytes);
  }

  private static boolean isOf(Event.CallEntered call, Event.RequestDone done) {
    return call.client() == done.client() && call.op() == done.op();
  }

  private void bounces(AnalysisResult result) {
    BounceAnalysis.Bounces found = result.of(BounceAnalysis.BOUNCES);
    List<Event.Bounced> bounced = all(Event.Bounced.class).toList();
    List<Event.BounceFailed> failed = all(Event.BounceFailed.class).toList();
    for (ReasonCount each : found.results()) {
      long count =
          bounced.stream()
                  .filter(one -> BounceResult.of(one.result()).label().equals(each.reason()))
                  .count()
              + failed.stream()
                  .filter(one -> BounceResult.of(one.result()).label().equals(each.reason()))
                  .count();
      assertThat(each.count()).as(each.reason()).isEqualTo(count);
    }
    long toDevice =
        all(Event.BounceCopied.class)
            .filter(one -> one.direction() == Direction.TO_DEVICE.ordinal())
            .mapToLong(Event.BounceCopied::bytes)
            .sum();
    long back = all(Event.BounceCopied.class).mapToLong(Event.BounceCopied::bytes).sum() - toDevice;
    assertThat(found.bytesIn())
        .isEqualTo(bounced.stream().mapToLong(Event.Bounced::bytes).sum() + toDevice);
    assertThat(found.bytesBack()).isEqualTo(back);
    assertThat(found.buffers()).isEqualTo(bounced.stream().mapToLong(Event.Bounced::buffers).sum());
    assertThat(found.checked())
        .isEqualTo(
            bounced.stream().mapToLong(Event.Bounced::checked).sum()
                + failed.stream().mapToLong(Event.BounceFailed::checked).sum());
    assertThat(found.areas())
        .isEqualTo(
            bounced.stream().mapToLong(Event.Bounced::areas).sum()
                + failed.stream().mapToLong(Event.BounceFailed::areas).sum());
    assertThat(found.poolsAdded())
        .isEqualTo(all(Event.PoolAdded.class).filter(one -> one.slots() > 0).count());
  }

  private void iova(AnalysisResult result) {
    IovaAnalysis.Iova found = result.of(IovaAnalysis.IOVA);
    List<Event.IovaAllocated> allocated = all(Event.IovaAllocated.class).toList();
    List<Event.IovaFreed> freed = all(Event.IovaFreed.class).toList();
    for (IovaAnalysis.SourceCount source : found.sources()) {
      assertThat(source.count())
          .isEqualTo(
              allocated.stream()
                  .filter(each -> IovaSource.of(each.source()).label().equals(source.source()))
                  .count());
    }
    for (IovaAnalysis.DestinationCount to : found.destinations()) {
      assertThat(to.count())
          .isEqualTo(
              freed.stream()
                  .filter(
                      each ->
                          IovaDestination.of(each.destination()).label().equals(to.destination()))
                  .count());
    }
    List<Event.IovaAllocated> fromTree =
        allocated.stream()
            .filter(
                each ->
                    each.source() == IovaSource.TREE.ordinal()
                        || each.source() == IovaSource.FLUSHED_TREE.ordinal())
            .toList();
    distribution(found.walk(), fromTree.stream().mapToLong(each -> each.walk()));
    assertThat(sum(found.sources(), each -> each.count())).isEqualTo(allocated.size());
    assertThat(sum(found.sizes(), each -> each.allocated())).isEqualTo(allocated.size());
    assertThat(sum(found.sizes(), each -> each.fromTree())).isEqualTo(fromTree.size());
    assertThat(found.cacheFlushes()).isEqualTo(all(Event.IovaCachesFlushed.class).count());
    assertThat(found.depotTrims()).isEqualTo(all(Event.DepotTrimmed.class).count());
    long pages = 0;
    long most = 0;
    Map<Integer, Long> tables = new HashMap<>();
    long mostTables = 0;
    for (Event event : events) {
      if (event instanceof Event.IovaAllocated e) {
        pages += e.pages();
        most = Math.max(most, pages);
      } else if (event instanceof Event.IovaFreed e) {
        pages -= e.pages();
      } else if (event instanceof Event.TablesChanged e) {
        tables.put(e.domain(), e.tables());
        mostTables = Math.max(mostTables, tables.values().stream().mapToLong(each -> each).sum());
      }
    }
    assertThat(found.pagesMax()).isEqualTo(most);
    assertThat(found.tablesMax()).isEqualTo(mostTables);
  }

  private void translation(AnalysisResult result) {
    for (TranslationAnalysis.Device device : result.of(TranslationAnalysis.TRANSLATION).devices()) {
      device(device, each -> each.device() == device.device());
    }
    device(result.of(TranslationAnalysis.TRANSLATION).total(), each -> true);
    for (TranslationAnalysis.ErrorCount error :
        result.of(TranslationAnalysis.TRANSLATION).faults()) {
      assertThat(error.count())
          .isEqualTo(
              all(Event.Faulted.class)
                  .filter(each -> DmaError.of(each.error()).label().equals(error.error()))
                  .count());
    }
  }

  private void device(TranslationAnalysis.Device device, Predicate<Event.Translated> its) {
    List<Event.Translated> own = all(Event.Translated.class).filter(its).toList();
    assertThat(device.translations()).isEqualTo(own.size());
    assertThat(device.pages()).isEqualTo(sum(own, each -> each.pages()));
    assertThat(device.hits()).isEqualTo(sum(own, each -> each.hits()));
    assertThat(device.reads()).isEqualTo(sum(own, each -> each.reads()));
    long[] stalls =
        own.stream().mapToLong(each -> upToEnd(each.t(), each.t() + each.stallNs())).toArray();
    assertThat(device.stallNs()).isEqualTo(LongStream.of(stalls).sum());
    assertThat(device.stallMaxNs()).isEqualTo(LongStream.of(stalls).max().orElse(0));
  }

  private void batchSizing(AnalysisResult result) {
    for (BatchAnalysis.BatchSizes api : result.of(BatchAnalysis.BATCH_SIZING)) {
      for (BatchAnalysis.BatchSize size : api.sizes()) {
        Predicate<Mapping> its =
            each ->
                each.pages == size.pages() && MapApi.of(each.request.api).label().equals(api.api());
        List<Mapping> back =
            mappings.stream().filter(its).filter(each -> each.unmapCall != null).toList();
        assertThat(size.mappings()).isEqualTo(back.size());
        assertThat(size.mapCallNs()).isEqualTo(sum(back, each -> each.mapCall.ns()));
        assertThat(size.unmapCallNs()).isEqualTo(sum(back, each -> each.unmapCall.ns()));
        distribution(
            size.latency(),
            requests.values().stream()
                .filter(each -> each.done != null && !each.mappings.isEmpty())
                .filter(each -> its.test(each.mappings.get(0)))
                .mapToLong(each -> each.done.latencyNs()));
      }
    }
  }

  /** No part is above its whole, whatever the parts are. */
  private void wholes(AnalysisResult result) {
    long span = last - first;
    result.of(LockAnalysis.LOCKS).stream()
        .flatMap(lock -> lock.instances().stream())
        .forEach(lock -> assertThat(lock.use().heldNs()).isBetween(0L, span));
    result
        .of(TranslationAnalysis.TRANSLATION)
        .devices()
        .forEach(each -> assertThat(each.stallMaxNs()).isBetween(0L, span));
    result
        .of(StolenAnalysis.STOLEN)
        .forEach(each -> assertThat(each.ns()).isLessThanOrEqualTo(domains() * span));
    result
        .of(LockAnalysis.LOCKS)
        .forEach(lock -> lock.pairs().forEach(each -> assertThat(each.waitNs()).isPositive()));
    ReportText.of(result, 1000)
        .lines()
        .flatMap(line -> Pattern.compile("([0-9.]+) %").matcher(line).results())
        .forEach(share -> assertThat(Double.parseDouble(share.group(1))).isLessThanOrEqualTo(100));
  }

  /** The timer callbacks of one domain follow each other. */
  private long domains() {
    return 1 + all(Event.FlushStarted.class).mapToInt(Event.FlushStarted::domain).max().orElse(0);
  }
}
