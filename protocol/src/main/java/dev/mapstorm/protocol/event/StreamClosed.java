package dev.mapstorm.protocol.event;

/**
 * The last entry of a host's stream when its run ended by itself.
 *
 * @param end the virtual instant at which the host stopped
 * @param batches batches before it
 * @param events events in them
 * @param hash the hash of the last batch, the host's final hash
 */
public record StreamClosed(long end, long batches, long events, byte[] hash)
    implements JournalEntry {}
