package dev.mapstorm.actors.unit.ipmmu;

import dev.mapstorm.actors.spec.IommuSpec;
import dev.mapstorm.actors.unit.IotlbSize;

/**
 * An IPMMU.
 *
 * @param iotlbEntries entries of the IOTLB, 1 to 1048576, a multiple of the ways
 * @param iotlbWays ways of a set
 * @param costs what it takes to flush
 */
public record IpmmuSpec(int iotlbEntries, int iotlbWays, IpmmuCosts costs) implements IommuSpec {
  /**
   * Refuses a unit that cannot be.
   *
   * @throws IllegalArgumentException that names the figure as a platform profile does
   */
  public IpmmuSpec {
    IotlbSize.require(iotlbEntries, iotlbWays);
  }
}
