package dev.mapstorm.actors.backend.direct;

import dev.mapstorm.actors.spec.DomainSpec;
import dev.mapstorm.protocol.IommuMode;

/**
 * Devices that use physical addresses.
 *
 * @param costs what it takes to map
 */
public record DirectSpec(DirectCosts costs) implements DomainSpec {
  @Override
  public IommuMode mode() {
    return IommuMode.PASSTHROUGH;
  }
}
