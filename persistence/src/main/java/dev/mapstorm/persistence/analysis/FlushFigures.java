package dev.mapstorm.persistence.analysis;

import dev.mapstorm.persistence.inflight.Call;
import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.persistence.inflight.Invalidation;
import dev.mapstorm.protocol.FlushReason;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.Hears;
import dev.mapstorm.protocol.event.PartialSink;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The flush queues of a host's lazy domains, and how long unmapped pages stayed exposed.
 *
 * <p>A range is exposed from the instant its entries are cleared until no stale translation of it
 * can be left. In a lazy domain that is the completed invalidation of the flush that lets the range
 * be reclaimed: as in {@code fq_ring_free_locked} (Linux 6.12), the first after which more flushes
 * have finished than had started when the range was queued. (The {@code flush-finished} event comes
 * later, when the ranges are freed.) In a strict domain it is the completed invalidation of the
 * unmapping call.
 */
@Hears({
  EventKind.INVALIDATION_COMPLETED,
  EventKind.FLUSH_QUEUED,
  EventKind.FLUSH_STARTED,
  EventKind.FLUSH_FINISHED
})
final class FlushFigures extends PartialSink {
  private final int host;
  private final InFlight inFlight;
  private WaitingRanges[] domains = new WaitingRanges[4];
  private long queued;
  private long queuedPages;
  private final long[] byReason = new long[FlushReason.values().length];
  private final Samples freed = new Samples();
  private final Samples took = new Samples();
  private final Samples lazy = new Samples();
  private final Samples strict = new Samples();
  private AnalysisResult.Exposed worst;

  FlushFigures(int host, InFlight inFlight) {
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
    queued++;
    queuedPages += pages;
    Call by = inFlight.call(domain, call);
    of(domain).add(by.hasCleared() ? by.clearedAt() : t, pfn, pages, by.client());
  }

  @Override
  public void flushStarted(long t, int domain, long call, int reason) {
    byReason[reason]++;
    of(domain).started();
  }

  @Override
  public void flushFinished(long t, int domain, long call, long freed) {
    this.freed.record(freed);
    Call by = inFlight.call(domain, call);
    if (by.isFlushing()) {
      took.record(t - by.flushSince());
    }
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
    Call by = done.call();
    boolean first = by.pfn() >= done.pfn() && by.pfn() < done.pfn() + done.pages();
    if (by.hasCleared() && first) {
      strict.record(t - by.clearedAt());
    }
  }

  /** A flush of the whole domain has left nothing stale that was queued before it started. */
  private void flushed(long t, int domain) {
    WaitingRanges waiting = of(domain);
    waiting.finished();
    while (waiting.reclaimable()) {
      long ns = t - waiting.clearedAt();
      if (lazy.count() == 0 || ns > lazy.max()) {
        worst = waiting.exposed(ns, host, domain);
      }
      lazy.record(ns);
      waiting.remove();
    }
  }

  /** See {@link Samples#pack}. */
  void pack() {
    freed.pack();
    took.pack();
    lazy.pack();
    strict.pack();
  }

  /** The flush queues of all hosts together. */
  static AnalysisResult.FlushQueue queues(List<FlushFigures> hosts) {
    long queued = 0;
    long queuedPages = 0;
    long[] byReason = new long[FlushReason.values().length];
    Samples freed = new Samples();
    Samples took = new Samples();
    long most = 0;
    long mostPages = 0;
    for (FlushFigures host : hosts) {
      queued += host.queued;
      queuedPages += host.queuedPages;
      Arrays.setAll(byReason, i -> byReason[i] + host.byReason[i]);
      freed.add(host.freed);
      took.add(host.took);
      for (WaitingRanges waiting : host.domains) {
        if (waiting != null) {
          most = Math.max(most, waiting.most());
          mostPages = Math.max(mostPages, waiting.mostPages());
        }
      }
    }
    List<AnalysisResult.ReasonCount> reasons = new ArrayList<>();
    for (FlushReason reason : FlushReason.values()) {
      reasons.add(new AnalysisResult.ReasonCount(reason.label(), byReason[reason.ordinal()]));
    }
    return new AnalysisResult.FlushQueue(
        queued,
        queuedPages,
        List.copyOf(reasons),
        freed.distribution(),
        took.distribution(),
        most,
        mostPages);
  }

  /** The exposure of all hosts together; {@code lastNs} is the last instant of each. */
  static AnalysisResult.Exposure exposure(List<FlushFigures> hosts, long[] lastNs) {
    Samples lazy = new Samples();
    Samples strict = new Samples();
    AnalysisResult.Exposed worst = null;
    long still = 0;
    long oldest = 0;
    for (int i = 0; i < lastNs.length; i++) {
      FlushFigures host = hosts.get(i);
      lazy.add(host.lazy);
      strict.add(host.strict);
      if (host.worst != null && (worst == null || host.worst.ns() > worst.ns())) {
        worst = host.worst;
      }
      for (WaitingRanges waiting : host.domains) {
        if (waiting != null && waiting.size() > 0) {
          still += waiting.size();
          oldest = Math.max(oldest, lastNs[i] - waiting.firstClearedAt());
        }
      }
    }
    return new AnalysisResult.Exposure(
        lazy.distribution(), worst, strict.distribution(), still, oldest);
  }
}
