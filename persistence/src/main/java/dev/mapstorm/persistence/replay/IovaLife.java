package dev.mapstorm.persistence.replay;

import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.FlushReason;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.InvalidationKind;
import dev.mapstorm.protocol.IovaDestination;
import dev.mapstorm.protocol.IovaSource;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.EventSink;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The life of an address: every event that concerns its granule, from the request that it was
 * allocated for to its reuse by another; or every event that concerns some clients.
 *
 * <p>Feed it a host's events from the first on. Events of a request that maps the granule are part
 * of its life. Flushes and invalidations are told while the granule's entry is cleared and not
 * free; those that drop a live translation of it are only counted ({@link #collateral}). Told by
 * client, flushes are left out, since a domain's clients share them. Not thread-safe.
 */
public final class IovaLife implements EventSink {
  private final LifeFilter filter;
  private final int mostRows;
  private final List<LifeRow> rows = new ArrayList<>();
  private long omitted;
  private long collateral;

  /** Number of the event that is being told. */
  private long event = -1;

  private Domain[] domains = new Domain[4];
  private int[] domainOfClient = new int[0];
  private final InvalidationsInFlight invalidations = new InvalidationsInFlight();

  /** Requests that map the granule. */
  private final LongIntMap holding = new LongIntMap();

  /** What was asked for by requests that have no mapping yet; only for an address. */
  private final LongIntMap askedBy = new LongIntMap();

  private final SlotPool askedSlots = new SlotPool();
  private LifeRow[] asked = new LifeRow[16];

  /** What is known of one domain. */
  private static final class Domain {
    /** The client of each allocated range, by first granule. */
    final LongIntMap owners = new LongIntMap();

    /** The client of each range whose entries are cleared, by first granule. */
    final LongIntMap clearedBy = new LongIntMap();

    final GranuleStory story = new GranuleStory();
  }

  /**
   * @param filter whose life
   * @param mostRows rows kept; further ones are counted in {@link #omitted}
   */
  public IovaLife(LifeFilter filter, int mostRows) {
    this.filter = filter;
    this.mostRows = mostRows;
  }

  /** The life so far, in the order of events. */
  public List<LifeRow> rows() {
    List<LifeRow> sorted = new ArrayList<>(rows);
    sorted.sort(Comparator.comparingLong(LifeRow::event));
    return List.copyOf(sorted);
  }

  /** Rows that were too many. */
  public long omitted() {
    return omitted;
  }

  /** Invalidations that dropped the granule's translation although it was mapped. */
  public long collateral() {
    return collateral;
  }

  private Domain of(int domain) {
    if (domain >= domains.length) {
      domains = Arrays.copyOf(domains, Math.max(domain + 1, domains.length * 2));
    }
    if (domains[domain] == null) {
      domains[domain] = new Domain();
    }
    return domains[domain];
  }

  private void add(LifeRow row) {
    if (rows.size() < mostRows) {
      rows.add(row);
    } else {
      omitted++;
    }
  }

  private void tell(
      long t,
      EventKind kind,
      int domain,
      int client,
      long op,
      int cpu,
      String format,
      Object... a) {
    add(new LifeRow(t, event, kind.label(), domain, client, op, cpu, format.formatted(a)));
  }

  /** Whether an event of a request, without an address, is part of the life. */
  private boolean concerns(int client, long op) {
    return filter.isOf(client)
        && (!filter.hasAddress() || holding.get(RequestKey.of(client, op)) != LongIntMap.ABSENT);
  }

  // Requests.

  @Override
  public void dmaRequested(
      long t, int client, long op, int direction, int api, int n, long[] phys, int[] length) {
    event++;
    if (!filter.isOf(client)) {
      return;
    }
    long bytes = 0;
    for (int i = 0; i < n; i++) {
      bytes += length[i];
    }
    String text =
        "asks for %s in %d range%s, %s, by %s"
            .formatted(
                Units.bytes(bytes),
                n,
                n == 1 ? "" : "s",
                Direction.of(direction).label(),
                MapApi.of(api).label());
    LifeRow row = new LifeRow(t, event, EventKind.DMA_REQUESTED.label(), -1, client, op, -1, text);
    if (filter.hasAddress()) {
      remember(RequestKey.of(client, op), row);
    } else {
      add(row);
    }
  }

  private void remember(long key, LifeRow row) {
    int slot = askedSlots.acquire();
    if (slot >= asked.length) {
      asked = Arrays.copyOf(asked, asked.length * 2);
    }
    asked[slot] = row;
    askedBy.put(key, slot);
  }

  /** What a request asked for, once; or null. */
  private LifeRow forget(long key) {
    int slot = askedBy.remove(key);
    if (slot == LongIntMap.ABSENT) {
      return null;
    }
    LifeRow row = asked[slot];
    asked[slot] = null;
    askedSlots.release(slot);
    return row;
  }

  @Override
  public void releaseRequested(long t, int client, long op, int cpu) {
    event++;
    if (concerns(client, op)) {
      tell(t, EventKind.RELEASE_REQUESTED, -1, client, op, cpu, "asks to release it");
    }
  }

  @Override
  public void submitted(long t, int device, int client, long op) {
    event++;
    if (concerns(client, op)) {
      tell(t, EventKind.SUBMITTED, -1, client, op, -1, "submitted to device %d", device);
    }
  }

  @Override
  public void translated(
      long t,
      int device,
      int iommu,
      int client,
      long op,
      long pages,
      long hits,
      long reads,
      long stallNs) {
    event++;
    if (concerns(client, op)) {
      tell(
          t,
          EventKind.TRANSLATED,
          -1,
          client,
          op,
          -1,
          "device %d translates %d pages at unit %d: %d IOTLB hits, %d reads, stall %s",
          device,
          pages,
          iommu,
          hits,
          reads,
          Units.time(stallNs));
    }
  }

  @Override
  public void completed(long t, int device, int client, long op) {
    event++;
    if (concerns(client, op)) {
      tell(t, EventKind.COMPLETED, -1, client, op, -1, "device %d is finished", device);
    }
  }

  @Override
  public void requestDone(long t, int client, long op, long bytes, long latencyNs) {
    event++;
    long key = RequestKey.of(client, op);
    forget(key);
    if (concerns(client, op)) {
      tell(
          t,
          EventKind.REQUEST_DONE,
          -1,
          client,
          op,
          -1,
          "done, %s in %s",
          Units.bytes(bytes),
          Units.time(latencyNs));
    }
    holding.remove(key);
  }

  @Override
  public void mapFailed(long t, int domain, int client, long op, int error) {
    event++;
    if (concerns(client, op)) {
      tell(t, EventKind.MAP_FAILED, domain, client, op, -1, "%s", DmaError.of(error).label());
    }
    forget(RequestKey.of(client, op));
  }

  @Override
  public void faulted(long t, int device, int client, long op, long pfn, int error) {
    event++;
    boolean here = filter.hasAddress() && pfn == filter.pfn() && filter.isOf(client);
    if (!here && !concerns(client, op)) {
      return;
    }
    int domain = client < domainOfClient.length ? domainOfClient[client] : -1;
    String verdict =
        here && domain >= 0 && filter.covers(domain, pfn, 1)
            ? "; " + of(domain).story.verdict(t)
            : "";
    tell(
        t,
        EventKind.FAULTED,
        domain,
        client,
        op,
        -1,
        "device %d meets %s: %s%s",
        device,
        Units.address(pfn),
        DmaError.of(error).label(),
        verdict);
  }

  // The range.

  @Override
  public void iovaAllocated(
      long t, int domain, int cpu, int client, long pfn, long pages, int source, int walk) {
    event++;
    of(domain).owners.put(pfn, client);
    if (!filter.covers(domain, pfn, pages)) {
      return;
    }
    GranuleStory story = of(domain).story;
    String reused =
        filter.hasAddress() && story.stage == GranuleStory.Stage.FREE
            ? ", %s after %s".formatted(Units.time(t - story.freedAt), story.holder())
            : "";
    if (filter.hasAddress()) {
      story.allocated(pfn, pages, client);
    }
    if (filter.isOf(client)) {
      tell(
          t,
          EventKind.IOVA_ALLOCATED,
          domain,
          client,
          -1,
          cpu,
          "%d pages at %s from the %s%s%s",
          pages,
          Units.address(pfn),
          IovaSource.of(source).label(),
          walk > 0 ? " past " + walk + " nodes" : "",
          reused);
    }
  }

  @Override
  public void ptesMapped(
      long t, int domain, int client, long pfn, long physPfn, long pages, int pageShift) {
    event++;
    if (!filter.covers(domain, pfn, pages) || !filter.isOf(client)) {
      return;
    }
    long behind = filter.hasAddress() ? filter.pfn() - pfn : 0;
    tell(
        t,
        EventKind.PTES_MAPPED,
        domain,
        client,
        -1,
        -1,
        "%s leads to %s, %d pages with %s entries",
        Units.address(pfn + behind),
        Units.address(physPfn + behind),
        pages,
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
    event++;
    domainIs(client, domain);
    long key = RequestKey.of(client, op);
    LifeRow request = forget(key);
    if (!isMappingHere(domain, pfn, offset, bytes) || !filter.isOf(client)) {
      return;
    }
    if (filter.hasAddress()) {
      GranuleStory story = of(domain).story;
      story.mapped(client, op, mapping);
      holding.put(key, 1);
      if (request != null) {
        add(request);
      }
    }
    tell(
        t,
        EventKind.MAPPED,
        domain,
        client,
        op,
        -1,
        "mapping %d: %s at %s in %d vector%s, calls took %s",
        mapping,
        Units.bytes(bytes),
        "0x%x".formatted((pfn << Granule.SHIFT) + offset),
        vectors,
        vectors == 1 ? "" : "s",
        Units.time(callNs));
  }

  private void domainIs(int client, int domain) {
    if (client >= domainOfClient.length) {
      int before = domainOfClient.length;
      domainOfClient = Arrays.copyOf(domainOfClient, Math.max(client + 1, before * 2));
      Arrays.fill(domainOfClient, before, domainOfClient.length, -1);
    }
    domainOfClient[client] = domain;
  }

  /** A mapping begins where its range does, which may be longer than the mapping's bytes. */
  private boolean isMappingHere(int domain, long pfn, int offset, long bytes) {
    if (!filter.hasAddress()) {
      return filter.covers(domain, pfn, 1);
    }
    GranuleStory story = of(domain).story;
    boolean allocated = story.stage == GranuleStory.Stage.ALLOCATED && story.first == pfn;
    return allocated && filter.covers(domain, story.first, story.pages)
        || filter.covers(domain, pfn, Granule.spanned(offset, bytes));
  }

  @Override
  public void ptesCleared(long t, int domain, int client, int cpu, long pfn, long pages) {
    event++;
    of(domain).clearedBy.put(pfn, client);
    if (!filter.covers(domain, pfn, pages)) {
      return;
    }
    if (filter.hasAddress()) {
      GranuleStory story = of(domain).story;
      story.cleared(t, event);
    }
    if (filter.isOf(client)) {
      tell(
          t,
          EventKind.PTES_CLEARED,
          domain,
          client,
          -1,
          cpu,
          "entries of %d pages at %s are cleared",
          pages,
          Units.address(pfn));
    }
  }

  @Override
  public void unmapped(long t, int domain, int client, long op, int mapping, int cpu, long callNs) {
    event++;
    boolean here = true;
    if (filter.hasAddress()) {
      GranuleStory story = of(domain).story;
      here = story.client == client && story.op == op && story.mapping == mapping;
      if (here && story.stage == GranuleStory.Stage.MAPPED) {
        // A direct map has nothing to clear.
        story.free(t, event);
      }
    }
    if (here && concerns(client, op)) {
      tell(
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
    event++;
    int client = of(domain).owners.remove(pfn);
    if (!filter.covers(domain, pfn, pages)) {
      return;
    }
    if (filter.hasAddress()) {
      GranuleStory story = of(domain).story;
      story.free(t, event);
    }
    if (filter.isOf(client)) {
      tell(
          t,
          EventKind.IOVA_FREED,
          domain,
          client,
          -1,
          cpu,
          "%d pages at %s go to the %s",
          pages,
          Units.address(pfn),
          IovaDestination.of(destination).label());
    }
  }

  // Invalidation and flush queue.

  @Override
  public void invalidationPosted(
      long t, int iommu, int domain, int cpu, int kind, long pfn, long pages, long covered) {
    event++;
    invalidations.invalidationPosted(t, iommu, domain, cpu, kind, pfn, pages, covered);
    int client = pages == 0 ? -1 : of(domain).clearedBy.get(pfn);
    if (isInvalidationHere(domain, pfn, pages, covered, client, true)) {
      tell(
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
    return "asked %d pages at %s, covers %s"
        .formatted(
            pages, Units.address(pfn), covered == 0 ? "the whole domain" : covered + " pages");
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
    GranuleStory story = of(domain).story;
    if (!drops || !filter.isOf(story.client)) {
      return false;
    }
    if (count && story.stage == GranuleStory.Stage.MAPPED) {
      collateral++;
    }
    return story.stale();
  }

  @Override
  public void invalidationCompleted(
      long t, int iommu, int domain, int cpu, long latencyNs, int dropped) {
    event++;
    if (!invalidations.finish(iommu, domain, cpu)) {
      return;
    }
    long pfn = invalidations.pfn();
    long pages = invalidations.pages();
    int client = pages == 0 ? -1 : of(domain).clearedBy.remove(pfn);
    if (isInvalidationHere(domain, pfn, pages, invalidations.covered(), client, false)) {
      tell(
          t,
          EventKind.INVALIDATION_COMPLETED,
          domain,
          client,
          -1,
          cpu,
          "after %s, %d IOTLB entries dropped",
          Units.time(latencyNs),
          dropped);
    }
  }

  @Override
  public void flushQueued(long t, int domain, int cpu, long pfn, long pages) {
    event++;
    of(domain).clearedBy.remove(pfn);
    if (!filter.covers(domain, pfn, pages)) {
      return;
    }
    if (filter.hasAddress()) {
      of(domain).story.stage = GranuleStory.Stage.QUEUED;
    }
    int client = of(domain).owners.get(pfn);
    if (filter.isOf(client)) {
      tell(
          t,
          EventKind.FLUSH_QUEUED,
          domain,
          client,
          -1,
          cpu,
          "%d pages at %s wait for a flush",
          pages,
          Units.address(pfn));
    }
  }

  @Override
  public void flushStarted(long t, int domain, int cpu, int reason) {
    event++;
    if (isQueuedHere(domain)) {
      tell(
          t,
          EventKind.FLUSH_STARTED,
          domain,
          -1,
          -1,
          cpu,
          "a flush begins: %s",
          FlushReason.of(reason).label());
    }
  }

  @Override
  public void flushFinished(long t, int domain, int cpu, long freed) {
    event++;
    if (isQueuedHere(domain)) {
      tell(
          t, EventKind.FLUSH_FINISHED, domain, -1, -1, cpu, "a flush ends, %d ranges freed", freed);
    }
  }

  private boolean isQueuedHere(int domain) {
    GranuleStory story = of(domain).story;
    return filter.hasAddress()
        && filter.covers(domain, filter.pfn(), 1)
        && story.stage == GranuleStory.Stage.QUEUED
        && filter.isOf(story.client);
  }

  // Events that concern no address; they only count.

  @Override
  public void iovaCachesFlushed(long t, int domain, int cpu, long ranges) {
    event++;
  }

  @Override
  public void depotTrimmed(long t, int domain, int order, long ranges) {
    event++;
  }

  @Override
  public void tablesChanged(long t, int domain, long tables) {
    event++;
  }

  @Override
  public void lockWaited(long t, int lock, int instance, int cpu, int holder, long waitNs) {
    event++;
  }

  @Override
  public void lockUsed(
      long t, int lock, int instance, long acquisitions, long heldNs, long waitedNs) {
    event++;
  }

  @Override
  public void cpuStolen(long t, int cpu, long ns) {
    event++;
  }
}
