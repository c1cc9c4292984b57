package dev.mapstorm.protocol.cluster;

/**
 * How far a host is.
 *
 * @param run of the fleet
 * @param host its number
 * @param instant of its clock, in virtual nanoseconds
 * @param events in its journal
 * @param bytes of their payloads
 * @param redone events that were executed again when it was recovered on this node
 * @param journaling whether a batch has been journaled since it was started on this node
 * @param trouble what its store said when it failed last and is waited for; empty if it works
 */
public record HostReport(
    String run,
    int host,
    long instant,
    long events,
    long bytes,
    long redone,
    boolean journaling,
    String trouble) {}
