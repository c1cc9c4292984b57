package dev.mapstorm.load.export.timeline;

import dev.mapstorm.protocol.event.EventKind;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * Which kinds of event a timeline can be drawn of without others: what some begin or count up only
 * others end or count down, and without those it would be drawn, and held, as if it went on.
 */
public final class TimelineKinds {
  /** The counters of a domain's IOVA caches go up and down with all of these. */
  private static final Set<EventKind> OF_IOVA =
      Set.of(
          EventKind.IOVA_ALLOCATED,
          EventKind.IOVA_FREED,
          EventKind.IOVA_CACHES_FLUSHED,
          EventKind.DEPOT_TRIMMED);

  private static final Set<EventKind> OF_INVALIDATIONS =
      Set.of(EventKind.INVALIDATION_POSTED, EventKind.INVALIDATION_COMPLETED);

  private static final Map<EventKind, Set<EventKind>> NEEDS = new EnumMap<>(EventKind.class);

  static {
    NEEDS.put(EventKind.DMA_REQUESTED, Set.of(EventKind.MAP_FAILED));
    NEEDS.put(EventKind.MAPPED, Set.of(EventKind.UNMAPPED));
    NEEDS.put(EventKind.SUBMITTED, Set.of(EventKind.COMPLETED));
    NEEDS.put(EventKind.FLUSH_STARTED, Set.of(EventKind.FLUSH_FINISHED));
    NEEDS.put(EventKind.FLUSH_QUEUED, OF_IOVA);
    OF_IOVA.forEach(kind -> NEEDS.put(kind, OF_IOVA));
    OF_INVALIDATIONS.forEach(kind -> NEEDS.put(kind, OF_INVALIDATIONS));
  }

  private TimelineKinds() {}

  /** Kinds that {@code chosen} does not have and that a timeline of one in it needs, in order. */
  public static Set<EventKind> missing(Collection<EventKind> chosen, EventKind one) {
    Set<EventKind> missing = EnumSet.noneOf(EventKind.class);
    missing.addAll(NEEDS.getOrDefault(one, Set.of()));
    missing.removeAll(chosen);
    return missing;
  }
}
