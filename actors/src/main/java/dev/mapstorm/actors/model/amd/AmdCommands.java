package dev.mapstorm.actors.model.amd;

/** Is told the commands of an AMD-Vi driver for a domain, in order. */
public interface AmdCommands {
  /**
   * INVALIDATE_IOMMU_PAGES.
   *
   * @param unit whose queue takes it
   * @param domainId the domain's, or with {@code guest} that of the device's own tables
   * @param address as {@link InvalidationAddress} encodes it, without the S bit
   * @param several the S bit: the address holds the size
   * @param tables the PDE bit: forget upper levels too
   * @param guest the GN bit: addresses of v2 tables
   */
  void invalidatePages(
      int unit, int domainId, long address, boolean several, boolean tables, boolean guest);

  /**
   * INVALIDATE_IOTLB_PAGES, to a device with ATS.
   *
   * @param device number of the device in its domain
   */
  void invalidateIotlb(int unit, int device, long address, boolean several, boolean guest);

  /**
   * {@code iommu_completion_wait}: a COMPLETION_WAIT, waited for, if commands were queued in the
   * unit since its last; else the wait for the last number given out.
   */
  void completionWait(int unit);
}
