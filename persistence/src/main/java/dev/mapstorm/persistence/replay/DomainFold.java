package dev.mapstorm.persistence.replay;

import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.protocol.FlushReason;
import dev.mapstorm.protocol.event.EventSink;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * One domain of a {@link HostFold}: its IOVA ranges and what they are at, its page-table entries,
 * its caches and its flush queue. Hears the events of its domain only.
 */
final class DomainFold implements EventSink {
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
  private final List<HostState.Flush> flushes = new ArrayList<>();
  private long[] ranges = new long[64 * WORDS];
  private long queuedRanges;
  private long flushesStarted;
  private long flushesFinished;
  private long tables;

  /** The flush that {@link #flushFinished} took for finished, and its place among the others. */
  private HostState.Flush finished;

  private int finishedAt;

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

  @Override
  public void iovaAllocated(
      long t, int domain, int cpu, int client, long pfn, long pages, int source, int walk) {
    if (!cached.allocated(cpu, pages, source)) {
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
    ranges[at + CLIENT] = client;
    ranges[at + OP] = -1;
    ranges[at + CPU] = cpu;
    become(at, RangeState.ALLOCATED, t);
    if (table.own(pfn, pages, slot) > 0) {
      violated("%d granules at pfn 0x%x were allocated while in use", pages, pfn);
    }
  }

  @Override
  public void ptesMapped(
      long t, int domain, int client, long pfn, long physPfn, long pages, int pageShift) {
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

  /** A mapping was handed out; false if no IOVA stands behind it, as on a direct map. */
  boolean mapped(
      long t, int client, long op, int mapping, long pfn, int offset, long bytes, int vectors) {
    int at = holding(pfn);
    if (at < 0) {
      return false;
    }
    ranges[at + MAPPING] = mapping;
    ranges[at + CLIENT] = client;
    ranges[at + OP] = op;
    ranges[at + OFFSET] = offset;
    ranges[at + BYTES] = bytes;
    ranges[at + VECTORS] = vectors;
    if (is(at, RangeState.ALLOCATED)) {
      become(at, RangeState.MAPPED, t);
    } else {
      violated(
          "mapping %d at pfn 0x%x was handed out in state %s",
          mapping, pfn, RangeState.of(ranges[at + STATE]).label());
    }
    return true;
  }

  @Override
  public void ptesCleared(long t, int domain, int client, int cpu, long pfn, long pages) {
    long cleared = table.clear(pfn, pages);
    if (cleared != pages) {
      violated("of %d entries at pfn 0x%x to clear %d were present", pages, pfn, cleared);
    }
    int at = holding(pfn);
    if (at < 0) {
      violated("%d entries at pfn 0x%x of no allocated range were cleared", pages, pfn);
      return;
    }
    ranges[at + ENTRIES] -= cleared;
    ranges[at + STALE] += pages;
    ranges[at + UNMAPPED_BY] = cpu;
    if (ranges[at + ENTRIES] == 0) {
      become(at, RangeState.CLEARED, t);
    }
  }

  /**
   * An invalidation that asked for these granules is complete. Where the runs of entries of a range
   * differ in length each has its own, and the range is stale until the last of them.
   */
  void invalidated(long t, long pfn, long pages) {
    int at = holding(pfn);
    if (at >= 0) {
      ranges[at + STALE] -= pages;
      if (is(at, RangeState.CLEARED) && ranges[at + STALE] <= 0) {
        become(at, RangeState.INVALIDATED, t);
      }
    }
  }

  /** An invalidation of the whole domain is complete: what a flush is for. */
  void flushed() {
    flushesFinished++;
  }

  @Override
  public void flushQueued(long t, int domain, int cpu, long pfn, long pages) {
    int at = holding(pfn);
    if (at < 0 || !is(at, RangeState.CLEARED)) {
      violated("%d granules at pfn 0x%x were queued without being cleared", pages, pfn);
      return;
    }
    become(at, RangeState.QUEUED, t);
    ranges[at + UNMAPPED_BY] = cpu;
    ranges[at + SEQUENCE] = queuedRanges++;
    ranges[at + COUNTER] = flushesStarted;
  }

  @Override
  public void flushStarted(long t, int domain, int cpu, int reason) {
    flushesStarted++;
    flushes.add(new HostState.Flush(cpu, FlushReason.of(reason).label(), t));
  }

  /**
   * A CPU may be in two flushes, one of its full ring and one of the timer, and the event does not
   * say which is finished: the ring's, unless {@link #timerFlushFinished} follows.
   */
  @Override
  public void flushFinished(long t, int domain, int cpu, long freed) {
    finishedAt = find(cpu, FlushReason.FULL);
    if (finishedAt < 0) {
      finishedAt = find(cpu, FlushReason.TIMER);
    }
    if (finishedAt < 0) {
      violated("CPU %d finished a flush that it had not started", cpu);
    } else {
      finished = flushes.remove(finishedAt);
    }
  }

  /** The flush that finished with the last event was the timer's. */
  void timerFlushFinished(int cpu) {
    int timer = find(cpu, FlushReason.TIMER);
    if (finishedAt >= 0 && timer >= 0 && finished.reason().equals(FlushReason.FULL.label())) {
      flushes.add(finishedAt, finished);
      flushes.remove(find(cpu, FlushReason.TIMER));
    }
  }

  private int find(int cpu, FlushReason reason) {
    for (int i = 0; i < flushes.size(); i++) {
      if (flushes.get(i).cpu() == cpu && flushes.get(i).reason().equals(reason.label())) {
        return i;
      }
    }
    return -1;
  }

  @Override
  public void iovaFreed(long t, int domain, int cpu, long pfn, long pages, int destination) {
    cached.freed(cpu, pages, destination);
    int at = holding(pfn);
    if (at < 0 || ranges[at + PFN] != pfn) {
      violated("%d granules at pfn 0x%x were freed without being allocated", pages, pfn);
      return;
    }
    if (ranges[at + ENTRIES] != 0) {
      violated("%d granules at pfn 0x%x were freed with present entries", pages, pfn);
    }
    boolean stale =
        is(at, RangeState.CLEARED)
            || is(at, RangeState.QUEUED) && ranges[at + COUNTER] >= flushesFinished;
    if (stale) {
      violated("%d granules at pfn 0x%x were freed before they were invalidated", pages, pfn);
    }
    table.disown(pfn, ranges[at + PAGES], at / WORDS);
    ranges[at + PAGES] = 0;
    slots.release(at / WORDS);
  }

  @Override
  public void iovaCachesFlushed(long t, int domain, int cpu, long ranges) {
    cached.flushed();
    haveTable();
  }

  /** A domain with IOVA has the top of a table before {@code tables-changed} tells of more. */
  private void haveTable() {
    tables = Math.max(tables, 1);
  }

  @Override
  public void depotTrimmed(long t, int domain, int order, long ranges) {
    cached.trimmed(order);
  }

  @Override
  public void tablesChanged(long t, int domain, long tables) {
    this.tables = tables;
  }

  /** The domain as it is; {@code direct} are its mappings without IOVA. */
  HostState.Domain state(List<HostState.Range> direct) {
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
    inUse.addAll(direct);
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
        List.copyOf(flushes));
  }

  private HostState.Range range(int at) {
    return new HostState.Range(
        ranges[at + PFN],
        ranges[at + PAGES],
        RangeState.of(ranges[at + STATE]),
        ranges[at + SINCE],
        ranges[at + ENTRIES],
        (int) ranges[at + MAPPING],
        (int) ranges[at + CLIENT],
        ranges[at + OP],
        (int) ranges[at + OFFSET],
        ranges[at + BYTES],
        (int) ranges[at + VECTORS],
        (int) ranges[at + CPU]);
  }
}
