package dev.mapstorm.load.scenario;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import dev.mapstorm.actors.backend.unmanaged.UnmanagedSpec;
import dev.mapstorm.actors.spec.DomainSpec;
import dev.mapstorm.actors.spec.HostSpec;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The first host of a scenario with other figures of its platform: what it does stays as it is,
 * what it costs does not. Immutable.
 */
public final class PricedHost {
  private final HostSpec host;
  private final Settings settings;
  private final PlatformProfile platform;

  private PricedHost(HostSpec host, Settings settings) {
    this.host = host;
    this.settings = settings;
    platform = MachineKind.platform(settings, new UserHocon());
  }

  /**
   * That of a scenario.
   *
   * @throws ScenarioException if its machines are a mix
   */
  public static PricedHost of(Scenario scenario) {
    ResolvedScenario resolved = ResolvedScenario.of(scenario.text(), scenario.name());
    if (resolved.isMixed()) {
      throw new ScenarioException(
          "%s is a mix of machines; which figures matter is told of one kind of machine"
              .formatted(scenario.name()));
    }
    return new PricedHost(
        scenario.hosts().get(0), Settings.of(ClosedScenario.of(scenario.text(), scenario.name())));
  }

  /** Its platform as the scenario has it. */
  public PlatformProfile platform() {
    return platform;
  }

  /** The host as it is in the scenario. */
  public HostSpec host() {
    return host;
  }

  /**
   * The host with another value of one figure.
   *
   * @param key of a figure of its platform, such as {@code costs.walk-read}
   * @param value in the unit of the figure
   * @throws ScenarioException if the platform refuses the value beside its other figures
   */
  public HostSpec with(String key, BigDecimal value) {
    return with(Map.of(key, value));
  }

  /**
   * The same with other values of several figures.
   *
   * @param values by keys of figures
   */
  public HostSpec with(Map<String, BigDecimal> values) {
    PlatformProfile other = repriced(values);
    DomainSpec priced = new DomainReader(settings.section("iommu")).spec(other, host.cpus());
    return new HostSpec(
        host.host(),
        host.seed(),
        host.cpus(),
        host.nodes(),
        host.endNs(),
        other.costs(),
        List.of(other.unit()),
        // A domain of the IOMMU API costs nothing of its own.
        host.domains().stream().map(each -> each instanceof UnmanagedSpec ? each : priced).toList(),
        host.devices(),
        host.clients(),
        host.journal());
  }

  private PlatformProfile repriced(Map<String, BigDecimal> values) {
    Map<String, ConfigObject> overrides =
        new TreeMap<>(
            Map.of(
                "costs", settings.object("costs"),
                "unit", settings.object("unit")));
    values.forEach(
        (key, value) -> {
          int dot = key.indexOf('.');
          ConfigValue number = ConfigValueFactory.fromAnyRef(number(value));
          overrides.computeIfPresent(
              key.substring(0, dot),
              (section, set) -> set.withValue(key.substring(dot + 1), number));
        });
    return PlatformProfile.read(settings.object("platform"), overrides);
  }

  private static Object number(BigDecimal value) {
    return value.scale() <= 0 ? (Object) value.longValueExact() : value.toPlainString();
  }
}
