package dev.mapstorm.load.check;

import dev.mapstorm.load.trace.TraceEvent;
import dev.mapstorm.load.trace.TraceLine;
import dev.mapstorm.persistence.check.Rule;
import dev.mapstorm.persistence.check.SharedMemory;
import dev.mapstorm.persistence.text.Units;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.Granule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The rules of dma-debug over the {@code dma:*} events of a trace: each unmapping and sync is held
 * against the mapping that it names. Only what the trace shows to have been mapped is judged.
 *
 * <p>{@code dma_unmap_page} is logged after the act: another CPU may have mapped the address again
 * before. So an address can stand for several mappings for a while, and an unmapping ends the
 * oldest that it fits. Memory is bounded by the addresses that occur. Not thread safe.
 */
final class DmaCalls {
  /** Fewer mappings that came and went tell nothing about one that stays. */
  private static final long FEWEST_OVERTAKEN = 64;

  /** How many times longer a leak has been there than the longest that is none. */
  private static final long OUTLIVES = 4;

  /** A line of an unmapping follows the act by less. */
  private static final long LATE_NS = 1_000_000;

  /** The calls that make mappings, and take them back. */
  private enum Call {
    PAGE("dma_map_page"),
    LIST("dma_map_sg"),
    COHERENT("dma_alloc");

    private final String label;

    Call(String label) {
      this.label = label;
    }
  }

  /** A mapping, or what became of it. */
  private static final class Entry {
    private final Call call;
    private final String device;
    private final long address;
    private final long bytes;
    private final Direction direction;
    private final TraceLine mapped;
    private final Kind kind;
    private final long number;
    private final boolean first;
    private TraceLine unmapped;

    /** Parts that were synced, by their first byte; null before the first. */
    private Map<Long, Synced> synced;

    private long memory = -1;
    private long paddr;

    Entry(
        Call call,
        String device,
        long address,
        long bytes,
        Direction direction,
        TraceLine mapped,
        Kind kind,
        boolean first) {
      this.call = call;
      this.device = device;
      this.address = address;
      this.bytes = bytes;
      this.direction = direction;
      this.mapped = mapped;
      this.kind = kind;
      this.first = first;
      number = kind.begin();
    }

    String range() {
      return "[0x%x, 0x%x)".formatted(address, address + bytes);
    }
  }

  /** Who a part of a mapping was given to last. */
  private record Synced(long bytes, boolean forDevice, TraceLine line) {}

  /** Mappings of a device that are alike: by call, direction and size. */
  private static final class Kind {
    private long begun;
    private long live;
    private long mostLive;
    private long longestNs;

    long begin() {
      live++;
      mostLive = Math.max(mostLive, live);
      return begun++;
    }

    void end(long lifeNs) {
      live--;
      longestNs = Math.max(longestNs, lifeNs);
    }
  }

  /** The addresses of a device. */
  private static final class Space {
    private final TreeMap<Long, List<Entry>> live = new TreeMap<>(Long::compareUnsigned);
    private final Map<Long, Entry> past = new HashMap<>();
  }

  private final Findings findings;
  private final Map<String, Space> spaces = new LinkedHashMap<>();
  private final Map<List<Object>, Kind> kinds = new HashMap<>();

  /** Lists by device and first physical address, as {@code dma_unmap_sg} names them. */
  private final Map<List<Object>, Entry> lists = new HashMap<>();

  private SharedMemory memory = new SharedMemory();
  private final Map<Long, Entry> byMemory = new HashMap<>();
  private long memories;
  private boolean intelLists;
  private boolean directed;
  private long lastNs;
  private long leaks;

  DmaCalls(Findings findings) {
    this.findings = findings;
  }

  /** Leaks that were found. */
  long leaks() {
    return leaks;
  }

