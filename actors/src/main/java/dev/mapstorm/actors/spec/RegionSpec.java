package dev.mapstorm.actors.spec;

/**
 * How the driver of an RDMA device registers memory. Fast registration, as storage and NFS over
 * RDMA use it, is of the memory of a request: work requests that register are posted with the
 * transfer and executed before it; after it each region is invalidated, and only then unmapped. On
 * demand (ODP) is of buffers that the client keeps: a buffer is mapped when the device meets it for
 * the first time, and its pages are written into the device's table then. Times in nanoseconds.
 *
 * @param pages that the list of a region holds ({@code max_fast_reg_page_list_len})
 * @param pageSize of the device, a power of two, in bytes
 * @param entryNs the CPU writing one entry of a page list
 * @param postNs the CPU posting one work request that registers or invalidates
 * @param registerNs the device registering a region
 * @param invalidateNs the device invalidating a region
 * @param remote whether the peer invalidates (SEND_WITH_INV), so that nothing is posted for it
 * @param onDemand whether buffers are mapped when the device faults on them
 * @param faultNs from there until the CPU hears of the fault
 */
public record RegionSpec(
    int pages,
    long pageSize,
    long entryNs,
    long postNs,
    long registerNs,
    long invalidateNs,
    boolean remote,
    boolean onDemand,
    long faultNs) {
  /** Fast registration. */
  public RegionSpec(
      int pages,
      long pageSize,
      long entryNs,
      long postNs,
      long registerNs,
      long invalidateNs,
      boolean remote) {
    this(pages, pageSize, entryNs, postNs, registerNs, invalidateNs, remote, false, 0);
  }
}
