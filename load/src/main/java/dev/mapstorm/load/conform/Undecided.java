package dev.mapstorm.load.conform;

import dev.mapstorm.load.conform.Operation.Kind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Tells which allocations of a domain cannot be judged, as what decides them is not in the trace. A
 * domain that the trace saw from its birth has none.
 *
 * <p>A trace that begins on a running machine, or that lost events, leaves the model without what
 * was allocated and freed unseen: a range that no line named before must have been freed then, and
 * what comes when the model's magazines of the CPU are empty came from a magazine, a depot or a
 * tree that nobody knows. A range that lies in a cache, but in another magazine, is not decided
 * either: where one magazine ends and the next begins depends on how full they were before, and in
 * lazy mode, what lies on top also on what the rings held.
 */
final class Undecided {
  private final boolean begun;
  private final long firstGap;
  private final Map<Long, Long> firstLine = new HashMap<>();

  /**
   * Looks at a domain.
   *
   * @param operations of the domain, by line
   * @param middle whether it is known that the trace begins after the domain did
   * @param gaps line and CPU of each place where events were lost
   */
  Undecided(Operation[] operations, boolean middle, List<long[]> gaps) {
    firstGap = gaps.isEmpty() ? Long.MAX_VALUE : gaps.get(0)[0];
    boolean unmapsUnknown = false;
    for (Operation operation : operations) {
      if (operation.kind != Kind.FLUSH) {
        boolean known = firstLine.putIfAbsent(operation.pfn, operation.line) != null;
        unmapsUnknown |= !known && operation.kind != Kind.ALLOC && operation.line < firstGap;
      }
    }
    begun = middle || unmapsUnknown;
  }

  /** Whether the trace begins after the domain did. */
  boolean begun() {
    return begun;
  }

  /** Why an allocation that the model answers otherwise cannot be judged; empty if it can. */
  Optional<NotDecidable> reason(DomainReplay.Miss miss) {
    Operation alloc = miss.alloc();
    boolean lost = alloc.line > firstGap;
    if (!begun && !lost) {
      return Optional.empty();
    }
    if (firstLine.get(alloc.pfn) == alloc.line) {
      return Optional.of(lost ? NotDecidable.LOST_EVENTS : NotDecidable.FREED_BEFORE);
    }
    if (lost && miss.live()) {
      return Optional.of(NotDecidable.LOST_EVENTS);
    }
    if (!miss.fromMagazine() || miss.elsewhere()) {
      return Optional.of(lost ? NotDecidable.LOST_EVENTS : NotDecidable.UNKNOWN_MAGAZINE);
    }
    return Optional.empty();
  }

  /** Whether no order of the acts could help: in another, the range might be at the top. */
  boolean isBeyondOrders(DomainReplay.Miss miss) {
    return !(miss.elsewhere() && miss.fromMagazine()) && reason(miss).isPresent();
  }
}