  void take(TraceLine line) {
    lastNs = line.timeNs();
    TraceEvent event = line.event();
    if (event instanceof TraceEvent.DmaMap map && !map.failed()) {
      Entry entry =
          map(line, Call.PAGE, map.device(), map.dmaAddress(), map.size(), map.direction());
      if (map.size() <= Integer.MAX_VALUE) {
        share(entry, map.paddr());
      }
    } else if (event instanceof TraceEvent.DmaAlloc alloc && !alloc.failed()) {
      map(line, Call.COHERENT, alloc.device(), alloc.dmaAddress(), alloc.size(), alloc.direction());
    } else if (event instanceof TraceEvent.DmaMapSg list && list.dmaAddresses().length > 0) {
      long bytes = list.sizes()[0];
      Entry entry =
          map(line, Call.LIST, list.device(), list.dmaAddresses()[0], bytes, list.direction());
      if (list.paddrs().length > 0) {
        lists.put(List.of(list.device(), list.paddrs()[0]), entry);
      }
    } else if (event instanceof TraceEvent.DmaUnmap unmap) {
      unmap(line, unmap);
    } else if (event instanceof TraceEvent.DmaUnmapSg list && list.paddrs().length > 0) {
      unmapList(line, list);
    } else if (event instanceof TraceEvent.DmaFree free) {
      free(line, free);
    } else if (event instanceof TraceEvent.DmaSync sync) {
      sync(line, sync);
    } else if (event instanceof TraceEvent.IntelMapSegment) {
      intelLists = true;
    } else if (event instanceof TraceEvent.Lost) {
      forget();
    }
  }

  /** What happened in a gap is not known. */
  private void forget() {
    spaces.clear();
    lists.clear();
    kinds.clear();
    byMemory.clear();
    memory = new SharedMemory();
  }

  private Space space(String device) {
    return spaces.computeIfAbsent(device, key -> new Space());
  }

  private Entry map(
      TraceLine line, Call call, String device, long address, long bytes, Direction direction) {
    Kind kind = kinds.computeIfAbsent(List.of(device, call, direction, bytes), key -> new Kind());
    directed |= direction != Direction.BIDIRECTIONAL;
    Space space = space(device);
    boolean first = !space.past.containsKey(address) && !space.live.containsKey(address);
    Entry entry = new Entry(call, device, address, bytes, direction, line, kind, first);
    space.live.computeIfAbsent(address, key -> new ArrayList<>(1)).add(entry);
    return entry;
  }

  private void share(Entry entry, long paddr) {
    entry.memory = memories++;
    entry.paddr = paddr;
    byMemory.put(entry.memory, entry);
    boolean translated = entry.address != paddr;
    for (SharedMemory.Shared each :
        memory.add(
            entry.memory, entry.direction, new long[] {paddr}, new int[] {(int) entry.bytes})) {
      if (each.rule() == Rule.OVERLAP || translated) {
        Entry other = byMemory.get(each.request());
        String text =
            each.rule() == Rule.OVERLAP
                ? "a cache line of physical page 0x%x is mapped twice, and a device writes it"
                : "physical page 0x%x is in two mappings, and a device may write all of it";
        find(
            each.rule(),
            entry.mapped,
            entry,
            "%s; %s; the other is %s of %s, %s"
                .formatted(
                    text.formatted(each.physPfn()),
                    entry.range(),
                    other.range(),
                    other.device,
                    mapped(entry.mapped, other)));
      }
    }
  }

  private void end(Entry entry, TraceLine line) {
    Space space = space(entry.device);
    List<Entry> at = space.live.get(entry.address);
    at.remove(entry);
    if (at.isEmpty()) {
      space.live.remove(entry.address);
    }
    entry.unmapped = line;
    entry.kind.end(line.timeNs() - entry.mapped.timeNs());
    space.past.put(entry.address, entry);
    if (entry.memory >= 0) {
      memory.remove(entry.memory, new long[] {entry.paddr}, new int[] {(int) entry.bytes});
      byMemory.remove(entry.memory);
    }
  }

  private void unmap(TraceLine line, TraceEvent.DmaUnmap unmap) {
    if (unmap.dmaAddress() == TraceEvent.MAPPING_ERROR) {
      String text = "%s unmaps DMA_MAPPING_ERROR".formatted(who(line));
      find(Rule.UNMAP_ERROR, line, unmap.device(), -1, text);
      return;
    }
    Space space = space(unmap.device());
    List<Entry> at = space.live.getOrDefault(unmap.dmaAddress(), List.of());
    if (at.isEmpty()) {
      twice(line, unmap.device(), unmap.dmaAddress());
      return;
    }
    Entry entry = at.stream().filter(each -> fits(each, unmap)).findFirst().orElse(at.get(0));
    end(entry, line);
    if (entry.call != Call.PAGE) {
      if (!intelLists) {
        String text =
            "%s unmaps %s as a page, which is mapped with %s"
                .formatted(who(line), entry.range(), entry.call.label);
        find(Rule.UNMAP_FUNCTION, line, entry, text + "; " + mapped(line, entry));
      }
      return;
    }
    if (!sameSize(entry, unmap)) {
      String text =
          "%s unmaps %d bytes of %s, which are %d"
              .formatted(who(line), unmap.size(), entry.range(), entry.bytes);
      find(Rule.UNMAP_SIZE, line, entry, text + "; " + mapped(line, entry));
    }
    direction(line, entry, unmap.direction());
  }

