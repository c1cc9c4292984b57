package dev.mapstorm.actors.pekko;

import java.util.Optional;

/**
 * How far a simulation is.
 *
 * @param ended hosts that have ended or stopped
 * @param hosts of the simulation
 * @param virtualNs virtual time that all hosts have reached; of those that have not begun it is 0
 * @param totalVirtualNs virtual time at which the last host ends
 * @param part of the virtual time of all hosts together that is done, 0 to 1
 * @param events in the journal
 * @param journalBytes of payload in the journal
 * @param trouble what holds the clocks back, while a host waits for a store that fails
 */
public record Progress(
    int ended,
    int hosts,
    long virtualNs,
    long totalVirtualNs,
    double part,
    long events,
    long journalBytes,
    Optional<StoreTrouble> trouble) {}
