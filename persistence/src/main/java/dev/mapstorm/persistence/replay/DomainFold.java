package dev.mapstorm.persistence.replay;

import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.persistence.inflight.Call;
import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.persistence.inflight.Mapping;
import dev.mapstorm.persistence.primitive.SlotPool;
import dev.mapstorm.protocol.IovaSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * One domain of a {@link HostFold}: its IOVA ranges and what they are at, its page-table entries,
 * its caches and its flush queue.
 */
final class DomainFold {
  private static final long[] NONE = {};
  private static final int WORDS = 16;
  private static final int PFN = 0;

  /** Granules allocated; 0 in a slot that is not in use. */
  private static final int PAGES = 1;

  private static final int STATE = 2;
  private static final int SINCE = 3;
  private static final int ENTRIES = 4;
  private static final int MAPPING = 5;
  private static final int CLIENT = 6;
  private static final int OP = 7;
  private static final int OFFSET = 8;
  private static final int BYTES = 9;
  private static final int VECTORS = 10;
  private static final int CPU = 11;

  /** CPU that cleared or queued it. */
  private static final int UNMAPPED_BY = 12;

  /** Place in the flush queue, ascending. */
  private static final int SEQUENCE = 13;

  /** Flushes that had started when it was queued. */
  private static final int COUNTER = 14;

  /** Granules that were cleared and whose own invalidation is not complete. */
  private static final int STALE = 15;

  private final int domain;
  private final GranuleTable table = new GranuleTable();
  private final CachedRanges cached;
  private final SlotPool slots = new SlotPool();
  private long[] ranges = new long[64 * WORDS];

  /** First granules of the ranges that a call has allocated, where it may be more than one. */
  private final Map<Long, long[]> made = new HashMap<>();

  private long queuedRanges;
  private long flushesStarted;
  private long flushesFinished;
  private long tables;

  /** Not part of the state: {@link FoldSnapshot} leaves transient fields out. */
  private transient Consumer<String> violations;

  DomainFold(int domain, IovaParameters parameters) {
    this.domain = domain;
    cached = new CachedRanges(parameters);
  }

  /** Says who hears of broken rules; to be called before the first event. */
  void reportTo(Consumer<String> listener) {
    violations = listener;
  }

  private void violated(String format, Object... arguments) {
    violations.accept("domain %d: ".formatted(domain) + format.formatted(arguments));
  }

  private void become(int at, RangeState state, long t) {
    ranges[at + STATE] = state.ordinal();
    ranges[at + SINCE] = t;
  }

  private boolean is(int at, RangeState state) {
    return ranges[at + STATE] == state.ordinal();
  }

  /** The range that holds a granule, or -1. */
  private int holding(long pfn) {
    int slot = table.owner(pfn);
    return slot == GranuleTable.NOBODY ? -1 : slot * WORDS;
  }

  /** A range was allocated. */
  void allocated(long t, Call by, long pfn, long pages, int source) {
    if (!cached.allocated(by.cpu(), pages, source)) {
      violated("%d granules at pfn 0x%x came from a cache that is empty", pages, pfn);
    }
    haveTable();
    int slot = slots.acquire();
    int at = slot * WORDS;
    if (at >= ranges.length) {
      ranges = Arrays.copyOf(ranges, ranges.length * 2);
    }
    Arrays.fill(ranges, at, at + WORDS, 0);
    ranges[at + PFN] = pfn;
    ranges[at + PAGES] = pages;
    ranges[at + MAPPING] = -1;
    ranges[at + CLIENT] = by.client();
    ranges[at + OP] = -1;
    ranges[at + CPU] = by.cpu();
    become(at, RangeState.ALLOCATED, t);
    if (source >= IovaSource.BITMAP.ordinal()) {
      long[] before = made.getOrDefault(by.id(), NONE);
      long[] more = Arrays.copyOf(before, before.length + 1);
      more[before.length] = pfn;
      made.put(by.id(), more);
    }
    if (table.own(pfn, pages, slot) > 0) {
      violated("%d granules at pfn 0x%x were allocated while in use", pages, pfn);
    }
  }

  /** Entries were written. */
  void written(long pfn, long physPfn, long pages, int pageShift) {
    if (table.map(pfn, physPfn, pages, pageShift) > 0) {
      violated("entries of %d granules at pfn 0x%x were written over present ones", pages, pfn);
    }
    int at = holding(pfn);
    if (at < 0) {
      violated("%d granules at pfn 0x%x were mapped without being allocated", pages, pfn);
    } else {
      ranges[at + ENTRIES] += pages;
    }
  }

