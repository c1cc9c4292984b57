package dev.mapstorm.persistence.replay;

import dev.mapstorm.persistence.inflight.Call;
import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.persistence.inflight.Mapping;
import dev.mapstorm.persistence.inflight.RequestKey;
import dev.mapstorm.persistence.text.Units;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.IovaDestination;
import dev.mapstorm.protocol.IovaSource;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.Hears;
import dev.mapstorm.protocol.event.PartialSink;

/** The part of a life between an address's allocation and its return. */
@Hears({
  EventKind.IOVA_ALLOCATED,
  EventKind.IOVA_FREED,
  EventKind.PTES_MAPPED,
  EventKind.PTES_CLEARED,
  EventKind.MAPPED,
  EventKind.UNMAPPED
})
final class RangeChapter extends PartialSink {
  private final LifeBook book;
  private final LifeFilter filter;
  private final RequestChapter requests;
  private final InFlight inFlight;

  RangeChapter(LifeBook book, RequestChapter requests, InFlight inFlight) {
    this.book = book;
    this.inFlight = inFlight;
    this.requests = requests;
    filter = book.filter();
  }

  @Override
  public void iovaAllocated(
      long t, int domain, long call, long pfn, long pages, int source, int walk) {
    int client = inFlight.call(domain, call).client();
    int cpu = inFlight.call(domain, call).cpu();
    if (client < 0) {
      return;
    }
    book.of(domain).owners.put(pfn, client);
    if (!filter.covers(domain, pfn, pages)) {
      return;
    }
    GranuleHistory story = book.of(domain).story;
    String reused =
        filter.hasAddress() && story.stage == GranuleHistory.Stage.FREE
            ? ", %s after %s".formatted(Units.time(t - story.freedAt), story.holder())
            : "";
    if (filter.hasAddress()) {
      story.allocated(pfn, pages, client);
    }
    if (filter.isOf(client)) {
      book.tell(
          t,
          EventKind.IOVA_ALLOCATED,
          domain,
          client,
          -1,
          cpu,
          "%s at %s from the %s%s%s",
          Units.things(pages, "page"),
          Units.address(pfn),
          IovaSource.of(source).label(),
          walk > 0 ? " past " + Units.things(walk, "node") : "",
          reused);
    }
  }

  @Override
  public void ptesMapped(
      long t, int domain, long call, long pfn, long physPfn, long pages, int pageShift) {
    int client = inFlight.call(domain, call).client();
    if (!filter.covers(domain, pfn, pages) || !filter.isOf(client)) {
      return;
    }
    long behind = filter.hasAddress() ? filter.pfn() - pfn : 0;
    book.tell(
        t,
        EventKind.PTES_MAPPED,
        domain,
        client,
        -1,
        -1,
        "%s leads to %s, %s with %s entries",
        Units.address(pfn + behind),
        Units.address(physPfn + behind),
        Units.things(pages, "page"),
        Units.bytes(1L << pageShift));
  }

  @Override
  public void mapped(
      long t, int domain, long call, long pfn, long pages, int offset, long bytes, int vectors) {
    Mapping mapping = inFlight.mapping(domain, call);
    int client = mapping.client();
    long op = mapping.op();
    if (client < 0) {
      return;
    }
    book.domainIs(client, domain);
    long key = RequestKey.of(client, op);
    LifeRow request = requests.forget(key);
    if (!isMappingHere(domain, pfn, offset, bytes) || !filter.isOf(client)) {
      return;
    }
    if (filter.hasAddress()) {
      GranuleHistory story = book.of(domain).story;
      story.mapped(client, op, call);
      book.hold(key);
      if (request != null) {
        book.add(request);
      }
    }
    book.tell(
        t,
        EventKind.MAPPED,
        domain,
        client,
        op,
        -1,
        "mapping %d: %s at %s in %s, calls took %s",
        call,
        Units.bytes(bytes),
        "0x%x".formatted((pfn << Granule.SHIFT) + offset),
        Units.things(vectors, "vector"),
        Units.time(mapping.callNs()));
  }

  /** A mapping begins where its range does, which may be longer than the mapping's bytes. */
  private boolean isMappingHere(int domain, long pfn, int offset, long bytes) {
    if (!filter.hasAddress()) {
      return filter.covers(domain, pfn, 1);
    }
    GranuleHistory story = book.of(domain).story;
    boolean allocated = story.stage == GranuleHistory.Stage.ALLOCATED && story.first == pfn;
    return allocated && filter.covers(domain, story.first, story.pages)
        || filter.covers(domain, pfn, Granule.spanned(offset, bytes));
  }

  @Override
  public void ptesCleared(long t, int domain, long call, long pfn, long pages) {
    int client = inFlight.call(domain, call).client();
    int cpu = inFlight.call(domain, call).cpu();
    if (!filter.covers(domain, pfn, pages)) {
      return;
    }
    if (filter.hasAddress()) {
      GranuleHistory story = book.of(domain).story;
      story.cleared(t, book.event());
    }
    if (filter.isOf(client)) {
      book.tell(
          t,
          EventKind.PTES_CLEARED,
          domain,
          client,
          -1,
          cpu,
          "entries of %s at %s are cleared",
          Units.things(pages, "page"),
          Units.address(pfn));
    }
  }

  @Override
  public void unmapped(long t, int domain, long call) {
    Call by = inFlight.call(domain, call);
    long mapping = by.mapping();
    boolean here = true;
    if (filter.hasAddress()) {
      GranuleHistory story = book.of(domain).story;
      here = story.mapping == mapping;
      if (here && story.stage == GranuleHistory.Stage.MAPPED) {
        // A direct map has nothing to clear.
        story.free(t, book.event());
      }
    }
    if (here && book.concerns(by.client(), by.op())) {
      book.tell(
          t,
          EventKind.UNMAPPED,
          domain,
          by.client(),
          by.op(),
          by.cpu(),
          "mapping %d is gone, the call took %s",
          mapping,
          Units.time(t - by.since()));
    }
  }

  @Override
  public void iovaFreed(long t, int domain, long call, long pfn, long pages, int destination) {
    int cpu = inFlight.call(domain, call).cpu();
    int client = book.of(domain).owners.remove(pfn);
    if (!filter.covers(domain, pfn, pages)) {
      return;
    }
    if (filter.hasAddress()) {
      GranuleHistory story = book.of(domain).story;
      story.free(t, book.event());
    }
    if (filter.isOf(client)) {
      book.tell(
          t,
          EventKind.IOVA_FREED,
          domain,
          client,
          -1,
          cpu,
          "%s at %s to the %s",
          Units.things(pages, "page"),
          Units.address(pfn),
          IovaDestination.of(destination).label());
    }
  }
}
