package dev.mapstorm.protocol.event;

/**
 * How far one host's stream has come, all that is needed to go on with it.
 *
 * @param batches batches so far, so the index of the next one
 * @param events events in them
 * @param last instant of the last event; 0 before the first
 * @param hash {@link HashChain} over all of them; not to be written to
 */
public record ChainPosition(long batches, long events, long last, byte[] hash) {}
