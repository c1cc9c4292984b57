package dev.mapstorm.persistence.analysis;

import dev.mapstorm.protocol.event.EventSink;
import java.util.Arrays;
import java.util.List;

/** What each client of a host asked for, got and paid. */
final class ClientFigures implements EventSink {
  /** Clients from this one on are so many that each has a sparse histogram. */
  private static final int SPARSE_FROM = 32;

  private final int host;
  private Tally[] tallies = new Tally[16];

  ClientFigures(int host) {
    this.host = host;
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

  /** A mapping of {@code pages} was handed to a client. */
  void mapped(int client, long pages, long callNs) {
    Tally tally = of(client);
    tally.mappings++;
    tally.mappedPages += pages;
    tally.mapCallNs += callNs;
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
  public void mapFailed(long t, int domain, int client, long op, int error) {
    of(client).mapFailures++;
  }

  @Override
  public void unmapped(long t, int domain, int client, long op, int mapping, int cpu, long callNs) {
    of(client).unmapCallNs += callNs;
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
