package dev.mapstorm.actors.spec;

/**
 * How the driver of an RDMA device registers the memory of a request: fast registration, as storage
 * and NFS over RDMA use it. Work requests that register are posted with the transfer and executed
 * before it; after it each region is invalidated, and only then unmapped. Times in nanoseconds.
 *
 * @param pages that the list of a region holds ({@code max_fast_reg_page_list_len})
 * @param pageSize of the device, a power of two, in bytes
 * @param entryNs the CPU writing one entry of a page list
 * @param postNs the CPU posting one work request that registers or invalidates
 * @param registerNs the device registering a region
 * @param invalidateNs the device invalidating a region
 * @param remote whether the peer invalidates (SEND_WITH_INV), so that nothing is posted for it
 */
public record RegionSpec(
    int pages,
    long pageSize,
    long entryNs,
    long postNs,
    long registerNs,
    long invalidateNs,
    boolean remote) {}
