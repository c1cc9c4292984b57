package dev.mapstorm.actors.unit.pseries;

/**
 * What calls of the hypervisor cost, in virtual nanoseconds, not negative.
 *
 * @param hypercall one call, apart from its entries: {@code H_PUT_TCE}, {@code H_PUT_TCE_INDIRECT},
 *     {@code H_STUFF_TCE}
 * @param hypercallTce each entry that a call writes or clears
 */
public record PseriesCosts(long hypercall, long hypercallTce) {}
