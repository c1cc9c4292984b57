package dev.mapstorm.persistence.analysis.client;

import dev.mapstorm.persistence.analysis.HostFigures;
import dev.mapstorm.persistence.analysis.Ratio;
import dev.mapstorm.persistence.analysis.Samples;
import dev.mapstorm.persistence.analysis.cpu.ClientCalls;
import dev.mapstorm.persistence.inflight.Call;
import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.persistence.inflight.Mapping;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.Hears;
import dev.mapstorm.protocol.event.PartialSink;
import java.util.Arrays;
import java.util.List;

/** What each client of a host asked for, got and paid. */
@Hears({
  EventKind.DMA_REQUESTED,
  EventKind.MAPPED,
  EventKind.MAP_FAILED,
  EventKind.UNMAPPED,
  EventKind.FAULTED,
  EventKind.REQUEST_DONE
})
final class ClientFigures extends PartialSink implements HostFigures {
  /** Clients from this one on are so many that each has a sparse histogram. */
  private static final int SPARSE_FROM = 32;

  private final int host;
  private final InFlight inFlight;
  private Tally[] tallies = new Tally[16];

  ClientFigures(int host, InFlight inFlight) {
    this.host = host;
    this.inFlight = inFlight;
  }

  /** The sums of one client. */
  private static final class Tally {
    long requested;
    long done;
    long lastDoneNs;
    long bytes;
    long mappings;
    long mappedPages;
    long mapFailures;
    long faults;
    long mapCallNs;
    long unmapCallNs;
    final Samples latency;

    Tally(boolean sparse) {
      latency = new Samples(sparse);
    }

    void add(Tally other) {
      requested += other.requested;
      done += other.done;
      lastDoneNs = Math.max(lastDoneNs, other.lastDoneNs);
      bytes += other.bytes;
      mappings += other.mappings;
      mappedPages += other.mappedPages;
      mapFailures += other.mapFailures;
      faults += other.faults;
      mapCallNs += other.mapCallNs;
      unmapCallNs += other.unmapCallNs;
      latency.add(other.latency);
    }

    ClientAnalysis.Client result(int host, int client, ClientCalls.Sums calls, long spanNs) {
      return new ClientAnalysis.Client(
          host,
          client,
          requested,
          done,
          lastDoneNs,
          bytes,
          mappings,
          mappedPages,
          mapFailures,
          faults,
          Ratio.perSecond(done, spanNs),
          Ratio.perSecond(bytes, spanNs),
          latency.distribution(),
          mapCallNs,
          unmapCallNs,
          calls.mapped(),
          calls.mappedNs(),
          calls.unmapped(),
          calls.unmappedNs());
    }
  }

  private Tally of(int client) {
    if (client >= tallies.length) {
      tallies = Arrays.copyOf(tallies, Math.max(client + 1, tallies.length * 2));
    }
    Tally tally = tallies[client];
    if (tally == null) {
      tally = new Tally(client >= SPARSE_FROM);
      tallies[client] = tally;
    }
    return tally;
  }

  @Override
  public void dmaRequested(
      long t, int client, long op, int direction, int api, int n, long[] phys, int[] length) {
    of(client).requested++;
  }

  @Override
  public void mapped(
      long t, int domain, long call, long pfn, long pages, int offset, long bytes, int vectors) {
    Mapping mapping = inFlight.mapping(domain, call);
    if (mapping.client() < 0) {
      return;
    }
    Tally tally = of(mapping.client());
    tally.mappings++;
    tally.mappedPages += pages;
    tally.mapCallNs += mapping.callNs();
  }

  @Override
  public void mapFailed(long t, int domain, long call, int error) {
    Call by = inFlight.call(domain, call);
    if (by.isKnown()) {
      of(by.client()).mapFailures++;
    }
  }

  @Override
  public void unmapped(long t, int domain, long call) {
    Call by = inFlight.call(domain, call);
    if (by.isKnown()) {
      of(by.client()).unmapCallNs += t - by.since();
    }
  }

  @Override
  public void faulted(long t, int device, int client, long op, long pfn, int error) {
    of(client).faults++;
  }

  @Override
  public void requestDone(long t, int client, long op, long bytes, long latencyNs) {
    Tally tally = of(client);
    tally.done++;
    tally.lastDoneNs = t;
    tally.bytes += bytes;
    tally.latency.record(latencyNs);
  }

  @Override
  public void pack() {
    for (Tally tally : tallies) {
      if (tally != null) {
        tally.latency.pack();
      }
    }
  }

  /** Appends a row for each client that occurred. */
  void rows(ClientCalls calls, long spanNs, List<ClientAnalysis.Client> into) {
    for (int client = 0; client < tallies.length; client++) {
      if (tallies[client] != null) {
        into.add(tallies[client].result(host, client, calls.of(client), spanNs));
      }
    }
  }

  /** All clients of all hosts together. */
  static ClientAnalysis.Client total(
      List<ClientFigures> hosts, List<ClientCalls> calls, long spanNs) {
    Tally total = new Tally(false);
    for (ClientFigures host : hosts) {
      for (Tally tally : host.tallies) {
        if (tally != null) {
          total.add(tally);
        }
      }
    }
    return total.result(-1, -1, ClientCalls.total(calls), spanNs);
  }
}
