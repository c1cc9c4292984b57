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
    int[] length) {

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
