package dev.mapstorm.actors.core;

/**
 * A range of a backend that allocates addresses in a way of its own, as a {@link HostVisitor} sees
 * it between two steps.
 *
 * @param pfn first granule
 * @param pages granules
 * @param cleared whether its entries are cleared and it is about to be freed
 * @param slot number in messages of the mapping that it belongs to; -1 while that is made
 * @param mapping the call that makes or made that mapping, its number in events
 * @param client whose it is
 * @param op the client's request
 * @param cpu that allocated it
 * @param vectors DMA vectors of the mapping, as pairs of address and length; empty while it is made
 */
public record RangeInUse(
    long pfn,
    long pages,
    boolean cleared,
    int slot,
    long mapping,
    int client,
    long op,
    int cpu,
    long[] vectors) {}
