package dev.mapstorm.actors.spec;

import java.util.Arrays;

/**
 * Requests that were recorded, in time order: maps and, where that was recorded, the release of
 * each. Flat columns, so that millions of requests are a few arrays; immutable by agreement. {@link
 * RecordedRequestsBuilder} makes it.
 *
 * @param t instant of each entry in nanoseconds from the start of the run, ascending
 * @param op request number of the client: a map's own, or the map that a release takes back
 * @param release whether the entry releases
 * @param cpu that executes it
 * @param direction {@code Direction} code of a map
 * @param api {@code MapApi} code of a map
 * @param first index of the first physical range of a map
 * @param ranges how many ranges it has; 0 for a release
 * @param phys physical address of each range
 * @param length bytes of each range
 * @param iova address that a map is to have, which is on a granule, or {@link #ANYWHERE}; null if
 *     none has one
 * @param after maps, by their numbers, that were at the address of a map before, and that must be
 *     gone before it can be mapped; null like {@code iova}
 */
public record RecordedRequests(
    long[] t,
    int[] op,
    boolean[] release,
    short[] cpu,
    byte[] direction,
    byte[] api,
    int[] first,
    int[] ranges,
    long[] phys,
    int[] length,
    long[] iova,
    int[][] after) {
  /** Any address: that which the allocator finds. */
  public static final long ANYWHERE = -1;

  private static final int[] NOTHING = {};

  /** Whether a map is to have an address of its own. */
  public boolean isPlaced(int entry) {
    return iova != null && iova[entry] != ANYWHERE;
  }

  /** Bytes of all ranges of a map. */
  public long bytesOf(int entry) {
    long sum = 0;
    for (int i = first[entry]; i < first[entry] + ranges[entry]; i++) {
      sum += length[i];
    }
    return sum;
  }

  /** What must be gone before a map; not to be changed. */
  public int[] after(int entry) {
    return after == null || after[entry] == null ? NOTHING : after[entry];
  }

  /** Whether all maps have addresses of their own, and there is one. */
  public boolean isUnmanaged() {
    if (iova == null) {
      return false;
    }
    for (int entry = 0; entry < size(); entry++) {
      if (!release[entry] && iova[entry] == ANYWHERE) {
        return false;
      }
    }
    return true;
  }

  /** Entries. */
  public int size() {
    return t.length;
  }

  /** The physical addresses of a map, in an array of its own. */
  public long[] physOf(int entry) {
    return Arrays.copyOfRange(phys, first[entry], first[entry] + ranges[entry]);
  }

  /** The bytes of each range of a map, in an array of its own. */
  public int[] lengthOf(int entry) {
    return Arrays.copyOfRange(length, first[entry], first[entry] + ranges[entry]);
  }
}
