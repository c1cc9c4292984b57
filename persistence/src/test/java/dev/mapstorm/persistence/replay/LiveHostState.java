package dev.mapstorm.persistence.replay;

import dev.mapstorm.actors.core.CallInProgress;
import dev.mapstorm.actors.core.CallInProgress.Purpose;
import dev.mapstorm.actors.model.iova.IovaDomain;
import dev.mapstorm.actors.model.iova.IovaDomain.CachedVisitor;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.persistence.replay.LiveHistory.SeenRange;
import dev.mapstorm.persistence.replay.LiveHistory.SeenRequest;
import dev.mapstorm.protocol.FlushReason;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.InvalidationKind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/** A {@link HostState} made from the models of a host instead of its events. */
final class LiveHostState {
  private final HostSpec spec;
  private final LiveState live;
  private final LiveHistory history;

  /**
   * @param live the host as it is
   * @param history what was seen of it so far, {@code live} included
   */
  LiveHostState(HostSpec spec, LiveState live, LiveHistory history) {
    this.spec = spec;
    this.live = live;
    this.history = history;
  }

  /**
   * The state.
   *
   * @param t instant of the last event, which the age of requests is counted to
   * @param events how many there were
   */
  HostState state(long t, long events) {
    List<HostState.Domain> domains = new ArrayList<>();
    for (int domain = 0; domain < spec.domains().size(); domain++) {
      domains.add(domain(domain));
    }
    List<HostState.Request> requests = requests();
    return new HostState(
        t, events, domains, invalidations(), requests, load(requests, t), List.of(), 0);
  }

  private HostState.Domain domain(int number) {
    LiveState.Domain domain = live.domains().get(number);
    List<HostState.EntryRun> entries = domain == null ? List.of() : entries(domain);
    List<HostState.Range> inUse = new ArrayList<>();
    TreeMap<Integer, TreeMap<Long, HostState.Range>> rings = new TreeMap<>();
    live.ranges()
        .forEach(
            (key, range) -> {
              if (key.domain() == number) {
                add(history.range(key, range), entries, inUse, rings);
              }
            });
    if (domain == null) {
      inUse.sort(
          Comparator.comparingInt(HostState.Range::client)
              .thenComparingLong(HostState.Range::op)
              .thenComparingLong(HostState.Range::pfn));
      return new HostState.Domain(
          number, inUse, List.of(), 0, 0, List.of(), List.of(), List.of(), List.of());
    }
    inUse.sort(Comparator.comparingLong(HostState.Range::pfn));
    return new HostState.Domain(
        number,
        inUse,
        entries,
        domain.table.mappedPages(),
        domain.table.tablePages(),
        domain.iova == null ? List.of() : cached(domain.iova),
        domain.iova == null ? List.of() : depots(domain.iova),
        rings(rings),
        flushes(number, domain));
  }

  private static void add(
      SeenRange seen,
      List<HostState.EntryRun> entries,
      List<HostState.Range> inUse,
      TreeMap<Integer, TreeMap<Long, HostState.Range>> rings) {
    LiveState.Range range = seen.range();
    boolean handedOut = range.state() != RangeState.ALLOCATED;
    HostState.Range row =
        new HostState.Range(
            range.pfn(),
            range.pages(),
            range.state(),
            seen.since(),
            present(entries, range),
            handedOut ? range.mapping() : -1,
            range.client(),
            handedOut ? range.op() : -1,
            range.offset(),
            range.bytes(),
            range.vectors(),
            range.cpu());
    inUse.add(row);
    if (range.state() == RangeState.QUEUED) {
      rings.computeIfAbsent(range.unmappedBy(), cpu -> new TreeMap<>()).put(seen.order(), row);
    }
  }

  private static long present(List<HostState.EntryRun> entries, LiveState.Range range) {
    long present = 0;
    for (HostState.EntryRun run : entries) {
      long first = Math.max(run.pfn(), range.pfn());
      long end = Math.min(run.pfn() + run.pages(), range.pfn() + range.pages());
      present += Math.max(0, end - first);
    }
    return present;
  }

  private static List<HostState.EntryRun> entries(LiveState.Domain domain) {
    List<HostState.EntryRun> runs = new ArrayList<>();
    domain.table.forEachMapping(
        (iova, phys, shift, prot) -> {
          long pfn = Granule.pfn(iova);
          long physPfn = Granule.pfn(phys);
          long pages = 1L << shift - Granule.SHIFT;
          HostState.EntryRun last = runs.isEmpty() ? null : runs.get(runs.size() - 1);
          if (last != null
              && last.pageShift() == shift
              && last.pfn() + last.pages() == pfn
              && last.physPfn() + last.pages() == physPfn) {
            pfn = last.pfn();
            physPfn = last.physPfn();
            pages += last.pages();
            runs.remove(runs.size() - 1);
          }
          runs.add(new HostState.EntryRun(pfn, physPfn, pages, shift));
        });
    return runs;
  }

