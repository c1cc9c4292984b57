package dev.mapstorm.load.scenario;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import dev.mapstorm.actors.pekko.SimulationResult;
import dev.mapstorm.persistence.text.Units;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/**
 * What the resolved text of a scenario, as a journal keeps it, says about its run, without anything
 * that the run needed and its reader does not, such as a trace.
 */
public final class ResolvedScenario {
  private final Settings settings;
  private final Mix mix;
  private final List<ResolvedMachine> machines;

  private ResolvedScenario(Config config) {
    settings = Settings.of(config);
    mix = Mix.ofResolved(config);
    machines = mix.elements().stream().map(ResolvedMachine::new).toList();
  }

  /**
   * Reads a resolved text.
   *
   * @param origin what messages call it
   * @throws ScenarioException if it is none
   */
  public static ResolvedScenario of(String text, String origin) {
    try {
      return new ResolvedScenario(ClosedScenario.of(text, origin));
    } catch (ConfigException e) {
      throw new ScenarioException(origin + ": " + e.getMessage(), e);
    }
  }

  /** What reports call the scenario. */
  public String name() {
    return settings.text("name");
  }

  /** What ran, in one line; of a mix, the kinds of its hosts. */
  public String outline() {
    return isMixed()
        ? "%s of %s: %s"
            .formatted(
                Units.things(hosts(), "host"),
                Units.things(machines.size(), "kind"),
                machines.stream().map(ResolvedMachine::name).collect(Collectors.joining(", ")))
        : machines.get(0).outline();
  }

  /** The version of mapstorm that resolved it. */
  public String version() {
    return settings.text("version");
  }

  /** Seed of the run. */
  public long seed() {
    return settings.whole("seed", Long.MIN_VALUE, Long.MAX_VALUE);
  }

  /** Virtual time that was to be simulated; empty if it is as long as a trace. */
  public OptionalLong durationNs() {
    return settings.is("duration", "auto")
        ? OptionalLong.empty()
        : OptionalLong.of(settings.quantity("duration", Quantity.TIME, 1, Long.MAX_VALUE));
  }

  /** What figures of the run have to keep. */
  public List<Threshold> thresholds() {
    return settings.has("thresholds") ? ScenarioReading.thresholds(settings) : List.of();
  }

  /** Machines of the run. */
  public int hosts() {
    return settings.count("hosts", 1, MachineReader.MAX_HOSTS);
  }

  /**
   * Whether a run came to its end: all hosts of the scenario did. One that was killed early may
   * have hosts that ended and others that had not begun.
   *
   * @param end of the hosts that have a journal
   */
  public boolean isComplete(SimulationResult end) {
    return end.complete() && end.hosts().size() == hosts();
  }

  /** The kinds of machines, in the order of the elements of its mix; one if it has none. */
  public List<ResolvedMachine> machines() {
    return machines;
  }

  /** Whether it has a mix of machines. */
  public boolean isMixed() {
    return mix.isMixed();
  }

  /** What a host is. */
  public ResolvedMachine machine(int host) {
    return machines.get(mix.elementOf(host));
  }

  /** Whether its clients are those of a kernel trace, repeated from it or from a journal. */
  boolean hasRecordedClients() {
    return machines.get(0).hasRecordedClients();
  }
}
