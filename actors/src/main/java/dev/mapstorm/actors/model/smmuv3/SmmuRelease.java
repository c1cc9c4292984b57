package dev.mapstorm.actors.model.smmuv3;

/** Where the SMMUv3 driver differs between releases in what it invalidates. */
public enum SmmuRelease {
  /** Linux 6.12: ranges of any length, devices in the order of attachment. */
  LINUX_6_12,
  /**
   * Linux 7.2: without range commands a long range becomes one invalidation of the whole address
   * space ({@code arm_smmu_inv_size_too_big}); devices in the order of their stream ids ({@code
   * struct arm_smmu_invs}).
   */
  LINUX_7_2
}
