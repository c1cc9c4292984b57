package dev.mapstorm.load.validate;

import dev.mapstorm.persistence.inflight.NumberKey;
import dev.mapstorm.protocol.CallKind;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.Hears;
import dev.mapstorm.protocol.event.PartialSink;
import java.util.HashMap;
import java.util.Map;

/**
 * What an experiment measures of a host: how long calls that map and calls that unmap took, what
 * was done and how devices translated, from an instant on. Not thread-safe.
 */
@Hears({
  EventKind.CALL_ENTERED,
  EventKind.MAPPED,
  EventKind.UNMAPPED,
  EventKind.TRANSLATED,
  EventKind.REQUEST_DONE
})
public final class CallTimes extends PartialSink {
  private final long fromNs;
  private final Map<Long, Long> entered = new HashMap<>();
  private final Moments maps = new Moments();
  private final Moments unmaps = new Moments();
  private final Moments latencies = new Moments();
  private long done;
  private long bytes;
  private long pages;
  private long hits;
  private long reads;
  private long endNs;

  /**
   * Times of calls that are entered at {@code fromNs} or later, and of what is done from then on.
   */
  public CallTimes(long fromNs) {
    this.fromNs = fromNs;
  }

  @Override
  public void callEntered(
      long t, int domain, long call, int cpu, int client, long op, int what, long mapping) {
    if (t >= fromNs && CallKind.of(what).isClients()) {
      entered.put(NumberKey.of(domain, call), t);
    }
  }

  @Override
  public void mapped(
      long t, int domain, long call, long pfn, long pages, int offset, long bytes, int vectors) {
    ended(t, domain, call, maps);
  }

  @Override
  public void unmapped(long t, int domain, long call) {
    ended(t, domain, call, unmaps);
  }

  private void ended(long t, int domain, long call, Moments of) {
    Long since = entered.remove(NumberKey.of(domain, call));
    if (since != null) {
      of.add(t - since);
    }
  }

  @Override
  public void translated(
      long t, int device, int iommu, int client, long op, long n, long found, long read, long ns) {
    if (t >= fromNs) {
      pages += n;
      hits += found;
      reads += read;
    }
  }

  @Override
  public void requestDone(long t, int client, long op, long moved, long latencyNs) {
    if (t >= fromNs) {
      done++;
      bytes += moved;
      latencies.add(latencyNs);
    }
    endNs = Math.max(endNs, t);
  }

  /** Times of calls that mapped, in nanoseconds. */
  public Moments maps() {
    return maps;
  }

  /** Times of calls that unmapped, in nanoseconds. */
  public Moments unmaps() {
    return unmaps;
  }

  /** Latencies of requests, in nanoseconds. */
  public Moments latencies() {
    return latencies;
  }

  /** Requests done. */
  public long requests() {
    return done;
  }

  /** Requests done a second of virtual time. */
  public double requestsPerSecond() {
    return perSecond(done);
  }

  /** Bytes moved a second of virtual time. */
  public double bytesPerSecond() {
    return perSecond(bytes);
  }

  /** Pages that the IOTLB did not have, of each page. */
  public double missesPerPage() {
    return pages == 0 ? 0 : (double) (pages - hits) / pages;
  }

  /** Page-table reads for each page that the IOTLB did not have. */
  public double readsPerMiss() {
    return pages == hits ? 0 : (double) reads / (pages - hits);
  }

  private double perSecond(long n) {
    return endNs <= fromNs ? 0 : n * 1e9 / (endNs - fromNs);
  }
}
