package dev.mapstorm.actors.model.pagetable;

/**
 * Whose code writes a page table. The formats agree on which entries a mapping gets; the drivers
 * differ in how far one call goes, in what an unmapping takes that is not exactly what was mapped,
 * and in when table pages are freed.
 */
public enum DriverRules {
  /**
   * VT-d in Linux 6.12, drivers/iommu/intel/iommu.c: {@code __domain_mapping}, {@code
   * intel_iommu_unmap}. One call goes through tables to its end. An unmapping does not notice
   * holes: what it says it cleared is what it was asked, or one entry of the level at which the
   * walk to its start ends if that is more. Tables are freed that one call covers whole. Its first
   * stage is the same code.
   */
  VTD,
  /**
   * AMD in Linux 6.12, drivers/iommu/amd/io_pgtable.c and io_pgtable_v2.c: {@code
   * iommu_v1_unmap_pages}, {@code fetch_pte}. An unmapping takes whole pages, also the part before
   * its start; empty entries of the last level count as granules, a missing table ends it. An
   * unmapping never frees a table.
   */
  AMD,
  /**
   * SMMU in Linux 6.12, drivers/iommu/io-pgtable-arm.c: {@code __arm_lpae_map}, {@code
   * __arm_lpae_unmap}. One call ends at the end of a table, also of each page of a concatenated
   * top. An unmapping that takes part of a block splits it ({@code arm_lpae_split_blk_unmap}); a
   * hole ends it. A table is freed that stands where an entry of the call's page size is.
   */
  LPAE,
  /**
   * SMMU in Linux 7.2: as {@link #LPAE}, but a block is not split; to take part of it is refused.
   */
  LPAE_NO_SPLIT,
  /**
   * Linux 7.2, drivers/iommu/generic_pt/iommu_pt.h: VT-d, AMD, RISC-V. One call maps or unmaps a
   * whole range. An unmapping that begins at a page takes it whole and says so, one that begins
   * inside a page takes nothing; a hole ends it. Tables are freed that the whole range covers and
   * that were unmapped without a hole.
   */
  GENERIC_PT;

  /** Whether the core hands a range to the driver in pieces of one page size each. */
  public boolean callsByPageSize() {
    return this != GENERIC_PT;
  }

  /** Whether a call ends at the end of a table. */
  boolean callEndsWithTable() {
    return this == LPAE || this == LPAE_NO_SPLIT;
  }
}
