package dev.mapstorm.actors.toy;

import dev.mapstorm.actors.spec.DomainSpec;
import dev.mapstorm.protocol.IommuMode;

/**
 * A domain whose addresses are given out in ascending order.
 *
 * @param firstPfn the first granule
 * @param costs what it takes
 */
record ToyDomainSpec(long firstPfn, ToyDomainCosts costs) implements DomainSpec {
  @Override
  public IommuMode mode() {
    return IommuMode.STRICT;
  }
}
