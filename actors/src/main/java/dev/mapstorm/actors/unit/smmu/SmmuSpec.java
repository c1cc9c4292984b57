package dev.mapstorm.actors.unit.smmu;

import dev.mapstorm.actors.model.smmuv3.CommandQueue;
import dev.mapstorm.actors.spec.DefaultFigure;
import dev.mapstorm.actors.spec.IommuSpec;

/**
 * An SMMUv3.
 *
 * @param iotlbEntries entries of the TLB, 1 to 1048576, a multiple of the ways
 * @param iotlbWays ways of a set
 * @param queueShift base-two logarithm of the commands in the queue ({@code IDR1.CMDQS}), 6 to 19
 * @param msi 1 if a CMD_SYNC ends with a write to its slot, 0 if CPUs read CONS
 * @param rangeInvalidation 1 if one command invalidates a range ({@code IDR3.RIL}), 0 if one page
 * @param commandQueues further queues that CPUs issue to, each to the one with its number modulo
 *     this (VCMDQs of Tegra241's CMDQV), up to {@link #MAX_COMMAND_QUEUES}; 0 for a unit with one
 *     queue for all
 * @param sizeLimit 1 if a range that would take as many commands as a table has entries becomes one
 *     invalidation of the whole address space ({@code arm_smmu_inv_size_too_big}, since Linux 7.1)
 * @param costs what it takes to invalidate
 */
public record SmmuSpec(
    int iotlbEntries,
    int iotlbWays,
    int queueShift,
    int msi,
    int rangeInvalidation,
    @DefaultFigure(0) int commandQueues,
    @DefaultFigure(0) int sizeLimit,
    SmmuCosts costs)
    implements IommuSpec {
  /** More than a machine has CPUs behind one unit, and little memory. */
  public static final int MAX_COMMAND_QUEUES = 1024;

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
    IommuSpec.require("command-queues", commandQueues, 0, MAX_COMMAND_QUEUES);
    IommuSpec.require("size-limit", sizeLimit, 0, 1);
  }

  /** With one queue for all CPUs. */
  public SmmuSpec(
      int iotlbEntries,
      int iotlbWays,
      int queueShift,
      int msi,
      int rangeInvalidation,
      SmmuCosts costs) {
    this(iotlbEntries, iotlbWays, queueShift, msi, rangeInvalidation, 0, 0, costs);
  }

  /** Queues that are used: its own, or those of CMDQV. */
  int queues() {
    return Math.max(1, commandQueues);
  }
}
