package dev.mapstorm.actors.spec;

/**
 * An IOMMU unit.
 *
 * @param iotlbEntries entries of the IOTLB, a multiple of the ways
 * @param iotlbWays ways of a set
 * @param queueEntries descriptors in the invalidation queue ({@code QI_LENGTH}, 256)
 * @param maxAddressMask largest order of a page-selective invalidation (MAMV of the capability
 *     register)
 */
public record IommuSpec(int iotlbEntries, int iotlbWays, int queueEntries, int maxAddressMask) {}