  private static List<HostState.Cached> cached(IovaDomain iova) {
    List<HostState.Cached> rows = new ArrayList<>();
    for (int cpu = 0; cpu < iova.cpus(); cpu++) {
      for (int order = 0; order <= iova.maxCachedOrder(); order++) {
        if (iova.cachedRanges(cpu, order) > 0) {
          rows.add(new HostState.Cached(cpu, order, iova.cachedRanges(cpu, order)));
        }
      }
    }
    return rows;
  }

  private static List<HostState.Depot> depots(IovaDomain iova) {
    long[] ranges = new long[iova.maxCachedOrder() + 1];
    iova.forEachCached((cpu, order, pfn) -> ranges[order] += cpu == CachedVisitor.IN_DEPOT ? 1 : 0);
    List<HostState.Depot> rows = new ArrayList<>();
    for (int order = 0; order < ranges.length; order++) {
      if (iova.depotMagazines(order) > 0) {
        rows.add(new HostState.Depot(order, iova.depotMagazines(order), ranges[order]));
      }
    }
    return rows;
  }

  private static List<HostState.Ring> rings(
      TreeMap<Integer, TreeMap<Long, HostState.Range>> queued) {
    List<HostState.Ring> rows = new ArrayList<>();
    queued.forEach(
        (cpu, waiting) -> {
          List<HostState.Range> ranges = List.copyOf(waiting.values());
          long pages = ranges.stream().mapToLong(HostState.Range::pages).sum();
          rows.add(new HostState.Ring(cpu, ranges, pages));
        });
    return rows;
  }

  private List<HostState.Flush> flushes(int number, LiveState.Domain domain) {
    List<HostState.Flush> rows = new ArrayList<>();
    for (CallInProgress call : domain.calls) {
      if (call.flushing()) {
        FlushReason reason = call.purpose() == Purpose.TIMER ? FlushReason.TIMER : FlushReason.FULL;
        rows.add(
            new HostState.Flush(
                call.cpu(), reason.label(), history.flushingSince(number, call.number())));
      }
    }
    return rows;
  }

  private List<HostState.Invalidation> invalidations() {
    return live.invalidations().stream()
        .sorted(
            Comparator.comparingLong(LiveState.Invalidation::postedAt)
                .thenComparingInt(LiveState.Invalidation::iommu)
                .thenComparingLong(LiveState.Invalidation::ticket))
        .map(this::invalidation)
        .toList();
  }

  private HostState.Invalidation invalidation(LiveState.Invalidation each) {
    CallInProgress call = live.call(each.domain(), each.call());
    InvalidationKind kind = each.covered() == 0 ? InvalidationKind.DSI : InvalidationKind.PSI;
    return new HostState.Invalidation(
        each.iommu(),
        each.domain(),
        each.cpu(),
        kind.label(),
        call.invalidationPfn(),
        call.invalidationPages(),
        each.covered(),
        each.postedAt());
  }

  private List<HostState.Request> requests() {
    List<HostState.Request> rows = new ArrayList<>();
    for (LiveState.Request each : live.requests()) {
      SeenRequest seen = history.request(each);
      rows.add(
          new HostState.Request(
              each.client(),
              each.request().op(),
              each.device(),
              AskedApi.of(spec, each.client(), each.request().op()).label(),
              each.request().direction().label(),
              each.request().bytes(),
              each.stage(),
              seen.stage() == each.stage() ? seen.since() : Long.MIN_VALUE,
              seen.requestedAt(),
              each.request().mappings().length - each.request().unmapped()));
    }
    rows.sort(
        Comparator.comparingInt(HostState.Request::client)
            .thenComparingLong(HostState.Request::op));
    return rows;
  }

  private static List<HostState.Load> load(List<HostState.Request> requests, long t) {
    TreeMap<List<Integer>, List<HostState.Request>> groups =
        new TreeMap<>(
            Comparator.comparingInt((List<Integer> key) -> key.get(0))
                .thenComparingInt(key -> key.get(1)));
    for (HostState.Request each : requests) {
      groups
          .computeIfAbsent(List.of(each.client(), each.device()), key -> new ArrayList<>())
          .add(each);
    }
    List<HostState.Load> rows = new ArrayList<>();
    groups.forEach(
        (key, group) -> {
          long bytes = group.stream().mapToLong(HostState.Request::bytes).sum();
          long oldest = group.stream().mapToLong(HostState.Request::requestedAt).min().orElse(t);
          rows.add(new HostState.Load(key.get(0), key.get(1), group.size(), bytes, t - oldest));
        });
    return rows;
  }
}
