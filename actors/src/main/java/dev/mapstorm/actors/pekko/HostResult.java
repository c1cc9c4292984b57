package dev.mapstorm.actors.pekko;

/**
 * How a host's run ended.
 *
 * @param host its number
 * @param complete whether it reached the end of its run, or was stopped before
 * @param endNs the virtual instant
 * @param batches in the journal
 * @param events in them
 * @param journalBytes of their payloads
 * @param hash the final hash
 */
public record HostResult(
    int host,
    boolean complete,
    long endNs,
    long batches,
    long events,
    long journalBytes,
    byte[] hash) {}
