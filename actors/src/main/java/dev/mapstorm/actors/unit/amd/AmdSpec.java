package dev.mapstorm.actors.unit.amd;

import dev.mapstorm.actors.model.amd.CommandBuffer;
import dev.mapstorm.actors.spec.DefaultFigure;
import dev.mapstorm.actors.spec.IommuSpec;

/**
 * An AMD-Vi unit.
 *
 * @param iotlbEntries entries of the IOTLB, 1 to 1048576, a multiple of the ways
 * @param iotlbWays ways of a set
 * @param bufferEntries commands in the command buffer ({@code CMD_BUFFER_SIZE}, 512), 4 to 32768
 * @param npCache 1 if the unit caches entries that are not present, as one does that a hypervisor
 *     emulates; else 0
 * @param domainLock 1 if {@code domain->lock} is held until the units have answered, as in Linux; 0
 *     if the list of units is read under RCU and nobody waits for others
 * @param costs what it takes to invalidate
 */
public record AmdSpec(
    int iotlbEntries,
    int iotlbWays,
    int bufferEntries,
    int npCache,
    @DefaultFigure(1) int domainLock,
    AmdCosts costs)
    implements IommuSpec {
  private static final int MAX_BUFFER_ENTRIES = 1 << 15;

  /**
   * Refuses a unit that cannot be.
   *
   * @throws IllegalArgumentException that names the figure as a platform profile does
   */
  public AmdSpec {
    IommuSpec.requireIotlb(iotlbEntries, iotlbWays);
    IommuSpec.require(
        "buffer-entries", bufferEntries, CommandBuffer.MIN_ENTRIES, MAX_BUFFER_ENTRIES);
    IommuSpec.require("np-cache", npCache, 0, 1);
    IommuSpec.require("domain-lock", domainLock, 0, 1);
  }

  /** With the driver of Linux. */
  public AmdSpec(int iotlbEntries, int iotlbWays, int bufferEntries, int npCache, AmdCosts costs) {
    this(iotlbEntries, iotlbWays, bufferEntries, npCache, 1, costs);
  }
}
