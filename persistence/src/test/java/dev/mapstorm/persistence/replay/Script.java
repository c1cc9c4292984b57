package dev.mapstorm.persistence.replay;

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
import dev.mapstorm.protocol.event.EventSink;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Hand-made events for tests, one short method each, at an instant that {@link #at} sets. The
 * domain is 0, the unit 0, the device 0, and a client runs on the CPU of its own number, unless
 * said otherwise.
 *
 * <p>Calls, mappings and tickets get their numbers here. What a CPU does belongs to its latest call
 * that has not returned; where there is none, one is entered. A call that returns after a time that
 * is given was entered so long before: {@code call-entered} is then written (again) with that
 * instant.
 */
public final class Script {
  private static final int NOBODY = -1;

  private final EventSink sink;
  private final Map<Integer, Deque<Open>> callsOf = new HashMap<>();
  private final Map<Integer, Deque<Long>> ticketsOf = new HashMap<>();
  private final Map<Long, Made> madeAt = new HashMap<>();
  private final Map<List<Long>, Long> madeFor = new HashMap<>();
  private final Map<Long, Open> clearedBy = new HashMap<>();
  private final Map<Integer, Deque<Open>> flushesOf = new HashMap<>();
  private final Map<Integer, Long> opOf = new HashMap<>();
  private final Map<Integer, Long> writtenBy = new HashMap<>();
  private long t;
  private int domain;
  private long lastCall;
  private long lastTicket;

  /** A call that has not returned. */
  private record Open(long id, int client, long op, CallKind what, long mapping, long since) {}

  /** A mapping: its number and its request. */
  private record Made(long id, long op) {}

  public Script(EventSink sink) {
    this.sink = sink;
  }

  /** A CPU comes into the domain. */
  private Open enter(int cpu, int client, long op, CallKind what, long mapping) {
    lastCall++;
    Open call = new Open(lastCall, client, op, what, mapping < 0 ? lastCall : mapping, t);
    callsOf.computeIfAbsent(cpu, key -> new ArrayDeque<>()).push(call);
    tell(cpu, call);
    return call;
  }

  private void tell(int cpu, Open call) {
    sink.callEntered(
        call.since, domain, call.id, cpu, call.client, call.op, call.what.ordinal(), call.mapping);
  }

  private long op(int client) {
    return opOf.getOrDefault(client, 0L);
  }

  /** The latest call of a CPU, which takes a mapping back if it has to be entered. */
  private long call(int cpu) {
    Deque<Open> open = callsOf.get(cpu);
    return open == null || open.isEmpty()
        ? enter(cpu, cpu, op(cpu), CallKind.UNMAP, NOBODY).id
        : open.peek().id;
  }

  /** The call of a CPU that has cleared a range, or else its latest. */
  private long call(int cpu, long pfn) {
    Open cleared = clearedBy.get(pfn);
    Deque<Open> open = callsOf.get(cpu);
    return cleared != null && open != null && open.contains(cleared) ? cleared.id : call(cpu);
  }

  /** Granules that a client has written for the mapping at hand; without any what bytes span. */
  private long written(int client, long bytes) {
    Long pages = writtenBy.remove(client);
    return pages == null ? Granule.pages(bytes) : pages;
  }

  /** The call in which a client maps. */
  private long mapping(int client) {
    Deque<Open> open = callsOf.get(client);
    return open == null || open.isEmpty() || !open.peek().what.maps()
        ? enter(client, client, op(client), CallKind.MAP_PAGE, NOBODY).id
        : open.peek().id;
  }

  /** The latest call of a CPU returns, and was what is said of it. */
  private long leave(int cpu, long op, CallKind what, long mapping, long callNs) {
    Deque<Open> calls = callsOf.computeIfAbsent(cpu, key -> new ArrayDeque<>());
    Open was = calls.stream().filter(each -> each.client == cpu).findFirst().orElse(null);
    long id = was == null ? ++lastCall : was.id;
    Open is = new Open(id, cpu, op, what, mapping < 0 ? id : mapping, t - callNs);
    calls.remove(was);
    if (!is.equals(was)) {
      tell(cpu, is);
    }
    return id;
  }

  public Script at(long instant) {
    t = instant;
    return this;
  }

  public Script domain(int number) {
    domain = number;
    return this;
  }

  public Script requested(int client, long op, MapApi api, int... lengths) {
    return requested(client, op, api, Direction.FROM_DEVICE, lengths);
  }

  public Script requested(int client, long op, MapApi api, Direction way, int... lengths) {
    long[] phys = new long[lengths.length];
    Arrays.setAll(phys, i -> 0x10_0000L * (i + 1));
    opOf.put(client, op);
    sink.dmaRequested(t, client, op, way.ordinal(), api.ordinal(), lengths.length, phys, lengths);
    return this;
  }

  public Script released(int client, long op) {
    sink.releaseRequested(t, client, op, client);
    return this;
  }

  public Script allocated(int client, long pfn, long pages, IovaSource source, int walk) {
    sink.iovaAllocated(t, domain, mapping(client), pfn, pages, source.ordinal(), walk);
    return this;
  }

  public Script allocated(int client, long pfn, long pages) {
    return allocated(client, pfn, pages, IovaSource.TREE, 1);
  }

  public Script freed(int cpu, long pfn, long pages, IovaDestination destination) {
    sink.iovaFreed(t, domain, call(cpu), pfn, pages, destination.ordinal());
    return this;
  }

  public Script freed(int cpu, long pfn, long pages) {
    return freed(cpu, pfn, pages, IovaDestination.MAGAZINE);
  }

  public Script cachesFlushed(int cpu, long ranges) {
    sink.iovaCachesFlushed(t, domain, call(cpu), ranges);
    return this;
  }

  public Script depotTrimmed(int order, long ranges) {
    Open work = enter(0, NOBODY, NOBODY, CallKind.DEPOT_WORK, NOBODY);
    sink.depotTrimmed(t, domain, work.id, order, ranges);
    callsOf.get(0).remove(work);
    return this;
  }

  public Script ptes(int client, long pfn, long physPfn, long pages) {
    writtenBy.merge(client, pages, Long::sum);
    sink.ptesMapped(t, domain, mapping(client), pfn, physPfn, pages, 12);
    return this;
  }

  public Script cleared(int client, long pfn, long pages) {
    Made made = madeAt.getOrDefault(pfn, new Made(NOBODY, op(client)));
    Open call = enter(client, client, made.op, CallKind.UNMAP, made.id);
    clearedBy.put(pfn, call);
    sink.ptesCleared(t, domain, call.id, pfn, pages);
    return this;
  }

  public Script tables(long tables) {
    sink.tablesChanged(t, domain, call(0), tables);
    return this;
  }

  public Script mapped(int client, long op, int mapping, long pfn, long bytes, long callNs) {
    long call = leave(client, op, CallKind.MAP_PAGE, NOBODY, callNs);
    madeAt.put(pfn, new Made(call, op));
    madeFor.put(List.of((long) client, op, (long) mapping), call);
    sink.mapped(t, domain, call, pfn, written(client, bytes), 0, bytes, 1);
    return this;
  }

  public Script mapFailed(int client, long op, DmaError error) {
    sink.mapFailed(t, domain, leave(client, op, CallKind.MAP_PAGE, NOBODY, 0), error.ordinal());
    return this;
  }

  public Script unmapped(int client, long op, int mapping, long callNs) {
    long made = madeFor.getOrDefault(List.of((long) client, op, (long) mapping), (long) NOBODY);
    sink.unmapped(t, domain, leave(client, op, CallKind.UNMAP, made, callNs));
    return this;
  }

  public Script waited(LockClass lock, int instance, int cpu, int holder, long ns) {
    sink.lockWaited(t, lock.ordinal(), instance, domain, call(cpu), holder, ns);
    return this;
  }

  public Script used(LockClass lock, int instance, long acquisitions, long heldNs, long waitedNs) {
    sink.lockUsed(t, lock.ordinal(), instance, acquisitions, heldNs, waitedNs);
    return this;
  }

  public Script heldLong(LockClass lock, int instance, int cpu, long ns) {
    sink.lockHeldLong(t, lock.ordinal(), instance, domain, call(cpu), ns);
    return this;
  }

  public Script posted(int cpu, long pfn, long pages, long covered) {
    InvalidationKind kind = covered > 0 ? InvalidationKind.PSI : InvalidationKind.DSI;
    long call = call(cpu, pfn);
    ticketsOf.computeIfAbsent(cpu, key -> new ArrayDeque<>()).add(++lastTicket);
    sink.invalidationPosted(t, 0, lastTicket, domain, call, kind.ordinal(), pfn, pages, covered);
    return this;
  }

  public Script postedAll(int cpu) {
    return posted(cpu, 0, 0, 0);
  }

  /** The oldest invalidation of a CPU is complete. */
  public Script invalidated(int cpu, int dropped) {
    sink.invalidationCompleted(t, 0, ticketsOf.get(cpu).remove(), dropped);
    return this;
  }

  public Script queued(int cpu, long pfn, long pages) {
    sink.flushQueued(t, domain, call(cpu, pfn), pfn, pages);
    return this;
  }

  public Script flushStarted(int cpu, FlushReason reason) {
    Deque<Open> calls = callsOf.computeIfAbsent(cpu, key -> new ArrayDeque<>());
    Open call =
        reason == FlushReason.TIMER
            ? enter(cpu, NOBODY, NOBODY, CallKind.FLUSH_TIMER, NOBODY)
            : calls.stream()
                .filter(each -> each.client == cpu)
                .findFirst()
                .orElseGet(() -> enter(cpu, cpu, op(cpu), CallKind.UNMAP, NOBODY));
    flushesOf.computeIfAbsent(cpu, key -> new ArrayDeque<>()).push(call);
    sink.flushStarted(t, domain, call.id, reason.ordinal());
    return this;
  }

  /** The latest flush of a CPU ends. */
  public Script flushFinished(int cpu, long freed) {
    sink.flushFinished(t, domain, flushesOf.get(cpu).pop().id, freed);
    return this;
  }

  /** The flush that a CPU's timer callback runs ends. */
  public Script timerFinished(int cpu, long freed) {
    Deque<Open> flushes = flushesOf.get(cpu);
    Open timer =
        flushes.stream()
            .filter(each -> each.what == CallKind.FLUSH_TIMER)
            .findFirst()
            .orElseThrow();
    flushes.remove(timer);
    sink.flushFinished(t, domain, timer.id, freed);
    return this;
  }

  public Script submitted(int client, long op) {
    sink.submitted(t, 0, client, op);
    return this;
  }

  public Script translated(int client, long op, long pages, long hits, long reads, long stallNs) {
    sink.translated(t, 0, 0, client, op, pages, hits, reads, stallNs);
    return this;
  }

  public Script faulted(int client, long op, long pfn, DmaError error) {
    sink.faulted(t, 0, client, op, pfn, error.ordinal());
    return this;
  }

  public Script completed(int client, long op) {
    sink.completed(t, 0, client, op);
    return this;
  }

  public Script done(int client, long op, long bytes, long latencyNs) {
    sink.requestDone(t, client, op, bytes, latencyNs);
    return this;
  }

  public Script stolen(int cpu, long ns) {
    Deque<Open> open = callsOf.getOrDefault(cpu, new ArrayDeque<>());
    Open timer =
        open.stream().filter(each -> each.what == CallKind.FLUSH_TIMER).findFirst().orElse(null);
    if (timer == null) {
      timer = enter(cpu, NOBODY, NOBODY, CallKind.FLUSH_TIMER, NOBODY);
    }
    callsOf.get(cpu).remove(timer);
    sink.cpuStolen(t, domain, timer.id, ns);
    return this;
  }
}
