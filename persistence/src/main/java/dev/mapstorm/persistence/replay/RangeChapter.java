package dev.mapstorm.persistence.replay;

import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.IovaDestination;
import dev.mapstorm.protocol.IovaSource;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.EventSink;

/** The part of a life between an address's allocation and its return. */
final class RangeChapter implements EventSink {
  private final LifeBook book;
  private final LifeFilter filter;
  private final RequestChapter requests;

  RangeChapter(LifeBook book, RequestChapter requests) {
    this.book = book;
    this.requests = requests;
    filter = book.filter();
  }

  @Override
  public void iovaAllocated(
      long t, int domain, int cpu, int client, long pfn, long pages, int source, int walk) {
    book.of(domain).owners.put(pfn, client);
    if (!filter.covers(domain, pfn, pages)) {
      return;
    }
    GranuleStory story = book.of(domain).story;
    String reused =
        filter.hasAddress() && story.stage == GranuleStory.Stage.FREE
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
      long t, int domain, int client, long pfn, long physPfn, long pages, int pageShift) {
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
      long t,
      int domain,
      int client,
      long op,
      int mapping,
      long pfn,
      int offset,
      long bytes,
      int vectors,
      long callNs) {
    book.domainIs(client, domain);
    long key = RequestKey.of(client, op);
    LifeRow request = requests.forget(key);
    if (!isMappingHere(domain, pfn, offset, bytes) || !filter.isOf(client)) {
      return;
    }
    if (filter.hasAddress()) {
      GranuleStory story = book.of(domain).story;
      story.mapped(client, op, mapping);
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
        mapping,
        Units.bytes(bytes),
        "0x%x".formatted((pfn << Granule.SHIFT) + offset),
        Units.things(vectors, "vector"),
        Units.time(callNs));
  }

  /** A mapping begins where its range does, which may be longer than the mapping's bytes. */
  private boolean isMappingHere(int domain, long pfn, int offset, long bytes) {
    if (!filter.hasAddress()) {
      return filter.covers(domain, pfn, 1);
    }
    GranuleStory story = book.of(domain).story;
    boolean allocated = story.stage == GranuleStory.Stage.ALLOCATED && story.first == pfn;
    return allocated && filter.covers(domain, story.first, story.pages)
        || filter.covers(domain, pfn, Granule.spanned(offset, bytes));
  }

  @Override
  public void ptesCleared(long t, int domain, int client, int cpu, long pfn, long pages) {
    book.of(domain).clearedBy.put(pfn, client);
    if (!filter.covers(domain, pfn, pages)) {
      return;
    }
    if (filter.hasAddress()) {
      GranuleStory story = book.of(domain).story;
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
  public void unmapped(long t, int domain, int client, long op, int mapping, int cpu, long callNs) {
    boolean here = true;
    if (filter.hasAddress()) {
      GranuleStory story = book.of(domain).story;
      here = story.client == client && story.op == op && story.mapping == mapping;
      if (here && story.stage == GranuleStory.Stage.MAPPED) {
        // A direct map has nothing to clear.
        story.free(t, book.event());
      }
    }
    if (here && book.concerns(client, op)) {
      book.tell(
          t,
          EventKind.UNMAPPED,
          domain,
          client,
          op,
          cpu,
          "mapping %d is gone, the call took %s",
          mapping,
          Units.time(callNs));
    }
  }

  @Override
  public void iovaFreed(long t, int domain, int cpu, long pfn, long pages, int destination) {
    int client = book.of(domain).owners.remove(pfn);
    if (!filter.covers(domain, pfn, pages)) {
      return;
    }
    if (filter.hasAddress()) {
      GranuleStory story = book.of(domain).story;
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
