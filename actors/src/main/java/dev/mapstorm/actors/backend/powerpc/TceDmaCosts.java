package dev.mapstorm.actors.backend.powerpc;

/**
 * What the DMA API of powerpc costs, in virtual nanoseconds, not negative.
 *
 * @param poolSearch one search, under L12
 * @param poolWord looking at 64 bits of the table's bitmap
 * @param poolClear giving a range back, under L12
 * @param hypercall a call of the hypervisor that writes entries, apart from these: {@code
 *     H_PUT_TCE} for one, {@code H_PUT_TCE_INDIRECT} for up to 512
 * @param hypercallTce each entry that a call writes
 */
public record TceDmaCosts(
    long poolSearch, long poolWord, long poolClear, long hypercall, long hypercallTce) {}
