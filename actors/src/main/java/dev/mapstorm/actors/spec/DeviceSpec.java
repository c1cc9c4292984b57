package dev.mapstorm.actors.spec;

/**
 * A device: after {@code latencyNs} (plus up to {@code jitterNs}) a request's data is ready, then
 * the link moves it, one request at a time.
 *
 * @param name what reports call it
 * @param domain domain it is attached to
 * @param iommu unit in front of it; of no meaning if the domain is not translated
 * @param pci whether it is a PCI function, for which 32-bit space is tried first
 * @param latencyNs from doorbell to first byte, the medium included
 * @param jitterNs width of a uniform addition to the latency
 * @param parallel requests whose latencies may overlap; more wait in order
 * @param bytesPerSecond bandwidth of the link
 * @param perPageNs time of the link for each page apart from its bytes and its walks
 * @param completionNs from last byte to the completion being seen
 */
public record DeviceSpec(
    String name,
    int domain,
    int iommu,
    boolean pci,
    long latencyNs,
    long jitterNs,
    int parallel,
    long bytesPerSecond,
    long perPageNs,
    long completionNs) {}
