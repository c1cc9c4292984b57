package dev.mapstorm.actors.pekko;

/**
 * How far a simulation is.
 *
 * @param virtualNs virtual time that all hosts have reached
 * @param totalVirtualNs virtual time at which the last host ends
 * @param events in the journal
 * @param journalBytes of payload in the journal
 */
public record Progress(long virtualNs, long totalVirtualNs, long events, long journalBytes) {}
