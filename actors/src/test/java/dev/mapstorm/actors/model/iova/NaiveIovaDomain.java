package dev.mapstorm.actors.model.iova;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A second telling of the allocator for tests: ranges in a {@link TreeMap}, magazines as lists,
 * nothing clever. It only shares the rules with {@link IovaDomain}, not a line or a structure.
 */
final class NaiveIovaDomain {
  private static final long ANCHOR = Long.MAX_VALUE;

  private final long start;
  private final long dma32;
  private final IovaParameters parameters;
  private final int keep;
  private final TreeMap<Long, Long> ranges = new TreeMap<>();
  private final List<List<Cache>> caches = new ArrayList<>();
  private final List<Deque<List<Long>>> depots = new ArrayList<>();
  private long cached = ANCHOR;
  private long cached32 = ANCHOR;
  private long max32;

  String path = "";
  int walk;

  private static final class Cache {
    List<Long> loaded = new ArrayList<>();
    List<Long> prev = new ArrayList<>();

    void swap() {
      List<Long> other = loaded;
      loaded = prev;
      prev = other;
    }
  }

  NaiveIovaDomain(int cpus, int granuleShift, long start, IovaParameters parameters) {
    this.start = start;
    this.parameters = parameters;
    keep = parameters.depotKeep() < 0 ? cpus : parameters.depotKeep();
    dma32 = (1L << 32) >> granuleShift;
    max32 = dma32;
    ranges.put(ANCHOR, ANCHOR);
    for (int order = 0; order < parameters.orders(); order++) {
      depots.add(new ArrayDeque<>());
    }
    for (int cpu = 0; cpu < cpus; cpu++) {
      List<Cache> byOrder = new ArrayList<>();
      for (int order = 0; order < parameters.orders(); order++) {
        byOrder.add(new Cache());
      }
      caches.add(byOrder);
    }
  }

  TreeMap<Long, Long> ranges() {
    TreeMap<Long, Long> copy = new TreeMap<>(ranges);
    copy.remove(ANCHOR);
    return copy;
  }

  long alloc(int cpu, long asked, long limit, boolean flush) {
    long size = asked;
    if (parameters.orders() > 0 && asked < 1L << parameters.maxCachedOrder()) {
      size = powerOfTwoAtLeast(asked);
    }
    walk = 0;
    long pfn = fromCache(cpu, size, limit);
    if (pfn > 0) {
      return pfn;
    }
    path = "TREE";
    pfn = search(size, limit + 1);
    if (pfn == 0 && flush) {
      path = "FLUSHED_TREE";
      flush();
      pfn = search(size, limit + 1);
    }
    if (pfn == 0) {
      path = "NONE";
    }
    return pfn;
  }

  private long fromCache(int cpu, long size, long limit) {
    int order = Long.numberOfTrailingZeros(powerOfTwoAtLeast(size));
    if (order >= parameters.orders()) {
      return 0;
    }
    Cache cache = caches.get(cpu).get(order);
    path = "LOADED";
    if (cache.loaded.isEmpty() && !cache.prev.isEmpty()) {
      path = "PREV";
      cache.swap();
    } else if (cache.loaded.isEmpty() && !depots.get(order).isEmpty()) {
      path = "DEPOT";
      cache.loaded = depots.get(order).pop();
    }
    for (int i = cache.loaded.size() - 1; i >= 0; i--) {
      long pfn = cache.loaded.get(i);
      if (pfn + size - 1 <= limit) {
        long top = cache.loaded.remove(cache.loaded.size() - 1);
        if (i < cache.loaded.size()) {
          cache.loaded.set(i, top);
        }
        return pfn;
      }
    }
    return 0;
  }

  void free(int cpu, long pfn, long size) {
    walk = 0;
    int order = Long.numberOfTrailingZeros(powerOfTwoAtLeast(size));
    if (order >= parameters.orders()) {
      path = "TREE";
      remove(pfn);
      return;
    }
    Cache cache = caches.get(cpu).get(order);
    List<Long> overflow = List.of();
    path = "LOADED";
    if (isFull(cache.loaded) && !isFull(cache.prev)) {
      path = "PREV";
      cache.swap();
    } else if (isFull(cache.loaded)) {
      path = "DEPOT";
      if (depots.get(order).size() < parameters.depotLimit()) {
        depots.get(order).push(cache.loaded);
      } else {
        overflow = cache.loaded;
      }
      cache.loaded = new ArrayList<>();
    }
    cache.loaded.add(pfn);
    overflow.forEach(this::remove);
  }

  private boolean isFull(List<Long> magazine) {
    return magazine.size() == parameters.magazineSize();
  }

  int depotWork(int order) {
    if (depots.get(order).size() <= keep) {
      return 0;
    }
    List<Long> magazine = depots.get(order).pop();
    magazine.forEach(this::remove);
    return magazine.size();
  }

  int flush() {
    int before = ranges.size();
    for (List<Cache> byOrder : caches) {
      for (Cache cache : byOrder) {
        cache.loaded.forEach(this::remove);
        cache.loaded.clear();
        cache.prev.forEach(this::remove);
        cache.prev.clear();
      }
    }
    for (Deque<List<Long>> depot : depots) {
      depot.forEach(magazine -> magazine.forEach(this::remove));
      depot.clear();
    }
    return before - ranges.size();
  }

  /** Windows in tests do not overlap. */
  void reserve(long lo, long hi) {
    ranges.put(lo, hi);
  }

  private void remove(long pfn) {
    long hi = ranges.get(pfn);
    long next = ranges.higherKey(pfn);
    if (pfn == cached32 || (hi < dma32 && pfn >= cached32)) {
      cached32 = next;
    }
    if (pfn < dma32) {
      max32 = dma32;
    }
    if (pfn >= cached) {
      cached = next;
    }
    ranges.remove(pfn);
  }

  private long search(long size, long end) {
    walk = 0;
    if (end <= dma32 && size >= max32) {
      return 0;
    }
    long from = end <= dma32 ? cached32 : cached;
    long retry = ranges.get(from);
    long pfn = walkDown(from, size, end, start);
    if (pfn == 0 && retry < end) {
      long top = end > dma32 ? ANCHOR : ranges.ceilingKey(end);
      pfn = walkDown(top, size, end, retry + 1);
    }
    if (pfn == 0) {
      max32 = size;
      return 0;
    }
    ranges.put(pfn, pfn + size - 1);
    if (pfn + size <= dma32) {
      cached32 = pfn;
    } else {
      cached = pfn;
    }
    return pfn;
  }

  /** Tries the gap under every range from {@code from} on until one holds the size. */
  private long walkDown(long from, long size, long end, long lowest) {
    long align = powerOfTwoAtLeast(size);
    long at = from;
    while (true) {
      walk++;
      long roof = Math.min(end, at);
      long pfn = Math.floorDiv(roof - size, align) * align;
      if (pfn < lowest) {
        return 0;
      }
      Map.Entry<Long, Long> under = ranges.lowerEntry(at);
      if (under == null || pfn > under.getValue()) {
        return pfn;
      }
      at = under.getKey();
    }
  }

  static long powerOfTwoAtLeast(long size) {
    long power = 1;
    while (power < size) {
      power *= 2;
    }
    return power;
  }
}
