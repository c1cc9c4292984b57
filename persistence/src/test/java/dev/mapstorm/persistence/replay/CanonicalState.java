package dev.mapstorm.persistence.replay;

import dev.mapstorm.actors.backend.iommu.DmaIommuSpec;
import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.protocol.IommuMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A state in the form in which the fold's and the models' are equal. All fields are in it but for
 * what is taken away here, and why:
 *
 * <ul>
 *   <li>the order of invalidations and of flushes that began at the same instant: the models know
 *       the instant, and of a unit's own invalidations the order, but not which of two units, or of
 *       two CPUs, was first;
 *   <li>the range of an invalidation where a flush of a ring posts one for each range that waits
 *       there: the models' call holds the ranges together;
 *   <li>that a domain did not occur yet: no event has named it, so it is as it was made;
 *   <li>how the free ranges of one order are split between CPUs and depot, from the moment on in
 *       which a CPU loaded a magazine from the depot and found no range below its limit in it: no
 *       event tells of that ({@link CachedRanges}). Their sum stays, but not with a limited depot,
 *       where the split decides whether a magazine overflows.
 * </ul>
 */
final class CanonicalState {
  private static final int EVERYWHERE = -1;

  private CanonicalState() {}

  static HostState of(HostSpec spec, HostState state, LiveHistory history) {
    List<HostState.Domain> domains = new ArrayList<>();
    for (int i = 0; i < spec.domains().size(); i++) {
      HostState.Domain domain = domain(i, spec, state);
      for (LiveHistory.Order each : history.loadedInVain()) {
        domain = each.domain() == i ? withoutSplit(domain, each.order(), spec) : domain;
      }
      domains.add(ordered(domain));
    }
    List<HostState.Invalidation> invalidations =
        state.invalidations().stream()
            .sorted(
                Comparator.comparingLong(HostState.Invalidation::postedAt)
                    .thenComparingInt(HostState.Invalidation::iommu))
            .map(each -> flushesByRange(spec, each.domain()) ? withoutRange(each) : each)
            .toList();
    return new HostState(
        state.t(),
        state.events(),
        domains,
        invalidations,
        state.requests(),
        state.load(),
        state.violations(),
        state.violationsFound());
  }

  private static boolean flushesByRange(HostSpec spec, int domain) {
    return spec.domains().get(domain) instanceof DmaIommuSpec iommu && iommu.flush().byRange();
  }

  private static HostState.Invalidation withoutRange(HostState.Invalidation each) {
    return new HostState.Invalidation(
        each.iommu(),
        each.domain(),
        each.cpu(),
        each.kind(),
        0,
        0,
        each.covered(),
        each.postedAt());
  }

  private static HostState.Domain domain(int number, HostSpec spec, HostState state) {
    Optional<HostState.Domain> occurred =
        state.domains().stream().filter(domain -> domain.domain() == number).findFirst();
    int tables = spec.domains().get(number).mode() == IommuMode.PASSTHROUGH ? 0 : 1;
    HostState.Domain domain =
        occurred.orElse(
            new HostState.Domain(
                number, List.of(), List.of(), 0, 0, List.of(), List.of(), List.of(), List.of()));
    // Events say nothing of the top of a table before the first range.
    return domain.tables() >= tables ? domain : withTables(domain, tables);
  }

  private static HostState.Domain withTables(HostState.Domain domain, int tables) {
    return new HostState.Domain(
        domain.domain(),
        domain.ranges(),
        domain.entries(),
        domain.entryPages(),
        tables,
        domain.cached(),
        domain.depots(),
        domain.flushQueues(),
        domain.flushes());
  }

  /** With the sum of an order's free ranges in the place of who caches them, or without. */
  private static HostState.Domain withoutSplit(HostState.Domain domain, int order, HostSpec spec) {
    List<HostState.Cached> cached = new ArrayList<>(domain.cached());
    List<HostState.Depot> depots = new ArrayList<>(domain.depots());
    long ranges = sum(cached, depots);
    cached.removeIf(each -> each.order() == order);
    depots.removeIf(each -> each.order() == order);
    ranges -= sum(cached, depots);
    if (DmaIommuSpec.caches(spec).get(domain.domain()).depotLimit() == IovaParameters.UNBOUNDED) {
      cached.add(new HostState.Cached(EVERYWHERE, order, ranges));
    }
    return with(domain, cached, depots, domain.flushes());
  }

  private static long sum(List<HostState.Cached> cached, List<HostState.Depot> depots) {
    return cached.stream().mapToLong(HostState.Cached::ranges).sum()
        + depots.stream().mapToLong(HostState.Depot::ranges).sum();
  }

  private static HostState.Domain ordered(HostState.Domain domain) {
    List<HostState.Flush> flushes =
        domain.flushes().stream()
            .sorted(
                Comparator.comparingLong(HostState.Flush::since)
                    .thenComparingInt(HostState.Flush::cpu)
                    .thenComparing(HostState.Flush::reason))
            .toList();
    return with(domain, domain.cached(), domain.depots(), flushes);
  }

  private static HostState.Domain with(
      HostState.Domain domain,
      List<HostState.Cached> cached,
      List<HostState.Depot> depots,
      List<HostState.Flush> flushes) {
    return new HostState.Domain(
        domain.domain(),
        domain.ranges(),
        domain.entries(),
        domain.entryPages(),
        domain.tables(),
        cached,
        depots,
        domain.flushQueues(),
        flushes);
  }
}
