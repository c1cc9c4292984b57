package dev.mapstorm.actors.host;

import dev.mapstorm.protocol.InvalidationKind;
import dev.mapstorm.protocol.event.PartialSink;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A brute-force oracle over a host's events, granule by granule: allocated once, mapped once,
 * cleared, then forgotten by the IOTLB before it is freed.
 */
final class AddressLife extends PartialSink {
  private enum Stage {
    ALLOCATED,
    MAPPED,
    CLEARED,
    FORGOTTEN
  }

  private record Posted(long pfn, long covered, Set<Long> clearedBefore) {}

  private final Map<Long, Stage> stages = new HashMap<>();
  private final Map<Long, Posted> inFlight = new HashMap<>();
  private final List<String> violations = new ArrayList<>();

  List<String> violations() {
    return violations;
  }

  private void step(long t, long pfn, Stage to, Stage... from) {
    Stage at = stages.get(pfn);
    if (!List.of(from).contains(at)) {
      violations.add("%d: granule 0x%x is %s, cannot become %s".formatted(t, pfn, at, to));
    }
    stages.put(pfn, to);
  }

  @Override
  public void iovaAllocated(
      long t, int domain, long call, long pfn, long pages, int source, int walk) {
    for (long p = pfn; p < pfn + pages; p++) {
      if (stages.put(p, Stage.ALLOCATED) != null) {
        violations.add("%d: granule 0x%x was given out twice".formatted(t, p));
      }
    }
  }

  @Override
  public void ptesMapped(
      long t, int domain, long call, long pfn, long physPfn, long pages, int pageShift) {
    for (long p = pfn; p < pfn + pages; p++) {
      step(t, p, Stage.MAPPED, Stage.ALLOCATED);
    }
  }

  @Override
  public void ptesCleared(long t, int domain, long call, long pfn, long pages) {
    for (long p = pfn; p < pfn + pages; p++) {
      step(t, p, Stage.CLEARED, Stage.MAPPED);
    }
  }

  @Override
  public void invalidationPosted(
      long t,
      int iommu,
      long ticket,
      int domain,
      long call,
      int kind,
      long pfn,
      long pages,
      long covered) {
    boolean whole = kind == InvalidationKind.DSI.ordinal();
    // What covers more than was asked for is an aligned block.
    long base = whole ? 0 : covered == pages ? pfn : pfn & -covered;
    Set<Long> cleared = new HashSet<>();
    stages.forEach(
        (p, stage) -> {
          if (stage == Stage.CLEARED && (whole || (p >= base && p < base + covered))) {
            cleared.add(p);
          }
        });
    inFlight.put(ticket, new Posted(base, covered, cleared));
  }

  @Override
  public void invalidationCompleted(long t, int iommu, long ticket, int dropped) {
    Posted done = inFlight.remove(ticket);
    for (long p : done.clearedBefore()) {
      if (stages.get(p) == Stage.CLEARED) {
        stages.put(p, Stage.FORGOTTEN);
      }
    }
  }

  @Override
  public void iovaFreed(long t, int domain, long call, long pfn, long pages, int destination) {
    for (long p = pfn; p < pfn + pages; p++) {
      Stage at = stages.remove(p);
      // What was allocated but never mapped needs no invalidation: the rest of a batch that was not
      // filled.
      if (at != Stage.FORGOTTEN && at != Stage.ALLOCATED) {
        violations.add("%d: granule 0x%x is freed while %s".formatted(t, p, at));
      }
    }
  }
}
