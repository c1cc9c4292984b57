package dev.mapstorm.load.scenario;

import dev.mapstorm.actors.spec.HostSpec;
import java.util.List;

/**
 * A scenario, complete and checked.
 *
 * @param name what reports and the run directory call it
 * @param description one line
 * @param text the resolved scenario as HOCON, with seed, every figure of the platform and the
 *     version inside: loading it again gives the same hosts
 * @param seed of the run
 * @param durationNs virtual time that is simulated, in nanoseconds
 * @param hosts one specification for each machine, by number; machines of a kind share what is the
 *     same in them
 * @param thresholds what figures of the run have to keep
 * @param indexed whether the run indexes its journal
 * @param notes what the user should know before believing the run, such as another version
 */
public record Scenario(
    String name,
    String description,
    String text,
    long seed,
    long durationNs,
    List<HostSpec> hosts,
    List<Threshold> thresholds,
    boolean indexed,
    List<String> notes) {

  /** Keeps unmodifiable copies. */
  public Scenario {
    hosts = List.copyOf(hosts);
    thresholds = List.copyOf(thresholds);
    notes = List.copyOf(notes);
  }
}
