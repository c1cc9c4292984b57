package dev.mapstorm.actors.unit.vtd;

/**
 * What invalidations of a VT-d unit cost, in virtual nanoseconds, none negative.
 *
 * @param queuePost writing descriptors and the tail register, under L6
 * @param invalidatePages the unit executing a page-selective descriptor
 * @param invalidateDomain the unit executing a domain-selective descriptor
 * @param invalidateWait the unit executing a wait descriptor; whoever comes after waits for that
 * @param waitLatency from there until the CPU sees the status write; meanwhile the unit works on
 */
public record VtdCosts(
    long queuePost,
    long invalidatePages,
    long invalidateDomain,
    long invalidateWait,
    long waitLatency) {}
