package dev.mapstorm.persistence.replay;

import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.FlushReason;
import dev.mapstorm.protocol.InvalidationKind;
import dev.mapstorm.protocol.IovaDestination;
import dev.mapstorm.protocol.IovaSource;
import dev.mapstorm.protocol.LockClass;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.event.EventSink;
import java.util.Arrays;

/**
 * Hand-made events for tests, one short method each, at an instant that {@link #at} sets. The
 * domain is 0, the unit 0, the device 0, and a client runs on the CPU of its own number, unless
 * said otherwise.
 */
public final class Script {
  private final EventSink sink;
  private long t;
  private int domain;

  public Script(EventSink sink) {
    this.sink = sink;
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
    sink.dmaRequested(t, client, op, way.ordinal(), api.ordinal(), lengths.length, phys, lengths);
    return this;
  }

  public Script released(int client, long op) {
    sink.releaseRequested(t, client, op, client);
    return this;
  }

  public Script allocated(int client, long pfn, long pages, IovaSource source, int walk) {
    sink.iovaAllocated(t, domain, client, client, pfn, pages, source.ordinal(), walk);
    return this;
  }

  public Script allocated(int client, long pfn, long pages) {
    return allocated(client, pfn, pages, IovaSource.TREE, 1);
  }

  public Script freed(int cpu, long pfn, long pages, IovaDestination destination) {
    sink.iovaFreed(t, domain, cpu, pfn, pages, destination.ordinal());
    return this;
  }

  public Script freed(int cpu, long pfn, long pages) {
    return freed(cpu, pfn, pages, IovaDestination.MAGAZINE);
  }

  public Script cachesFlushed(int cpu, long ranges) {
    sink.iovaCachesFlushed(t, domain, cpu, ranges);
    return this;
  }

  public Script depotTrimmed(int order, long ranges) {
    sink.depotTrimmed(t, domain, order, ranges);
    return this;
  }

  public Script ptes(int client, long pfn, long physPfn, long pages) {
    sink.ptesMapped(t, domain, client, pfn, physPfn, pages, 12);
    return this;
  }

  public Script cleared(int client, long pfn, long pages) {
    sink.ptesCleared(t, domain, client, client, pfn, pages);
    return this;
  }

  public Script tables(long tables) {
    sink.tablesChanged(t, domain, tables);
    return this;
  }

  public Script mapped(int client, long op, int mapping, long pfn, long bytes, long callNs) {
    sink.mapped(t, domain, client, op, mapping, pfn, 0, bytes, 1, callNs);
    return this;
  }

  public Script mapFailed(int client, long op, DmaError error) {
    sink.mapFailed(t, domain, client, op, error.ordinal());
    return this;
  }

  public Script unmapped(int client, long op, int mapping, long callNs) {
    sink.unmapped(t, domain, client, op, mapping, client, callNs);
    return this;
  }

  public Script waited(LockClass lock, int instance, int cpu, int holder, long ns) {
    sink.lockWaited(t, lock.ordinal(), instance, cpu, holder, ns);
    return this;
  }

  public Script used(LockClass lock, int instance, long acquisitions, long heldNs, long waitedNs) {
    sink.lockUsed(t, lock.ordinal(), instance, acquisitions, heldNs, waitedNs);
    return this;
  }

  public Script posted(int cpu, long pfn, long pages, long covered) {
    InvalidationKind kind = covered > 0 ? InvalidationKind.PSI : InvalidationKind.DSI;
    sink.invalidationPosted(t, 0, domain, cpu, kind.ordinal(), pfn, pages, covered);
    return this;
  }

  public Script postedAll(int cpu) {
    return posted(cpu, 0, 0, 0);
  }

  public Script invalidated(int cpu, long latencyNs, int dropped) {
    sink.invalidationCompleted(t, 0, domain, cpu, latencyNs, dropped);
    return this;
  }

  public Script queued(int cpu, long pfn, long pages) {
    sink.flushQueued(t, domain, cpu, pfn, pages);
    return this;
  }

  public Script flushStarted(int cpu, FlushReason reason) {
    sink.flushStarted(t, domain, cpu, reason.ordinal());
    return this;
  }

  public Script flushFinished(int cpu, long freed) {
    sink.flushFinished(t, domain, cpu, freed);
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
    sink.cpuStolen(t, cpu, ns);
    return this;
  }
}
