package dev.mapstorm.actors.model.vtd;

/**
 * What a VT-d page-selective invalidation (PSI) covers: {@code calculate_psi_aligned_address} and
 * the fall-back of {@code cache_tag_flush_iotlb}, {@code drivers/iommu/intel/cache.c} in Linux
 * 6.12.
 *
 * <p>A PSI names a block of {@code 2^order} pages aligned to its size, so a range that does not
 * happen to be one invalidates more than was asked for. A block beyond the unit's maximum address
 * mask (MAMV, capability register bits 53:48), or the whole address space, becomes a
 * domain-selective invalidation (DSI).
 *
 * <p>Set by {@link #cover} or {@link #coverAll}, then read. Reusable; not thread safe.
 */
public final class PsiRange {
  /**
   * Maximum address mask value of common hardware and of the emulated unit of QEMU ({@code
   * VTD_MAMV}): blocks up to 1 GiB. Older units report 9; the value is in the unit's {@code cap} as
   * printed at boot ({@code d2008c40660462} holds 18).
   */
  public static final int DEFAULT_MAX_ADDRESS_MASK = 18;

  /** {@code MAX_AGAW_PFN_WIDTH}: order of a block when a range crosses every aligned boundary. */
  public static final int MAX_PFN_WIDTH = 52;

  private static final int PAGE_SHIFT = 12;

  private final int maxAddressMask;
  private final boolean pageSelective;
  private long pfn;
  private int order;
  private boolean domainSelective;

  /** Of a unit that supports page-selective invalidation with the common address mask. */
  public PsiRange() {
    this(DEFAULT_MAX_ADDRESS_MASK, true);
  }

  /**
   * @param maxAddressMask largest order that the unit accepts (MAMV), 0 to 63
   * @param pageSelective whether the unit supports page-selective invalidation at all (PSI)
   * @throws IllegalArgumentException if the mask is out of range
   */
  public PsiRange(int maxAddressMask, boolean pageSelective) {
    if (maxAddressMask < 0 || maxAddressMask > 63) {
      throw new IllegalArgumentException(
          "the maximum address mask value is 0 to 63, not " + maxAddressMask);
    }
    this.maxAddressMask = maxAddressMask;
    this.pageSelective = pageSelective;
  }

  /**
   * Covers a range of addresses, as {@code cache_tag_flush_range} is asked to. The range from 0 to
   * -1 (all 64 bits) is the whole address space.
   *
   * @param start first address in bytes
   * @param end last address in bytes, inclusive
   * @throws IllegalArgumentException if the end lies before the start
   */
  public void cover(long start, long end) {
    if (start == 0 && end == -1L) {
      coverAll();
      return;
    }
    if (Long.compareUnsigned(end, start) < 0) {
      throw new IllegalArgumentException(
          String.format("an invalidation cannot end at 0x%x before its start 0x%x", end, start));
    }
    long first = start >>> PAGE_SHIFT;
    long pages = (end >>> PAGE_SHIFT) - first + 1;
    order = 64 - Long.numberOfLeadingZeros(pages - 1);
    long low = (1L << order) - 1;
    if ((first & low) != 0) {
      long shared = ~(first ^ first + pages - 1) & ~low;
      order = shared == 0 ? MAX_PFN_WIDTH : Long.numberOfTrailingZeros(shared);
    }
    pfn = first & -1L << order;
    domainSelective = !pageSelective || order > maxAddressMask;
  }

  /** Covers the whole address space of the domain, as {@code cache_tag_flush_all} asks for. */
  public void coverAll() {
    pfn = 0;
    order = MAX_PFN_WIDTH;
    domainSelective = true;
  }

  /** Whether the unit must drop all that it caches of the domain. */
  public boolean domainSelective() {
    return domainSelective;
  }

  /** First page frame of the aligned block. */
  public long pfn() {
    return pfn;
  }

  /** First address of the aligned block in bytes. */
  public long address() {
    return pfn << PAGE_SHIFT;
  }

  /** Base-two logarithm of the pages in the aligned block (the address mask, AM). */
  public int order() {
    return order;
  }

  /** Pages of 4 KiB in the aligned block. */
  public long pages() {
    return 1L << order;
  }
}
