package dev.mapstorm.load.explain;

import dev.mapstorm.protocol.Granule;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which devices have a mapping that begins in a granule. Not thread safe. */
final class Owners {
  private final Map<Long, Set<String>> devices = new HashMap<>();

  /** A device has one that begins at an address. */
  void add(long address, String device) {
    devices.computeIfAbsent(Granule.pfn(address), pfn -> new LinkedHashSet<>(2)).add(device);
  }

  /** A device has none any more that begins in the granule of an address. */
  void remove(long address, String device) {
    devices.computeIfPresent(
        Granule.pfn(address),
        (pfn, known) -> {
          known.remove(device);
          return known.isEmpty() ? null : known;
        });
  }

  /** Those that have one in the granule of an address. */
  List<String> of(long address) {
    return List.copyOf(devices.getOrDefault(Granule.pfn(address), Set.of()));
  }
}
