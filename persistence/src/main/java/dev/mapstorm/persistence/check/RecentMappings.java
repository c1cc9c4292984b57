package dev.mapstorm.persistence.check;

import dev.mapstorm.persistence.inflight.RequestKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What became of the mappings of the requests that were unmapped last, up to a number of requests:
 * the oldest is forgotten. Not thread-safe.
 */
final class RecentMappings {
  /** A request completes in much less time than so many others take. */
  static final int REQUESTS = 1 << 16;

  private final Map<Long, List<HeldMapping>> byRequest =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, List<HeldMapping>> eldest) {
          return size() > REQUESTS;
        }
      };

  void add(HeldMapping ended) {
    byRequest
        .computeIfAbsent(RequestKey.of(ended.client, ended.op), key -> new ArrayList<>(1))
        .add(ended);
  }

  /** The mapping of a request that held a granule, else its first; null if it is not known. */
  HeldMapping of(int client, long op, long pfn) {
    List<HeldMapping> all = byRequest.getOrDefault(RequestKey.of(client, op), List.of());
    return all.stream()
        .filter(each -> each.holds(pfn))
        .findFirst()
        .orElse(all.isEmpty() ? null : all.get(0));
  }
}
