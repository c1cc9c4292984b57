package dev.mapstorm.load.scenario;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.actors.spec.DomainSpec;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/**
 * What the resolved text of a scenario, as a journal keeps it, says about its run, without anything
 * that the run needed and its reader does not, such as a trace.
 */
public final class ResolvedScenario {
  private final Settings settings;
  private final PlatformProfile platform;

  private ResolvedScenario(Config config) {
    settings = Settings.of(config);
    platform = PlatformProfile.of(settings.object("platform"));
  }

  /**
   * Reads a resolved text.
   *
   * @param origin what messages call it
   * @throws ScenarioException if it is none
   */
  public static ResolvedScenario of(String text, String origin) {
    try {
      ConfigParseOptions options = ConfigParseOptions.defaults().setOriginDescription(origin);
      return new ResolvedScenario(ConfigFactory.parseString(text, options));
    } catch (ConfigException e) {
      throw new ScenarioException(origin + ": " + e.getMessage(), e);
    }
  }

  /** What reports call the scenario. */
  public String name() {
    return settings.text("name");
  }

  /** One line. */
  public String description() {
    return settings.text("description");
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

  /** Machines of the run. */
  public int hosts() {
    return settings.count("hosts", 1, MachineReader.MAX_HOSTS);
  }

  /** The costs. */
  public PlatformProfile platform() {
    return platform;
  }

  /** Sizes of the IOVA caches of every domain. */
  public IovaParameters iova() {
    return MachineReader.iova(settings.section("iommu").section("iova"));
  }

  /** Names of the devices of a machine, by number. */
  public List<String> devices() {
    return hasRecordedClients()
        ? TracedClients.devices(settings)
        : SyntheticClients.devices(settings);
  }

  /** Whether its clients are those of a kernel trace, repeated from it or from a journal. */
  boolean hasRecordedClients() {
    return !TracedClients.devices(settings).isEmpty();
  }

  /** Clients of a machine. */
  int clients() {
    return hasRecordedClients() ? devices().size() : SyntheticClients.count(settings);
  }

  /** What each of the IOMMU domains of a machine is. */
  public DomainSpec domain() {
    return MachineReader.domain(settings.section("iommu"));
  }

  /** The domain of device {@code device}. */
  public int domainOf(int device) {
    return device % MachineReader.domains(settings, devices().size());
  }

  /** The clients of a machine, by number. */
  public List<ClientOutline> outlines() {
    List<String> devices = devices();
    if (hasRecordedClients()) {
      return IntStream.range(0, devices.size())
          .mapToObj(i -> new ClientOutline(devices.get(i), i, 0))
          .toList();
    }
    // Of a rerun the scenario does not say what clients ask for, so that must not be read.
    return SyntheticClients.read(
        settings,
        new ClientReader<>(
            devices.size(),
            (client, name, device, cpu, api, capacity) -> new ClientOutline(name, device, cpu)));
  }
}
