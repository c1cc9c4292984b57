package dev.mapstorm.actors.pekko;

import com.typesafe.config.Config;
import dev.mapstorm.actors.spec.HostSpec;
import java.util.List;
import java.util.function.Function;

/**
 * What a simulation on one node is made from.
 *
 * @param runId names the run in its journal
 * @param hosts its machines, numbered from 0
 * @param lanes threads that simulate, at least 1; a machine that begins goes to the one that has
 *     fewest
 * @param config of the actor system: the journal's store, logging
 * @param scenario text to keep with every stream
 * @param version of the program
 * @param observers make the observer of a host's batches
 * @param patience with a store that fails
 * @param room how many machines run at a time
 */
public record SimulationSpec(
    String runId,
    List<HostSpec> hosts,
    int lanes,
    Config config,
    String scenario,
    String version,
    Function<HostSpec, BatchObserver> observers,
    StorePatience patience,
    HostRoom room) {

  /** Keeps an unmodifiable copy of the hosts. */
  public SimulationSpec {
    hosts = List.copyOf(hosts);
  }

  /** With all hosts at a time. */
  public SimulationSpec(
      String runId,
      List<HostSpec> hosts,
      int lanes,
      Config config,
      String scenario,
      String version,
      Function<HostSpec, BatchObserver> observers,
      StorePatience patience) {
    this(runId, hosts, lanes, config, scenario, version, observers, patience, HostRoom.UNLIMITED);
  }

  /** With {@link StorePatience#DEFAULT}, and all hosts at a time. */
  public SimulationSpec(
      String runId,
      List<HostSpec> hosts,
      int lanes,
      Config config,
      String scenario,
      String version,
      Function<HostSpec, BatchObserver> observers) {
    this(runId, hosts, lanes, config, scenario, version, observers, StorePatience.DEFAULT);
  }
}
