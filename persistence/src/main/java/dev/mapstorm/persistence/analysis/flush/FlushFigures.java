package dev.mapstorm.persistence.analysis.flush;

import dev.mapstorm.persistence.analysis.HostFigures;
import dev.mapstorm.persistence.analysis.ReasonCount;
import dev.mapstorm.persistence.analysis.Samples;
import dev.mapstorm.persistence.analysis.exposure.ExposureAnalysis;
import dev.mapstorm.persistence.inflight.Call;
import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.protocol.FlushReason;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.Hears;
import dev.mapstorm.protocol.event.PartialSink;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The flush queues of a host's lazy domains. */
@Hears({EventKind.FLUSH_QUEUED, EventKind.FLUSH_STARTED, EventKind.FLUSH_FINISHED})
final class FlushFigures extends PartialSink implements HostFigures {
  private final InFlight inFlight;
  private long queued;
  private long queuedPages;
  private final long[] byReason = new long[FlushReason.values().length];
  private final Samples freed = new Samples();
  private final Samples took = new Samples();

  FlushFigures(InFlight inFlight) {
    this.inFlight = inFlight;
  }

  @Override
  public void flushQueued(long t, int domain, long call, long pfn, long pages) {
    queued++;
    queuedPages += pages;
  }

  @Override
  public void flushStarted(long t, int domain, long call, int reason) {
    byReason[reason]++;
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
  public void pack() {
    freed.pack();
    took.pack();
  }

  /** All hosts together. */
  static FlushAnalysis.FlushQueue result(
      List<FlushFigures> hosts, ExposureAnalysis.Waiting waiting) {
    long queued = 0;
    long queuedPages = 0;
    long[] byReason = new long[FlushReason.values().length];
    Samples freed = new Samples();
    Samples took = new Samples();
    for (FlushFigures host : hosts) {
      queued += host.queued;
      queuedPages += host.queuedPages;
      Arrays.setAll(byReason, i -> byReason[i] + host.byReason[i]);
      freed.add(host.freed);
      took.add(host.took);
    }
    List<ReasonCount> reasons = new ArrayList<>();
    for (FlushReason reason : FlushReason.values()) {
      reasons.add(new ReasonCount(reason.label(), byReason[reason.ordinal()]));
    }
    return new FlushAnalysis.FlushQueue(
        queued,
        queuedPages,
        List.copyOf(reasons),
        freed.distribution(),
        took.distribution(),
        waiting.mostRanges(),
        waiting.mostPages());
  }
}
