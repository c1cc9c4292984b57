package dev.mapstorm.actors.core;

import dev.mapstorm.protocol.Direction;

/**
 * A client's request, as a {@link HostVisitor} sees it between two steps.
 *
 * @param op its number
 * @param direction of the transfer
 * @param bytes asked for
 * @param startedAt when it was asked for; its arrival in an open loop
 * @param failed whether a mapping call failed
 * @param phase what the client does with it
 * @param unmapped how many of the mappings, from the first, its client knows to be unmapped
 * @param mappings numbers of all mappings that were handed out for it
 * @param mappedBytes bytes of each mapping
 * @param vectors DMA vectors of all mappings, as pairs of address and length
 */
public record RequestInProgress(
    long op,
    Direction direction,
    long bytes,
    long startedAt,
    boolean failed,
    Phase phase,
    int unmapped,
    long[] mappings,
    long[] mappedBytes,
    long[] vectors) {

  /** What a client does with a request. */
  public enum Phase {
    /** A call that maps it, or hands it to the device, is under way. */
    MAPPING,
    /** No call is under way: all of it is mapped. */
    MAPPED,
    /** A call that unmaps it, or takes it back from the device, is under way. */
    UNMAPPING
  }
}