  private static boolean fits(Entry entry, TraceEvent.DmaUnmap unmap) {
    return entry.call == Call.PAGE
        && sameSize(entry, unmap)
        && entry.direction == unmap.direction();
  }

  /**
   * The VT-d driver's own events, which tell no direction, round to pages one time and not the
   * other: there pages are compared.
   */
  private static boolean sameSize(Entry entry, TraceEvent.DmaUnmap unmap) {
    boolean samePages =
        entry.direction == Direction.BIDIRECTIONAL
            && unmap.direction() == Direction.BIDIRECTIONAL
            && Granule.spanned(entry.address, entry.bytes)
                == Granule.spanned(entry.address, unmap.size());
    return entry.bytes == unmap.size() || samePages;
  }

  private void direction(TraceLine line, Entry entry, Direction direction) {
    if (entry.direction != direction) {
      String text =
          "%s unmaps %s as %s, which is mapped as %s"
              .formatted(who(line), entry.range(), direction.label(), entry.direction.label());
      find(Rule.UNMAP_DIRECTION, line, entry, text + "; " + mapped(line, entry));
    }
  }

  /** An unmapping of an address at which nothing is mapped: judged if the trace saw it unmapped. */
  private void twice(TraceLine line, String device, long address) {
    Entry before = space(device).past.get(address);
    if (before != null && !intelLists && !mayBeOfEarlier(before)) {
      String text =
          "%s unmaps 0x%x, which is not mapped; %s was %s, unmapped %s"
              .formatted(
                  who(line),
                  address,
                  before.range(),
                  mapped(line, before),
                  deed(line, before.unmapped));
      space(device).past.remove(address);
      find(Rule.UNMAP_UNKNOWN, line, before, text);
    }
  }

  /**
   * Whether the unmapping of a mapping may have been that of the mapping before it at the same
   * address, which the trace does not show: then the line follows soon, from another CPU.
   */
  private static boolean mayBeOfEarlier(Entry entry) {
    return entry.first
        && entry.unmapped.cpu() != entry.mapped.cpu()
        && entry.unmapped.timeNs() - entry.mapped.timeNs() < LATE_NS;
  }

  private void unmapList(TraceLine line, TraceEvent.DmaUnmapSg list) {
    Entry entry = lists.remove(List.of(list.device(), list.paddrs()[0]));
    if (entry != null && entry.unmapped == null) {
      end(entry, line);
      direction(line, entry, list.direction());
    }
  }

  private void free(TraceLine line, TraceEvent.DmaFree free) {
    List<Entry> at = space(free.device()).live.getOrDefault(free.dmaAddress(), List.of());
    if (at.isEmpty()) {
      return;
    }
    Entry entry =
        at.stream().filter(each -> each.call == Call.COHERENT).findFirst().orElse(at.get(0));
    end(entry, line);
    if (entry.call != Call.COHERENT) {
      String text =
          "%s frees %s as coherent memory, which is mapped with %s"
              .formatted(who(line), entry.range(), entry.call.label);
      find(Rule.UNMAP_FUNCTION, line, entry, text + "; " + mapped(line, entry));
    } else if (entry.bytes != free.size()) {
      String text =
          "%s frees %d bytes of %s, which are %d"
              .formatted(who(line), free.size(), entry.range(), entry.bytes);
      find(Rule.UNMAP_SIZE, line, entry, text + "; " + mapped(line, entry));
    }
  }

  private void sync(TraceLine line, TraceEvent.DmaSync sync) {
    Space space = space(sync.device());
    Map.Entry<Long, List<Entry>> below = space.live.floorEntry(sync.dmaAddress());
    Entry entry =
        below == null
            ? null
            : below.getValue().stream()
                .filter(each -> sync.dmaAddress() - each.address < each.bytes)
                .findFirst()
                .orElse(null);
    String call = sync.forDevice() ? "for the device" : "for the CPU";
    if (entry == null) {
      Entry before = space.past.get(sync.dmaAddress());
      if (before != null) {
        String text =
            "%s syncs 0x%x %s after it was unmapped; %s was %s, unmapped %s"
                .formatted(
                    who(line),
                    sync.dmaAddress(),
                    call,
                    before.range(),
                    mapped(line, before),
                    deed(line, before.unmapped));
        find(Rule.SYNC_UNMAPPED, line, before, text);
      }
    } else if (entry.direction != Direction.BIDIRECTIONAL
        && entry.direction != sync.direction()
        && entry.call != Call.COHERENT) {
      String text =
          "%s syncs %s %s as %s, which is mapped as %s"
              .formatted(
                  who(line),
                  entry.range(),
                  call,
                  sync.direction().label(),
                  entry.direction.label());
      find(Rule.SYNC_DIRECTION, line, entry, text + "; " + mapped(line, entry));
    } else if (sync.size() > 0) {
      handOver(line, entry, sync, call);
    }
  }

