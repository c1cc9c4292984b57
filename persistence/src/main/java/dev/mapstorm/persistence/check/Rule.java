package dev.mapstorm.persistence.check;

/**
 * What may be wrong with the use of mappings. Rules of dma-debug name the message of
 * kernel/dma/debug.c that they are.
 */
public enum Rule {
  /** A device used an address after it was unmapped. dma-debug does not see devices. */
  ACCESS_AFTER_UNMAP("access-after-unmap", "access after unmap", ""),
  /** A device wrote to what it may only read, or read what it may only write. */
  WRONG_DIRECTION("wrong-direction", "access against the direction", ""),
  /** A device used another address than it was given, since it does not drive all bits. */
  ADDRESS_BITS("address-bits", "address bits not driven", ""),
  /** Another translation fault. */
  FAULT("fault", "translation fault", ""),
  /** A mapping was taken back while the device had its request. */
  UNMAP_IN_USE("unmap-in-use", "unmap while the device uses it", ""),
  /** Something was taken back that is not mapped; also twice. */
  UNMAP_UNKNOWN(
      "unmap-unknown",
      "unmap of what is not mapped",
      "device driver tries to free DMA memory it has not allocated"),
  /** Another size was unmapped than was mapped. */
  UNMAP_SIZE(
      "unmap-size", "unmap of another size", "device driver frees DMA memory with different size"),
  /** A mapping was taken back by another kind of call than made it. */
  UNMAP_FUNCTION(
      "unmap-function",
      "unmap by another function",
      "device driver frees DMA memory with wrong function"),
  /** A mapping was taken back with another direction. */
  UNMAP_DIRECTION(
      "unmap-direction",
      "unmap with another direction",
      "device driver frees DMA memory with different direction"),
  /** A failed mapping was used as if it had not failed. */
  ERROR_UNCHECKED(
      "error-unchecked", "mapping error not checked", "device driver failed to check map error"),
  /** {@code DMA_MAPPING_ERROR} was unmapped. */
  UNMAP_ERROR(
      "unmap-error",
      "unmap of an error",
      "device driver tries to free an invalid DMA memory address"),
  /** The rules of dma_iova_link and its like. dma-debug does not know these calls. */
  TWO_STEP("two-step", "two-step rule", ""),
  /** The allocator's or the unit's order was broken: reuse before invalidation, for example. */
  ORDER("order", "order of allocation and invalidation", ""),
  /** A range was mapped over one that is mapped. */
  MAPPED_TWICE("mapped-twice", "mapped while it is mapped", ""),
  /** Two mappings share a cache line that a device writes. */
  OVERLAP(
      "overlap",
      "overlapping mappings",
      "cacheline tracking EEXIST, overlapping mappings aren't supported"),
  /** Two mappings share a granule, so that the device of one reaches the memory of the other. */
  SHARED_GRANULE("shared-granule", "two mappings in one granule", ""),
  /** A sync of what is not mapped. */
  SYNC_UNMAPPED(
      "sync-unmapped",
      "sync of what is not mapped",
      "device driver tries to sync DMA memory it has not allocated"),
  /** A sync with another direction than that of the mapping. */
  SYNC_DIRECTION(
      "sync-direction",
      "sync with another direction",
      "device driver syncs DMA memory with different direction"),
  /** A device did not answer an invalidation. */
  NO_ANSWER("no-answer", "invalidation that a device does not answer", ""),
  /** Data that no sync copied between bounce slots and the buffer. dma-debug does not see data. */
  SYNC_MISSING("sync-missing", "missing sync", ""),
  /** A sync for the side that has the memory already. */
  SYNC_NEEDLESS("sync-needless", "sync without need", ""),
  /** A mapping that nobody will take back. */
  LEAK("leak", "leak", "device driver has pending DMA allocations while released from device");

  private final String label;
  private final String title;
  private final String dmaDebug;

  Rule(String label, String title, String dmaDebug) {
    this.label = label;
    this.title = title;
    this.dmaDebug = dmaDebug;
  }

  /** What JSON and options call it. */
  public String label() {
    return label;
  }

  /** What text calls it. */
  public String title() {
    return title;
  }

  /** What dma-debug prints of it; empty if it does not look at it. */
  public String dmaDebug() {
    return dmaDebug;
  }
}
