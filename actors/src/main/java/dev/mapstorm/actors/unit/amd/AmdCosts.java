package dev.mapstorm.actors.unit.amd;

/**
 * What invalidations of an AMD-Vi unit cost, in virtual nanoseconds, none negative.
 *
 * @param queueCommand writing one command and the tail register, under L8
 * @param invalidatePages the unit executing an INVALIDATE_IOMMU_PAGES of a block
 * @param invalidateAll the unit executing one of the whole space
 * @param completionWait the unit executing a COMPLETION_WAIT; whoever comes after waits for that
 * @param completionLatency from there until its store can be seen; meanwhile the unit works on
 */
public record AmdCosts(
    long queueCommand,
    long invalidatePages,
    long invalidateAll,
    long completionWait,
    long completionLatency) {}
