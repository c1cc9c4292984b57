package dev.mapstorm.load.explain;

import dev.mapstorm.protocol.Granule;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The ranges of one device, or of all that no line gives to a device: those that are mapped, and of
 * each first address the last one that was. Memory is bounded by the addresses that occur. Not
 * thread safe.
 */
final class AddressSpace {
  private final String device;
  private final Owners owners;
  private final TreeMap<Long, Mapping> live = new TreeMap<>(Long::compareUnsigned);
  private final TreeMap<Long, Mapping> past = new TreeMap<>(Long::compareUnsigned);
  private long longest;

  /**
   * Empty.
   *
   * @param device empty for all that no line gives to a device
   * @param owners learns where mappings of the device begin
   */
  AddressSpace(String device, Owners owners) {
    this.device = device;
    this.owners = owners;
  }

  /** Adds a range; answers the one that it overlaps and that is still mapped. */
  Optional<Mapping> map(Mapping mapping) {
    Optional<Mapping> overlapped = overlapping(mapping.iova(), mapping.bytes());
    live.put(mapping.iova(), mapping);
    owners.add(mapping.iova(), device);
    longest = Math.max(longest, mapping.bytes());
    return overlapped;
  }

  private Optional<Mapping> overlapping(long iova, long bytes) {
    Map.Entry<Long, Mapping> before = live.floorEntry(iova + bytes - 1);
    return before != null && before.getValue().end() - 1 - iova >= 0
        ? Optional.of(before.getValue())
        : Optional.empty();
  }

  /** The range that begins in the granule of an address, if it is mapped. */
  Optional<Mapping> at(long address, long granule) {
    Map.Entry<Long, Mapping> found = live.floorEntry(address);
    return found != null
            && Long.divideUnsigned(found.getKey(), granule) == Long.divideUnsigned(address, granule)
        ? Optional.of(found.getValue())
        : Optional.empty();
  }

  /** Ends a range. */
  void unmap(Mapping mapping, Act act) {
    forget(mapping);
    past.put(mapping.iova(), mapping.endedBy(act));
  }

  /** Ends a range that was mapped before the trace begins. */
  void unmapEarlier(long iova, long bytes, Act act) {
    Optional<Act> ended = Optional.of(act);
    past.put(iova, new Mapping(device, iova, bytes, -1, Act.BEFORE_THE_TRACE, ended));
    longest = Math.max(longest, bytes);
  }

  /** Takes a range out that turned out to belong elsewhere. */
  void forget(Mapping mapping) {
    live.remove(mapping.iova());
    long first = mapping.iova() & -Granule.BYTES;
    if (live.subMap(first, true, first + Granule.BYTES - 1, true).isEmpty()) {
      owners.remove(mapping.iova(), device);
    }
  }

  /** Ranges that are mapped inside {@code bytes} from {@code iova} on. */
  List<Mapping> inside(long iova, long bytes) {
    return new ArrayList<>(live.subMap(iova, true, iova + bytes - 1, true).values());
  }

  /** All that is mapped, by address. */
  Collection<Mapping> live() {
    return live.values();
  }

  /** The range that holds an address: a mapped one, else the one that was unmapped last. */
  Optional<Mapping> holding(long address) {
    Optional<Mapping> mapped = holding(live, address);
    return mapped.isPresent() ? mapped : holding(past, address);
  }

  private Optional<Mapping> holding(TreeMap<Long, Mapping> ranges, long address) {
    Mapping found = null;
    Map.Entry<Long, Mapping> at = ranges.floorEntry(address);
    while (at != null && address - at.getKey() < Math.max(longest, 1)) {
      Mapping candidate = at.getValue();
      if (candidate.holds(address) && (found == null || isLater(candidate, found))) {
        found = candidate;
      }
      at = ranges.lowerEntry(at.getKey());
    }
    return Optional.ofNullable(found);
  }

  private static boolean isLater(Mapping one, Mapping other) {
    return one.unmapped().map(Act::line).orElse(Long.MAX_VALUE)
        > other.unmapped().map(Act::line).orElse(Long.MAX_VALUE);
  }

  /** The range whose end or beginning is nearest to an address that none holds. */
  Optional<Mapping> nearest(long address) {
    List<Mapping> candidates = new ArrayList<>();
    for (TreeMap<Long, Mapping> ranges : List.of(live, past)) {
      Map.Entry<Long, Mapping> below = ranges.floorEntry(address);
      Map.Entry<Long, Mapping> above = ranges.higherEntry(address);
      if (below != null) {
        candidates.add(below.getValue());
      }
      if (above != null) {
        candidates.add(above.getValue());
      }
    }
    return candidates.stream()
        .min((a, b) -> Long.compareUnsigned(distance(a, address), distance(b, address)));
  }

  /**
   * How far an address lies before a range that does not hold it, or past its end: 0 for the first
   * byte after it.
   */
  static long distance(Mapping mapping, long address) {
    return Long.compareUnsigned(address, mapping.iova()) < 0
        ? mapping.iova() - address
        : address - mapping.end();
  }
}
