package dev.mapstorm.persistence.replay;

import dev.mapstorm.actors.backend.iommu.DmaIommuSpec;
import dev.mapstorm.actors.core.CallInProgress;
import dev.mapstorm.actors.model.iova.IovaDomain;
import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.persistence.inflight.RequestKey;
import dev.mapstorm.persistence.inflight.RequestStage;
import dev.mapstorm.persistence.replay.LiveState.Range;
import dev.mapstorm.persistence.replay.LiveState.RangeKey;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the models of a host have forgotten and its events still tell: since when something is as it
 * is, and whose range it was that waits in a flush queue. Found by looking at the models after
 * every step of the clock, not from events.
 */
final class LiveHistory {

  /** A range as it was seen, with what was known of it before, and since when. */
  record SeenRange(Range range, long since, long order) {}

  /** A request as it was seen. */
  record SeenRequest(RequestStage stage, long since, long requestedAt) {}

  /** The caches of one order of a domain. */
  record Order(int domain, int order) {}

  private record FlushKey(int domain, long call) {}

  private final Map<RangeKey, SeenRange> ranges = new LinkedHashMap<>();
  private final Map<Long, SeenRequest> requests = new HashMap<>();
  private final Map<FlushKey, Long> flushes = new HashMap<>();
  private final Map<Order, int[]> cached = new HashMap<>();
  private final Set<Order> loadedInVain = new HashSet<>();
  private final List<Integer> magazineSize;
  private long seen;

  /** Of a host of which nothing was seen. */
  LiveHistory(HostSpec spec) {
    magazineSize = DmaIommuSpec.caches(spec).stream().map(IovaParameters::magazineSize).toList();
  }

  /** Looks at a host after a step at {@code now}. */
  void observe(LiveState live, long now) {
    observeRanges(live, now);
    observeRequests(live, now);
    observeFlushes(live, now);
    live.domains()
        .forEach(
            (number, domain) -> {
              if (domain.iova != null) {
                observeCaches(number, domain.iova);
              }
            });
  }

  private void observeFlushes(LiveState live, long now) {
    Map<FlushKey, Long> before = Map.copyOf(flushes);
    flushes.clear();
    live.domains()
        .forEach(
            (number, domain) -> {
              for (CallInProgress call : domain.calls) {
                if (call.flushing()) {
                  FlushKey key = new FlushKey(number, call.number());
                  flushes.put(key, before.getOrDefault(key, now));
                }
              }
            });
  }

  private void observeRanges(LiveState live, long now) {
    Map<RangeKey, SeenRange> after = new LinkedHashMap<>();
    live.ranges()
        .forEach(
            (key, range) -> {
              SeenRange before = ranges.get(key);
              boolean same = before != null && before.range.state() == range.state();
              after.put(
                  key,
                  new SeenRange(
                      before == null ? range : together(before.range, range),
                      same ? before.since : now,
                      same ? before.order : seen++));
            });
    ranges.clear();
    ranges.putAll(after);
  }

  private void observeCaches(int domain, IovaDomain iova) {
    for (int order = 0; order <= iova.maxCachedOrder(); order++) {
      int[] now = new int[iova.cpus() + 1];
      for (int cpu = 0; cpu < iova.cpus(); cpu++) {
        now[cpu] = iova.cachedRanges(cpu, order);
      }
      now[iova.cpus()] = iova.depotMagazines(order);
      Order key = new Order(domain, order);
      int[] before = cached.put(key, now);
      if (before != null && now[iova.cpus()] == before[iova.cpus()] - 1) {
        for (int cpu = 0; cpu < iova.cpus(); cpu++) {
          if (before[cpu] == 0 && now[cpu] == magazineSize.get(domain)) {
            loadedInVain.add(key);
          }
        }
      }
    }
  }

  /**
   * Where a CPU without ranges loaded a magazine from the depot and found none below its limit in
   * it: all of it was still there behind the step.
   */
  Set<Order> loadedInVain() {
    return loadedInVain;
  }

  /** A range with what was known of it before; an allocation begins a new life. */
  private static Range together(Range before, Range now) {
    if (now.state() == RangeState.ALLOCATED) {
      return now;
    }
    Range owned = now.client() >= 0 ? now : before;
    return new Range(
        now.pfn(),
        now.pages(),
        now.state(),
        owned.mapping(),
        owned.client(),
        owned.op(),
        owned.offset(),
        owned.bytes(),
        owned.vectors(),
        now.cpu() >= 0 ? now.cpu() : before.cpu(),
        now.unmappedBy() >= 0 ? now.unmappedBy() : before.unmappedBy());
  }

  private void observeRequests(LiveState live, long now) {
    Map<Long, SeenRequest> after = new HashMap<>();
    for (LiveState.Request each : live.requests()) {
      long key = RequestKey.of(each.client(), each.request().op());
      SeenRequest before = requests.get(key);
      boolean same = before != null && before.stage == each.stage();
      after.put(
          key,
          new SeenRequest(
              each.stage(), same ? before.since : now, before == null ? now : before.requestedAt));
    }
    requests.clear();
    requests.putAll(after);
  }

  /** A range that the models show, with what they showed of it before. */
  SeenRange range(RangeKey key, Range now) {
    SeenRange before = ranges.get(key);
    if (before == null || before.range.state() != now.state()) {
      return new SeenRange(now, Long.MIN_VALUE, Long.MAX_VALUE);
    }
    return new SeenRange(together(before.range, now), before.since, before.order);
  }

  /** A request that the models show. */
  SeenRequest request(LiveState.Request now) {
    return requests.get(RequestKey.of(now.client(), now.request().op()));
  }

  /** Since when a call flushes. */
  long flushingSince(int domain, long call) {
    return flushes.getOrDefault(new FlushKey(domain, call), Long.MIN_VALUE);
  }
}
