package dev.mapstorm.persistence.replay;

import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.persistence.inflight.Invalidation;
import dev.mapstorm.persistence.text.Units;
import dev.mapstorm.protocol.FlushReason;
import dev.mapstorm.protocol.InvalidationKind;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.Hears;
import dev.mapstorm.protocol.event.PartialSink;

/** The part of a life in which the IOTLB may still know an address that is unmapped. */
@Hears({
  EventKind.INVALIDATION_POSTED,
  EventKind.INVALIDATION_COMPLETED,
  EventKind.FLUSH_QUEUED,
  EventKind.FLUSH_STARTED,
  EventKind.FLUSH_FINISHED
})
final class FlushChapter extends PartialSink {
  private final LifeBook book;
  private final LifeFilter filter;
  private final InFlight inFlight;

  FlushChapter(LifeBook book, InFlight inFlight) {
    this.book = book;
    this.inFlight = inFlight;
    filter = book.filter();
  }

  @Override
  public void invalidationPosted(
      long t,
      int iommu,
      long ticket,
      int domain,
      long call,
      int kind,
      long pfn,
      long pages,
      long covered) {
    int client = pages == 0 ? -1 : inFlight.call(domain, call).client();
    int cpu = inFlight.call(domain, call).cpu();
    if (isInvalidationHere(domain, pfn, pages, covered, client, true)) {
      book.tell(
          t,
          EventKind.INVALIDATION_POSTED,
          domain,
          client,
          -1,
          cpu,
          "%s at unit %d: %s",
          InvalidationKind.of(kind).label(),
          iommu,
          extent(pfn, pages, covered));
    }
  }

  private static String extent(long pfn, long pages, long covered) {
    if (pages == 0) {
      return "the whole domain";
    }
    return "asked %s at %s, covers %s"
        .formatted(
            Units.things(pages, "page"),
            Units.address(pfn),
            covered == 0 ? "the whole domain" : Units.things(covered, "page"));
  }

  /** Whether an invalidation is part of the life; counts those that only do harm. */
  private boolean isInvalidationHere(
      int domain, long pfn, long pages, long covered, int client, boolean count) {
    if (!filter.hasAddress()) {
      return client >= 0 && filter.isOf(client);
    }
    // A page-selective invalidation covers the aligned block of that size.
    boolean drops =
        covered == 0
            ? filter.covers(domain, filter.pfn(), 1)
            : filter.covers(domain, pfn & -covered, covered);
    GranuleHistory story = book.of(domain).story;
    if (!drops || !filter.isOf(story.client)) {
      return false;
    }
    if (count && story.stage == GranuleHistory.Stage.MAPPED) {
      book.harmed();
    }
    return story.stale();
  }

  @Override
  public void invalidationCompleted(long t, int iommu, long ticket, int dropped) {
    Invalidation done = inFlight.invalidation(iommu, ticket);
    if (!done.isKnown()) {
      return;
    }
    int client = done.pages() == 0 ? -1 : done.call().client();
    if (isInvalidationHere(
        done.domain(), done.pfn(), done.pages(), done.covered(), client, false)) {
      book.tell(
          t,
          EventKind.INVALIDATION_COMPLETED,
          done.domain(),
          client,
          -1,
          done.call().cpu(),
          "after %s, %d IOTLB entries dropped",
          Units.time(t - done.since()),
          dropped);
    }
  }

  @Override
  public void flushQueued(long t, int domain, long call, long pfn, long pages) {
    if (!filter.covers(domain, pfn, pages)) {
      return;
    }
    if (filter.hasAddress()) {
      book.of(domain).story.stage = GranuleHistory.Stage.QUEUED;
    }
    int client = inFlight.call(domain, call).client();
    if (filter.isOf(client)) {
      book.tell(
          t,
          EventKind.FLUSH_QUEUED,
          domain,
          client,
          -1,
          inFlight.call(domain, call).cpu(),
          "%s at %s to be flushed",
          Units.things(pages, "page"),
          Units.address(pfn));
    }
  }

  @Override
  public void flushStarted(long t, int domain, long call, int reason) {
    if (isQueuedHere(domain)) {
      book.tell(
          t,
          EventKind.FLUSH_STARTED,
          domain,
          -1,
          -1,
          inFlight.call(domain, call).cpu(),
          "a flush begins: %s",
          FlushReason.of(reason).label());
    }
  }

  @Override
  public void flushFinished(long t, int domain, long call, long freed) {
    if (isQueuedHere(domain)) {
      book.tell(
          t,
          EventKind.FLUSH_FINISHED,
          domain,
          -1,
          -1,
          inFlight.call(domain, call).cpu(),
          "a flush ends, %s freed",
          Units.things(freed, "range"));
    }
  }

  private boolean isQueuedHere(int domain) {
    GranuleHistory story = book.of(domain).story;
    return filter.hasAddress()
        && filter.covers(domain, filter.pfn(), 1)
        && story.stage == GranuleHistory.Stage.QUEUED
        && filter.isOf(story.client);
  }
}
