package dev.mapstorm.actors.spec;

/**
 * Requests that were recorded, in time order: maps and, later, the release of each. Columns of
 * equal length; immutable by agreement.
 *
 * @param t instant of each entry in nanoseconds from the start of the run, ascending
 * @param op request number of the client: a map's own, or the map that a release takes back
 * @param release whether the entry releases
 * @param cpu that executes it
 * @param direction {@code Direction} code of a map
 * @param api {@code MapApi} code of a map
 * @param phys physical addresses of a map; null for a release
 * @param length bytes of each physical range; null for a release
 */
public record RecordedRequests(
    long[] t,
    long[] op,
    boolean[] release,
    byte[] cpu,
    byte[] direction,
    byte[] api,
    long[][] phys,
    int[][] length) {

  /** Entries. */
  public int size() {
    return t.length;
  }
}
