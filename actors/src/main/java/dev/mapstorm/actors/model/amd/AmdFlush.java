package dev.mapstorm.actors.model.amd;

/**
 * What the AMD-Vi driver of Linux tells the units of a domain for a range ({@code
 * amd_iommu_domain_flush_pages}, {@code __domain_flush_pages}, {@code domain_flush_complete} of
 * {@code drivers/iommu/amd/iommu.c}), under the domain's lock. With v1 tables every unit is told
 * once; with v2 tables, which are a device's, every device's id is told to its unit; then every
 * device with ATS; at last each unit is waited for.
 *
 * <p>Where units cache entries that are not present ({@code amd_iommu_np_cache}, a unit that a
 * hypervisor emulates), a range goes out in naturally aligned pieces, so that nothing else is
 * invalidated. Addresses and lengths in bytes, unsigned. Immutable.
 */
public final class AmdFlush {
  private final boolean v2;
  private final boolean npCache;
  private final int domainId;
  private final int[] units;
  private final int[] deviceUnit;
  private final int[] deviceDomainId;
  private final boolean[] deviceAts;

  /**
   * Of a domain.
   *
   * @param v2 whether its tables are v2, in the form of x86-64
   * @param npCache whether its units cache entries that are not present
   * @param domainId its id in v1
   * @param units that it is behind, in ascending order; not copied
   * @param deviceUnit unit of each of its devices; not copied
   * @param deviceDomainId with v2 the id of each device's tables; not copied
   * @param deviceAts whether each device has ATS; not copied
   */
  public AmdFlush(
      boolean v2,
      boolean npCache,
      int domainId,
      int[] units,
      int[] deviceUnit,
      int[] deviceDomainId,
      boolean[] deviceAts) {
    this.v2 = v2;
    this.npCache = npCache;
    this.domainId = domainId;
    this.units = units;
    this.deviceUnit = deviceUnit;
    this.deviceDomainId = deviceDomainId;
    this.deviceAts = deviceAts;
  }

  /** Whether mappings have to be flushed too ({@code domain_flush_np_cache}). */
  public boolean flushesMaps() {
    return npCache;
  }

  /**
   * {@code amd_iommu_domain_flush_pages}.
   *
   * @param tables whether table pages were freed; Linux 6.12 always says so
   */
  public void pages(long address, long bytes, boolean tables, AmdCommands sink) {
    if (!npCache) {
      one(address, bytes, tables, sink);
    } else {
      long at = address;
      long left = bytes;
      while (left != 0) {
        int fits = 63 - Long.numberOfLeadingZeros(left);
        long piece = 1L << Math.min(fits, at == 0 ? fits : Long.numberOfTrailingZeros(at));
        one(at, piece, tables, sink);
        at += piece;
        left -= piece;
      }
    }
    complete(sink);
  }

  /** {@code amd_iommu_domain_flush_all}: one flush, whatever the units cache. */
  public void all(AmdCommands sink) {
    one(0, InvalidationAddress.ALL, true, sink);
    complete(sink);
  }

  private void one(long address, long bytes, boolean tables, AmdCommands sink) {
    long encoded = InvalidationAddress.encode(address, bytes);
    boolean several = InvalidationAddress.several(address, bytes);
    if (v2) {
      for (int device = 0; device < deviceUnit.length; device++) {
        sink.invalidatePages(
            deviceUnit[device], deviceDomainId[device], encoded, several, tables, true);
      }
    } else {
      for (int unit : units) {
        sink.invalidatePages(unit, domainId, encoded, several, tables, false);
      }
    }
    for (int device = 0; device < deviceUnit.length; device++) {
      if (deviceAts[device]) {
        sink.invalidateIotlb(deviceUnit[device], device, encoded, several, v2);
      }
    }
  }

  private void complete(AmdCommands sink) {
    for (int unit : units) {
      sink.completionWait(unit);
    }
  }
}
