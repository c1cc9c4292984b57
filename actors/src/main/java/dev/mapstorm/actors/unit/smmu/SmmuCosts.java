package dev.mapstorm.actors.unit.smmu;

import dev.mapstorm.actors.spec.IommuSpec;
import dev.mapstorm.actors.spec.PerItem;

/**
 * What invalidations of an SMMUv3 cost, in virtual nanoseconds, none negative.
 *
 * @param lineTransfer until an access to a cache line that another CPU wrote last gets there
 * @param lineAccess the access itself, for which a write has the line to itself
 * @param queueHandover until the queue comes to a CPU that has reserved slots, after another one
 * @param queueContender what each other CPU in the queue adds to that
 * @param registerWrite writing PROD
 * @param registerRead reading CONS
 * @param writeCommand a CPU writing one command into its slot
 * @param tlbi the unit executing a TLB invalidation by address
 * @param tlbiAll the unit executing one of a whole ASID or VMID
 * @param commandSync the unit executing a CMD_SYNC
 * @param msiWrite the unit's write into the slot of a CMD_SYNC, until the CPU sees it
 */
public record SmmuCosts(
    long lineTransfer,
    long lineAccess,
    long queueHandover,
    PerItem queueContender,
    long registerWrite,
    long registerRead,
    long writeCommand,
    long tlbi,
    long tlbiAll,
    long commandSync,
    long msiWrite) {
  private static final long MAX_NS = 1_000_000_000L;

  /**
   * Refuses accesses that take no time: a CPU that waits repeats them until time has passed.
   *
   * @throws IllegalArgumentException that names the figure as a platform profile does
   */
  public SmmuCosts {
    IommuSpec.require("line-access", lineAccess, 1, MAX_NS);
    IommuSpec.require("register-read", registerRead, 1, MAX_NS);
  }
}
