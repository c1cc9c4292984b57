package dev.mapstorm.load.calibrate;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What functions of the kernel, Linux 5.15 to 7.x, do, by their names. */
final class KernelFunctions {
  /** Figures that a function is, apart from what it calls that is named here, too. */
  private static final Map<String, String> FIGURES =
      Map.of(
          "alloc_iova_fast", "rcache-get",
          "free_iova_fast", "rcache-put",
          "alloc_iova", "tree-alloc",
          "queue_iova", "flush-queue-add");

  /** An invalidation of a range with its wait, the outermost first. */
  private static final List<String> INVALIDATIONS =
      List.of(
          "cache_tag_flush_range",
          "iommu_flush_iotlb_psi",
          "qi_submit_sync",
          "amd_iommu_domain_flush_pages",
          "arm_smmu_tlb_inv_range_domain",
          "arm_smmu_cmdq_issue_cmdlist");

  /** What does nothing on a unit without RWBF: what it takes is the probe's. */
  static final String NOTHING = "iommu_flush_write_buffer";

  private KernelFunctions() {}

  /** The key of a finding that a function's time is; empty if it is none. */
  static Optional<String> key(String function) {
    return INVALIDATIONS.contains(function)
        ? Optional.of(Finding.INVALIDATION)
        : Optional.ofNullable(FIGURES.get(function));
  }

  /** How far out a function is among those that are the same thing; the least is taken. */
  static int rank(String function) {
    return INVALIDATIONS.indexOf(function);
  }
}
