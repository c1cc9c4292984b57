package dev.mapstorm.actors.unit.ipmmu;

/**
 * What the IPMMU costs, in virtual nanoseconds, not negative.
 *
 * @param contextFlush {@code ipmmu_tlb_invalidate}: reading and writing IMCTR, and polling it until
 *     the flush is done
 */
public record IpmmuCosts(long contextFlush) {}
