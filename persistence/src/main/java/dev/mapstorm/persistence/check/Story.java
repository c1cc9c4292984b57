package dev.mapstorm.persistence.check;

import java.util.Optional;

/**
 * What became of a mapping.
 *
 * @param client whose it is
 * @param op the request that it is for
 * @param domain where it is
 * @param pfn granule of its first DMA vector
 * @param pages granules
 * @param mapped who mapped it
 * @param unmapped who unmapped it; empty while it is mapped
 */
public record Story(
    int client, long op, int domain, long pfn, long pages, Deed mapped, Optional<Deed> unmapped) {}
