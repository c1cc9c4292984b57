package dev.mapstorm.load.run;

import dev.mapstorm.persistence.replay.HostState;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** The part of a host's state that concerns an address, some clients, or both. */
public final class StateSelection {
  private final HostState state;
  private final Predicate<HostState.Range> wanted;
  private final long pfn;
  private final BitSet clients;

  private StateSelection(
      HostState state, Predicate<HostState.Range> wanted, long pfn, BitSet clients) {
    this.state = state;
    this.wanted = wanted;
    this.pfn = pfn;
    this.clients = clients;
  }

  /**
   * Selects.
   *
   * @param pfn granule that must be concerned; -1 for any
   * @param clients that must be concerned; null for any
   */
  public static HostState of(HostState state, long pfn, BitSet clients) {
    Predicate<HostState.Range> wanted =
        range ->
            (pfn < 0 || holds(range.pfn(), range.pages(), pfn))
                && (clients == null || range.client() >= 0 && clients.get(range.client()));
    return new StateSelection(state, wanted, pfn, clients).selected();
  }

  private HostState selected() {
    List<HostState.Domain> domains = state.domains().stream().map(this::domain).toList();
    Set<List<Long>> owners = new HashSet<>();
    for (HostState.Domain domain : domains) {
      domain.ranges().forEach(range -> owners.add(List.of((long) range.client(), range.op())));
    }
    List<HostState.Request> requests =
        state.requests().stream().filter(request -> concerns(owners, request)).toList();
    return new HostState(
        state.t(),
        state.events(),
        domains,
        state.invalidations().stream().filter(i -> concerns(domains, i)).toList(),
        requests,
        state.load().stream()
            .map(load -> of(load, requests))
            .filter(l -> l.requests() > 0)
            .toList(),
        state.violations(),
        state.violationsFound());
  }

  /** What a client has in flight at a device, of the selected requests alone. */
  private HostState.Load of(HostState.Load load, List<HostState.Request> requests) {
    List<HostState.Request> own =
        requests.stream()
            .filter(r -> r.client() == load.client() && r.device() == load.device())
            .toList();
    return new HostState.Load(
        load.client(),
        load.device(),
        own.size(),
        own.stream().mapToLong(HostState.Request::bytes).sum(),
        own.stream().mapToLong(r -> state.t() - r.requestedAt()).max().orElse(0));
  }

  private HostState.Domain domain(HostState.Domain domain) {
    List<HostState.Range> ranges = domain.ranges().stream().filter(wanted).toList();
    List<HostState.EntryRun> entries =
        domain.entries().stream().filter(run -> concerns(ranges, run)).toList();
    return new HostState.Domain(
        domain.domain(),
        ranges,
        entries,
        entries.stream().mapToLong(HostState.EntryRun::pages).sum(),
        domain.tables(),
        List.of(),
        List.of(),
        domain.flushQueues().stream().map(this::ring).filter(r -> !r.ranges().isEmpty()).toList(),
        domain.flushes());
  }

  private HostState.Ring ring(HostState.Ring ring) {
    List<HostState.Range> ranges = ring.ranges().stream().filter(wanted).toList();
    return new HostState.Ring(
        ring.cpu(), ranges, ranges.stream().mapToLong(HostState.Range::pages).sum());
  }

  private boolean concerns(List<HostState.Range> ranges, HostState.EntryRun run) {
    return pfn >= 0
        ? holds(run.pfn(), run.pages(), pfn)
        : ranges.stream().anyMatch(range -> holds(range.pfn(), range.pages(), run.pfn()));
  }

  private boolean concerns(List<HostState.Domain> domains, HostState.Invalidation invalidation) {
    if (pfn >= 0) {
      return invalidation.pages() == 0 || holds(invalidation.pfn(), invalidation.pages(), pfn);
    }
    return domains.stream()
        .filter(domain -> domain.domain() == invalidation.domain())
        .flatMap(domain -> domain.ranges().stream())
        .anyMatch(range -> holds(invalidation.pfn(), invalidation.pages(), range.pfn()));
  }

  private boolean concerns(Set<List<Long>> owners, HostState.Request request) {
    return pfn < 0
        ? clients.get(request.client())
        : owners.contains(List.of((long) request.client(), request.op()));
  }

  private static boolean holds(long first, long pages, long pfn) {
    return pfn >= first && pfn < first + pages;
  }
}