  /** A mapping was handed out. */
  void mapped(Mapping mapping) {
    long[] several = made.isEmpty() ? null : made.remove(mapping.id());
    if (several == null) {
      mapped(mapping, mapping.pfn());
      return;
    }
    for (long pfn : several) {
      mapped(mapping, pfn);
    }
  }

  private void mapped(Mapping mapping, long pfn) {
    int at = holding(pfn);
    if (at < 0) {
      // No IOVA stands behind it, as on a direct map.
      return;
    }
    ranges[at + MAPPING] = mapping.id();
    ranges[at + CLIENT] = mapping.client();
    ranges[at + OP] = mapping.op();
    ranges[at + OFFSET] = mapping.offset();
    ranges[at + BYTES] = mapping.bytes();
    ranges[at + VECTORS] = mapping.vectors();
    if (is(at, RangeState.ALLOCATED)) {
      become(at, RangeState.MAPPED, mapping.since());
    } else {
      violated(
          "mapping %d at pfn 0x%x was handed out in state %s",
          mapping.id(), mapping.pfn(), RangeState.of(ranges[at + STATE]).label());
    }
  }

  /** A mapping was not made: its call allocates no more. */
  void failed(long call) {
    made.remove(call);
  }

  /** Entries were cleared, of one range or of several that follow each other. */
  void cleared(long t, Call by, long pfn, long pages) {
    long end = pfn + pages;
    for (long first = pfn; first < end; ) {
      int at = holding(first);
      long next = at < 0 ? end : Math.min(end, ranges[at + PFN] + ranges[at + PAGES]);
      cleared(t, by, at, first, next - first);
      first = next;
    }
  }

  private void cleared(long t, Call by, int at, long pfn, long pages) {
    long cleared = table.clear(pfn, pages);
    if (cleared != pages) {
      violated("of %d entries at pfn 0x%x to clear %d were present", pages, pfn, cleared);
    }
    if (at < 0) {
      violated("%d entries at pfn 0x%x of no allocated range were cleared", pages, pfn);
      return;
    }
    ranges[at + ENTRIES] -= cleared;
    ranges[at + STALE] += pages;
    ranges[at + UNMAPPED_BY] = by.cpu();
    if (ranges[at + ENTRIES] == 0) {
      become(at, RangeState.CLEARED, t);
    }
  }

  /**
   * An invalidation that asked for these granules is complete. Where the runs of entries of a range
   * differ in length each has its own, and the range is stale until the last of them.
   */
  void invalidated(long t, long pfn, long pages) {
    long end = pfn + pages;
    for (long first = pfn; first < end; ) {
      int at = holding(first);
      long next = at < 0 ? end : Math.min(end, ranges[at + PFN] + ranges[at + PAGES]);
      if (at >= 0) {
        ranges[at + STALE] -= next - first;
        if (is(at, RangeState.CLEARED) && ranges[at + STALE] <= 0) {
          become(at, RangeState.INVALIDATED, t);
        }
      }
      first = next;
    }
  }

  /** An invalidation of the whole domain is complete: what a flush is for. */
  void flushed() {
    flushesFinished++;
  }

  /** A range entered the flush queue. */
  void queued(long t, Call by, long pfn, long pages) {
    int at = holding(pfn);
    if (at < 0 || !is(at, RangeState.CLEARED)) {
      violated("%d granules at pfn 0x%x were queued without being cleared", pages, pfn);
      return;
    }
    become(at, RangeState.QUEUED, t);
    ranges[at + UNMAPPED_BY] = by.cpu();
    ranges[at + SEQUENCE] = queuedRanges++;
    ranges[at + COUNTER] = flushesStarted;
  }

  /** A flush of the domain began. */
  void flushStarted() {
    flushesStarted++;
  }

  /** A range was freed, or several that follow each other. */
  void freed(Call by, long pfn, long pages, int destination) {
    cached.freed(by.cpu(), pages, destination);
    long end = pfn + pages;
    for (long first = pfn; first < end; ) {
      int at = holding(first);
      if (at < 0 || ranges[at + PFN] != first) {
        violated("%d granules at pfn 0x%x were freed without being allocated", end - first, first);
        return;
      }
      first += ranges[at + PAGES];
      freed(at);
    }
  }

