package dev.mapstorm.actors.unit.smmu;

import dev.mapstorm.actors.model.smmuv3.CommandQueue;
import dev.mapstorm.actors.spec.IommuSpec;

/**
 * An SMMUv3.
 *
 * @param iotlbEntries entries of the TLB, 1 to 1048576, a multiple of the ways
 * @param iotlbWays ways of a set
 * @param queueShift base-two logarithm of the commands in the queue ({@code IDR1.CMDQS}), 6 to 19
 * @param msi 1 if a CMD_SYNC ends with a write to its slot, 0 if CPUs read CONS
 * @param rangeInvalidation 1 if one command invalidates a range ({@code IDR3.RIL}), 0 if one page
 * @param costs what it takes to invalidate
 */
public record SmmuSpec(
    int iotlbEntries,
    int iotlbWays,
    int queueShift,
    int msi,
    int rangeInvalidation,
    SmmuCosts costs)
    implements IommuSpec {
  /**
   * Refuses a unit that cannot be.
   *
   * @throws IllegalArgumentException that names the figure as a platform profile does
   */
  public SmmuSpec {
    IommuSpec.requireIotlb(iotlbEntries, iotlbWays);
    IommuSpec.require("queue-shift", queueShift, CommandQueue.MIN_SHIFT, CommandQueue.MAX_SHIFT);
    IommuSpec.require("msi", msi, 0, 1);
    IommuSpec.require("range-invalidation", rangeInvalidation, 0, 1);
  }
}
