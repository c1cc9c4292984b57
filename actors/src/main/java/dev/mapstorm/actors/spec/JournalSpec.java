package dev.mapstorm.actors.spec;

/**
 * How a host's events become batches.
 *
 * @param enabled whether there are events at all
 * @param batchEvents events after which a batch is cut
 * @param batchIntervalNs virtual time after which a batch is cut
 * @param credits batches that may be on their way to the store before the clock is held
 */
public record JournalSpec(boolean enabled, int batchEvents, long batchIntervalNs, int credits) {}