  private void freed(int at) {
    long pfn = ranges[at + PFN];
    long pages = ranges[at + PAGES];
    if (ranges[at + ENTRIES] != 0) {
      violated("%d granules at pfn 0x%x were freed with present entries", pages, pfn);
    }
    boolean stale =
        is(at, RangeState.CLEARED)
            || is(at, RangeState.QUEUED)
                && ranges[at + COUNTER] >= flushesFinished
                && ranges[at + STALE] > 0;
    if (stale) {
      violated("%d granules at pfn 0x%x were freed before they were invalidated", pages, pfn);
    }
    table.disown(pfn, pages, at / WORDS);
    ranges[at + PAGES] = 0;
    slots.release(at / WORDS);
  }

  /** All cached ranges went to the tree. */
  void cachesFlushed() {
    cached.flushed();
    haveTable();
  }

  /** A domain with IOVA has the top of a table before {@code tables-changed} tells of more. */
  private void haveTable() {
    tables = Math.max(tables, 1);
  }

  /** A magazine of the depot went to the tree. */
  void depotTrimmed(int order) {
    cached.trimmed(order);
  }

  /** The number of table pages changed. */
  void tablesChanged(long tables) {
    this.tables = tables;
  }

  /** The domain as it is. */
  HostState.Domain state(InFlight inFlight) {
    List<HostState.Range> inUse = new ArrayList<>();
    TreeMap<Integer, TreeMap<Long, HostState.Range>> rings = new TreeMap<>();
    for (int at = 0; at < ranges.length; at += WORDS) {
      if (ranges[at + PAGES] == 0) {
        continue;
      }
      HostState.Range range = range(at);
      inUse.add(range);
      if (range.state() == RangeState.QUEUED) {
        rings
            .computeIfAbsent((int) ranges[at + UNMAPPED_BY], cpu -> new TreeMap<>())
            .put(ranges[at + SEQUENCE], range);
      }
    }
    inUse.sort(Comparator.comparingLong(HostState.Range::pfn));
    inUse.addAll(direct(inFlight));
    List<HostState.EntryRun> entries = new ArrayList<>();
    table.forEachRun(
        (pfn, physPfn, pages, shift) ->
            entries.add(new HostState.EntryRun(pfn, physPfn, pages, shift)));
    List<HostState.Ring> queues = new ArrayList<>();
    rings.forEach(
        (cpu, waiting) -> {
          long pages = waiting.values().stream().mapToLong(HostState.Range::pages).sum();
          queues.add(new HostState.Ring(cpu, List.copyOf(waiting.values()), pages));
        });
    return new HostState.Domain(
        domain,
        List.copyOf(inUse),
        List.copyOf(entries),
        table.present(),
        tables,
        cached.cached(),
        cached.depots(),
        List.copyOf(queues),
        flushes(inFlight));
  }

  /** Its mappings by client and request, if no IOVA stands behind them: of a direct map. */
  private List<HostState.Range> direct(InFlight inFlight) {
    if (tables > 0) {
      return List.of();
    }
    return inFlight.mappings().stream()
        .filter(mapping -> mapping.domain() == domain)
        .map(DomainFold::direct)
        .sorted(
            Comparator.comparingInt(HostState.Range::client)
                .thenComparingLong(HostState.Range::op)
                .thenComparingLong(HostState.Range::pfn))
        .toList();
  }

  private static HostState.Range direct(Mapping mapping) {
    return new HostState.Range(
        mapping.pfn(),
        mapping.pages(),
        RangeState.DIRECT,
        mapping.since(),
        0,
        mapping.id(),
        mapping.client(),
        mapping.op(),
        mapping.offset(),
        mapping.bytes(),
        mapping.vectors(),
        -1);
  }

  private List<HostState.Flush> flushes(InFlight inFlight) {
    return inFlight.calls().stream()
        .filter(call -> call.domain() == domain && call.isFlushing())
        .sorted(Comparator.comparingLong(Call::flushSince))
        .map(call -> new HostState.Flush(call.cpu(), call.flushReason().label(), call.flushSince()))
        .toList();
  }

  private HostState.Range range(int at) {
    return new HostState.Range(
        ranges[at + PFN],
        ranges[at + PAGES],
        RangeState.of(ranges[at + STATE]),
        ranges[at + SINCE],
        ranges[at + ENTRIES],
        ranges[at + MAPPING],
        (int) ranges[at + CLIENT],
        ranges[at + OP],
        (int) ranges[at + OFFSET],
        ranges[at + BYTES],
        (int) ranges[at + VECTORS],
        (int) ranges[at + CPU]);
  }
}
