package dev.mapstorm.persistence.analysis;

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
final class ClientFigures extends PartialSink {
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
    long requestsMapped;
    long requestsMappedNs;
    long requestsUnmapped;
    long requestsUnmappedNs;
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
      requestsMapped += other.requestsMapped;
      requestsMappedNs += other.requestsMappedNs;
      requestsUnmapped += other.requestsUnmapped;
      requestsUnmappedNs += other.requestsUnmappedNs;
      latency.add(other.latency);
    }

    AnalysisResult.Client result(int host, int client, long spanNs) {
      return new AnalysisResult.Client(
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
          requestsMapped,
          requestsMappedNs,
          requestsUnmapped,
          requestsUnmappedNs);
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

  /** All of a request is mapped, by calls that took {@code ns}. */
  void requestMapped(int client, long ns) {
    Tally tally = of(client);
    tally.requestsMapped++;
    tally.requestsMappedNs += ns;
  }

  /** All of a request is unmapped, by calls that took {@code ns}. */
  void requestUnmapped(int client, long ns) {
    Tally tally = of(client);
    tally.requestsUnmapped++;
    tally.requestsUnmappedNs += ns;
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

  /** See {@link Samples#pack}. */
  void pack() {
    for (Tally tally : tallies) {
      if (tally != null) {
        tally.latency.pack();
      }
    }
  }

  /** Appends a row for each client that occurred. */
  void rows(long spanNs, List<AnalysisResult.Client> into) {
    for (int client = 0; client < tallies.length; client++) {
      if (tallies[client] != null) {
        into.add(tallies[client].result(host, client, spanNs));
      }
    }
  }

  /** All clients of all hosts together. */
  static AnalysisResult.Client total(List<ClientFigures> hosts, long spanNs) {
    Tally total = new Tally(false);
    for (ClientFigures host : hosts) {
      for (Tally tally : host.tallies) {
        if (tally != null) {
          total.add(tally);
        }
      }
    }
    return total.result(-1, -1, spanNs);
  }
}
