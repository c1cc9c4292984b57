package dev.mapstorm.protocol.cluster;

/**
 * How far a host is.
 *
 * @param run of the fleet
 * @param host its number
 * @param instant of its clock, in virtual nanoseconds
 * @param events in its journal
 * @param bytes of their payloads
 * @param epoch of this incarnation's claim to its stream; 0 while it has none
 * @param before the node that claimed the stream before; empty if none did
 * @param gapMs wall milliseconds from the last batch that another incarnation journaled to the
 *     first of this one; {@link #NO_GAP} while there is none, or where there was nothing before
 * @param redone events that this incarnation executed again when it recovered
 * @param trouble why it stands still or was not begun, such as what its store said last; empty if
 *     it goes on
 */
public record HostReport(
    String run,
    int host,
    long instant,
    long events,
    long bytes,
    long epoch,
    String before,
    long gapMs,
    long redone,
    String trouble) {
  /** There is no gap, or it is not over. */
  public static final long NO_GAP = -1;
}