  /** Who a part belongs to changes with a sync: one for its owner does nothing but copy again. */
  private void handOver(TraceLine line, Entry entry, TraceEvent.DmaSync sync, String call) {
    if (entry.synced == null) {
      entry.synced = new HashMap<>();
    }
    long first = sync.dmaAddress();
    long end = first + sync.size();
    entry
        .synced
        .entrySet()
        .removeIf(
            each ->
                each.getValue().forDevice() != sync.forDevice()
                    && each.getKey() < end
                    && each.getKey() + each.getValue().bytes() > first);
    Synced before = entry.synced.put(first, new Synced(sync.size(), sync.forDevice(), line));
    if (before != null && before.bytes() >= sync.size()) {
      String text =
          "%s syncs [0x%x, 0x%x) %s, as the last sync of it was, %s"
              .formatted(who(line), first, end, call, deed(line, before.line()));
      find(Rule.SYNC_NEEDLESS, line, entry, text + "; " + mapped(line, entry));
    }
  }

  /**
   * No more lines follow. A mapping that is still there is a leak if more of its kind were mapped
   * after it and are gone than there ever were at once: a queue or a ring, in whatever order its
   * entries complete, would have come round to it; and if it has been there for much longer than
   * any of these was. Not in a trace of the VT-d driver's own events, where coherent memory, which
   * stays, looks the same.
   *
   * @param whole whether everything that is still there is a leak
   */
  void end(boolean whole) {
    for (Space space : spaces.values()) {
      for (List<Entry> at : space.live.values()) {
        for (Entry entry : at) {
          long gone = younger(entry);
          boolean overtaken =
              entry.call != Call.COHERENT
                  && directed
                  && lastNs - entry.mapped.timeNs() > OUTLIVES * entry.kind.longestNs
                  && gone >= Math.max(FEWEST_OVERTAKEN, 2 * entry.kind.mostLive);
          if (whole || overtaken) {
            leaks++;
            String since = Units.time(lastNs - entry.mapped.timeNs());
            String why =
                overtaken
                    ? "; %d that are like it were mapped after it and are unmapped, the longest was mapped for %s"
                        .formatted(gone, Units.time(entry.kind.longestNs))
                    : "";
            String text =
                "%s, %s: never unmapped, mapped for %s by %s on CPU %d (%s)%s"
                    .formatted(
                        entry.range(),
                        Units.bytes(entry.bytes),
                        since,
                        who(entry.mapped),
                        entry.mapped.cpu(),
                        entry.call.label,
                        why);
            find(Rule.LEAK, entry.mapped, entry, text);
          }
        }
      }
    }
  }

  /** How many of its kind were mapped after it and are mapped no more, at least. */
  private static long younger(Entry entry) {
    return entry.kind.begun - entry.number - entry.kind.live;
  }

  private void find(Rule rule, TraceLine line, Entry entry, String text) {
    find(rule, line, entry.device, entry.address, text);
  }

  private void find(Rule rule, TraceLine line, String device, long address, String text) {
    findings.add(
        rule,
        Finding.of(
            rule,
            -1,
            line.timeNs(),
            line.number(),
            device,
            who(line),
            address,
            device + ": " + text));
  }

  private static String mapped(TraceLine now, Entry entry) {
    return "mapped " + deed(now, entry.mapped);
  }

  private static String deed(TraceLine now, TraceLine then) {
    return "%s earlier by %s on CPU %d (line %d)"
        .formatted(Units.time(now.timeNs() - then.timeNs()), who(then), then.cpu(), then.number());
  }

  private static String who(TraceLine line) {
    return line.task().isEmpty() && line.pid() == 0
        ? "a task that the trace does not name"
        : line.task() + "-" + line.pid();
  }
}
