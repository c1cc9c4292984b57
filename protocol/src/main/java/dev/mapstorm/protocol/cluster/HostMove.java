package dev.mapstorm.protocol.cluster;

/**
 * A host that went on elsewhere, or on the same node in a new incarnation.
 *
 * @param host its number
 * @param epoch of the new incarnation's claim, which tells moves of a host apart
 * @param from the node before
 * @param to the node behind
 * @param gapMs wall milliseconds from the last batch that was journaled there to the first here
 * @param redone events that were executed again
 */
public record HostMove(int host, long epoch, String from, String to, long gapMs, long redone) {}
