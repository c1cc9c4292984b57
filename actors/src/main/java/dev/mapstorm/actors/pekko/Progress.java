package dev.mapstorm.actors.pekko;

import java.util.Optional;

/**
 * How far a simulation is.
 *
 * @param virtualNs virtual time that all hosts have reached
 * @param totalVirtualNs virtual time at which the last host ends
 * @param events in the journal
 * @param journalBytes of payload in the journal
 * @param trouble what holds the clocks back, while a host waits for a store that fails
 */
public record Progress(
    long virtualNs,
    long totalVirtualNs,
    long events,
    long journalBytes,
    Optional<StoreTrouble> trouble) {}
