package dev.mapstorm.actors.core;

/**
 * A CPU inside a domain's code, as a {@link HostVisitor} sees it between two steps.
 *
 * @param number of the call in its domain
 * @param purpose what it came for
 * @param client who called, -1 for a timer
 * @param cpu that executes it
 * @param op request it is for, -1 for a timer
 * @param mapping that it unmaps, -1 for other calls
 * @param pages granules of IOVA to find or to give back, 0 for a timer
 * @param queued whether the range that it unmaps is in the flush queue
 * @param flushing whether it has begun a flush of the domain that is not finished
 * @param ring of the flush queue that it is at, if it is lazy
 * @param reclaiming ranges that it took out of that ring and has not freed, as pairs of first
 *     granule and count
 * @param invalidationPfn first granule of the invalidation that it waits for, if it does; 0 for the
 *     whole domain
 * @param invalidationPages granules of it; 0 for the whole domain
 */
public record CallInProgress(
    long number,
    Purpose purpose,
    int client,
    int cpu,
    long op,
    long mapping,
    long pages,
    boolean queued,
    boolean flushing,
    int ring,
    long[] reclaiming,
    long invalidationPfn,
    long invalidationPages) {

  /** What a call is for. */
  public enum Purpose {
    /** To map; between steps it looks for an IOVA. */
    MAP,
    /** To unmap, wholly or in part. */
    UNMAP,
    /** The flush queue's timer. */
    TIMER
  }
}
