package dev.mapstorm.actors.cluster;

import dev.mapstorm.actors.spec.HostSpec;
import java.util.List;

/** Makes the machines of a fleet from its scenario. May be called by any thread; may take long. */
@FunctionalInterface
public interface FleetSpecs {
  /**
   * The machines, by number.
   *
   * @param name of the scenario, for messages
   * @param scenario its resolved text
   * @throws RuntimeException with one sentence if this node cannot make them
   */
  List<HostSpec> of(String name, String scenario);
}
