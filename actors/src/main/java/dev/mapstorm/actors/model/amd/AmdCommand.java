package dev.mapstorm.actors.model.amd;

/**
 * The four words of an AMD-Vi command as Linux writes them ({@code struct iommu_cmd}, {@code
 * build_inv_iommu_pages}, {@code build_inv_iotlb_pages}). Set, then read; reusable, not thread
 * safe.
 */
public final class AmdCommand {
  private static final int INVALIDATE_PAGES = 0x3;
  private static final int INVALIDATE_IOTLB = 0x4;
  private static final int TYPE_SHIFT = 28;
  private static final int SIZE = 1;
  private static final int TABLES = 2;
  private static final int GUEST = 4;

  private final int[] words = new int[4];

  /** Becomes an INVALIDATE_IOMMU_PAGES. */
  public void invalidatePages(
      int domainId, long address, boolean several, boolean tables, boolean guest) {
    words[0] = 0;
    words[1] = domainId | INVALIDATE_PAGES << TYPE_SHIFT;
    address(address, several);
    words[2] |= (tables ? TABLES : 0) | (guest ? GUEST : 0);
  }

  /**
   * Becomes an INVALIDATE_IOTLB_PAGES.
   *
   * @param depth of the device's invalidation queue
   */
  public void invalidateIotlb(
      int deviceId, int depth, long address, boolean several, boolean guest) {
    words[0] = deviceId | (depth & 0xff) << 24;
    words[1] = deviceId | INVALIDATE_IOTLB << TYPE_SHIFT;
    address(address, several);
    words[2] |= guest ? GUEST : 0;
  }

  /** Word {@code i}, 0 to 3. */
  public int word(int i) {
    return words[i];
  }

  private void address(long address, boolean several) {
    words[2] = (int) address | (several ? SIZE : 0);
    words[3] = (int) (address >>> 32);
  }
}
