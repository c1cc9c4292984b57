package dev.mapstorm.load.scenario;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import java.util.Map;

/**
 * One kind of machine of a scenario, read.
 *
 * @param element what the scenario says about it
 * @param platform its costs
 * @param clients that run on it
 */
record MachineKind(MixElement element, PlatformProfile platform, Clients clients) {

  /**
   * Reads the platform of a kind.
   *
   * @param texts that a file of it counts among
   */
  static PlatformProfile platform(Settings settings, UserHocon texts) {
    ConfigObject profile =
        settings.isObject("platform")
            ? settings.object("platform")
            : texts.resolved(named(settings, texts)).root();
    return PlatformProfile.read(
        profile, Map.of("costs", settings.object("costs"), "unit", settings.object("unit")));
  }

  private static Config named(Settings settings, UserHocon texts) {
    try {
      return BuiltIn.platform(settings.text("platform"), texts);
    } catch (ScenarioException e) {
      throw settings.wrong("platform", e.getMessage());
    }
  }
}
