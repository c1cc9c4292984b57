package dev.mapstorm.persistence.replay;

import dev.mapstorm.actors.backend.iommu.DmaIommuSpec;
import dev.mapstorm.actors.model.iova.IovaDomain;
import dev.mapstorm.actors.spec.HostSpec;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Whether the trees of a host's IOVA allocators hold just what is reserved, what is cached, and the
 * ranges in use that the rest of the models knows of: nothing is lost and nothing is used twice.
 */
final class AllocatedRanges {
  private AllocatedRanges() {}

  /** Lines that name the domain; none if all is accounted for. */
  static List<String> differences(HostSpec spec, LiveState live) {
    return live.domains().keySet().stream()
        .filter(domain -> spec.domains().get(domain) instanceof DmaIommuSpec)
        .filter(domain -> !inTree(live, domain).equals(accountedFor(spec, live, domain)))
        .map(
            domain ->
                "the tree of domain %d holds %s, and not %s"
                    .formatted(domain, inTree(live, domain), accountedFor(spec, live, domain)))
        .toList();
  }

  /** Last granule of each range by its first. */
  private static Map<Long, Long> inTree(LiveState live, int domain) {
    Map<Long, Long> ranges = new TreeMap<>();
    live.domains().get(domain).iova.forEachRange(ranges::put);
    return ranges;
  }

  private static Map<Long, Long> accountedFor(HostSpec spec, LiveState live, int domain) {
    IovaDomain iova = live.domains().get(domain).iova;
    Map<Long, Long> ranges = new TreeMap<>();
    for (long[] window : ((DmaIommuSpec) spec.domains().get(domain)).reserved()) {
      add(ranges, window[0], window[1] - window[0] + 1);
    }
    iova.forEachCached((cpu, order, pfn) -> add(ranges, pfn, 1L << order));
    live.ranges()
        .forEach(
            (key, range) -> {
              if (key.domain() == domain) {
                add(ranges, range.pfn(), iova.roundSize(range.pages()));
              }
            });
    return ranges;
  }

  private static void add(Map<Long, Long> ranges, long pfn, long pages) {
    if (ranges.put(pfn, pfn + pages - 1) != null) {
      ranges.put(pfn, Long.MIN_VALUE);
    }
  }
}
