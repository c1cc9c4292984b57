package dev.mapstorm.actors.unit.pseries;

import dev.mapstorm.actors.spec.IommuSpec;
import dev.mapstorm.actors.unit.IotlbSize;

/**
 * A host bridge of a POWER partition.
 *
 * @param iotlbEntries entries of its TCE cache, 1 to 1048576, a multiple of the ways
 * @param iotlbWays ways of a set
 * @param costs of the hypervisor
 */
public record PseriesSpec(int iotlbEntries, int iotlbWays, PseriesCosts costs)
    implements IommuSpec {
  /**
   * Refuses a unit that cannot be.
   *
   * @throws IllegalArgumentException that names the figure as a platform profile does
   */
  public PseriesSpec {
    IotlbSize.require(iotlbEntries, iotlbWays);
  }
}
