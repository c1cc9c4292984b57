package dev.mapstorm.persistence.replay;

import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.protocol.IommuMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A state in the form in which the fold's and the models' are equal. What is taken away, and why:
 *
 * <ul>
 *   <li>the order of invalidations and of flushes that began at the same instant: the models know
 *       the instant, and of a unit's own invalidations the order, but not which of two units, or of
 *       two CPUs, was first;
 *   <li>that a domain did not occur yet: no event has named it, so it is as it was made.
 * </ul>
 */
final class CanonicalState {
  private CanonicalState() {}

  static HostState of(HostSpec spec, HostState state) {
    List<HostState.Domain> domains = new ArrayList<>();
    for (int i = 0; i < spec.domains().size(); i++) {
      domains.add(ordered(domain(i, spec, state)));
    }
    List<HostState.Invalidation> invalidations =
        state.invalidations().stream()
            .sorted(
                Comparator.comparingLong(HostState.Invalidation::postedAt)
                    .thenComparingInt(HostState.Invalidation::iommu))
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

  private static HostState.Domain domain(int number, HostSpec spec, HostState state) {
    Optional<HostState.Domain> occurred =
        state.domains().stream().filter(domain -> domain.domain() == number).findFirst();
    int tables = spec.domains().get(number).mode() == IommuMode.PASSTHROUGH ? 0 : 1;
    return occurred.orElse(
        new HostState.Domain(
            number,
            List.of(),
            List.of(),
            0,
            tables,
            List.of(),
            List.of(),
            List.of(),
            List.of()));
  }

  private static HostState.Domain ordered(HostState.Domain domain) {
    List<HostState.Flush> flushes =
        domain.flushes().stream()
            .sorted(
                Comparator.comparingLong(HostState.Flush::since)
                    .thenComparingInt(HostState.Flush::cpu)
                    .thenComparing(HostState.Flush::reason))
            .toList();
    return new HostState.Domain(
        domain.domain(),
        domain.ranges(),
        domain.entries(),
        domain.entryPages(),
        domain.tables(),
        domain.cached(),
        domain.depots(),
        domain.flushQueues(),
        flushes);
  }
}
