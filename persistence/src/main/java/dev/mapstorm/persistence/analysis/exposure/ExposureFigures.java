package dev.mapstorm.persistence.analysis.exposure;

import dev.mapstorm.persistence.analysis.HostFigures;
import dev.mapstorm.persistence.analysis.Samples;
import dev.mapstorm.persistence.analysis.extent.ExtentAnalysis;
import dev.mapstorm.persistence.inflight.Call;
import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.persistence.inflight.Invalidation;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.Hears;
import dev.mapstorm.protocol.event.PartialSink;
import java.util.Arrays;
import java.util.List;

/**
 * How long unmapped pages of a host stayed exposed.
 *
 * <p>A range is exposed from the instant its entries are cleared until no stale translation of it
 * can be left. In a lazy domain that is the completed invalidation of the flush that lets the range
 * be reclaimed: as in {@code fq_ring_free_locked} (Linux 6.12), the first after which more flushes
 * have finished than had started when the range was queued. (The {@code flush-finished} event comes
 * later, when the ranges are freed.) In a strict domain it is the completed invalidation of the
 * unmapping call. Where a flush is one by ranges ({@code iommu.flush-queue.flush}), it is the
 * completed invalidation of that range.
 */
@Hears({EventKind.INVALIDATION_COMPLETED, EventKind.FLUSH_QUEUED, EventKind.FLUSH_STARTED})
final class ExposureFigures extends PartialSink implements HostFigures {
  private final int host;
  private final InFlight inFlight;
  private WaitingRanges[] domains = new WaitingRanges[4];
  private final Samples lazy = new Samples();
  private final Samples strict = new Samples();
  private ExposureAnalysis.Exposed worst;

  ExposureFigures(int host, InFlight inFlight) {
    this.host = host;
    this.inFlight = inFlight;
  }

  private WaitingRanges of(int domain) {
    if (domain >= domains.length) {
      domains = Arrays.copyOf(domains, Math.max(domain + 1, domains.length * 2));
    }
    WaitingRanges waiting = domains[domain];
    if (waiting == null) {
      waiting = new WaitingRanges();
      domains[domain] = waiting;
    }
    return waiting;
  }

  @Override
  public void flushQueued(long t, int domain, long call, long pfn, long pages) {
    Call by = inFlight.call(domain, call);
    of(domain).add(by.hasCleared() ? by.clearedAt() : t, pfn, pages, by.client());
  }

  @Override
  public void flushStarted(long t, int domain, long call, int reason) {
    of(domain).started();
  }

  @Override
  public void invalidationCompleted(long t, int iommu, long ticket, int dropped) {
    Invalidation done = inFlight.invalidation(iommu, ticket);
    if (!done.isKnown()) {
      return;
    }
    if (done.pages() == 0) {
      flushed(t, done.domain());
      return;
    }
    if (done.call().isFlushing()) {
      forgotten(t, done);
      return;
    }
    if (done.isFirstOfRange()) {
      strict.record(t - done.clearedAt());
    }
  }

  /** A flush by ranges has left nothing stale of what was queued within. */
  private void forgotten(long t, Invalidation done) {
    WaitingRanges waiting = of(done.domain());
    while (waiting.bringForward(done.pfn(), done.pages())) {
      exposed(t, done.domain(), waiting);
    }
  }

  private void exposed(long t, int domain, WaitingRanges waiting) {
    long ns = t - waiting.clearedAt();
    if (lazy.count() == 0 || ns > lazy.max()) {
      worst = waiting.exposed(ns, host, domain);
    }
    lazy.record(ns);
    waiting.remove();
  }

  /** A flush of the whole domain has left nothing stale that was queued before it started. */
  private void flushed(long t, int domain) {
    WaitingRanges waiting = of(domain);
    waiting.finished();
    while (waiting.reclaimable()) {
      exposed(t, domain, waiting);
    }
  }

  @Override
  public void pack() {
    lazy.pack();
    strict.pack();
  }

  /** The most that waited for a flush at once in a domain of any host. */
  static ExposureAnalysis.Waiting waiting(List<ExposureFigures> hosts) {
    long ranges = 0;
    long pages = 0;
    for (ExposureFigures host : hosts) {
      for (WaitingRanges waiting : host.domains) {
        if (waiting != null) {
          ranges = Math.max(ranges, waiting.most());
          pages = Math.max(pages, waiting.mostPages());
        }
      }
    }
    return new ExposureAnalysis.Waiting(ranges, pages);
  }

  /** All hosts together; {@code spans} has that of each. */
  static ExposureAnalysis.Exposure result(
      List<ExposureFigures> hosts, List<ExtentAnalysis.Span> spans) {
    Samples lazy = new Samples();
    Samples strict = new Samples();
    ExposureAnalysis.Exposed worst = null;
    long still = 0;
    long oldest = 0;
    for (int i = 0; i < spans.size(); i++) {
      ExposureFigures host = hosts.get(i);
      lazy.add(host.lazy);
      strict.add(host.strict);
      if (host.worst != null && (worst == null || host.worst.ns() > worst.ns())) {
        worst = host.worst;
      }
      for (WaitingRanges waiting : host.domains) {
        if (waiting != null && waiting.size() > 0) {
          still += waiting.size();
          oldest = Math.max(oldest, spans.get(i).lastNs() - waiting.firstClearedAt());
        }
      }
    }
    return new ExposureAnalysis.Exposure(
        lazy.distribution(), worst, strict.distribution(), still, oldest);
  }
}
