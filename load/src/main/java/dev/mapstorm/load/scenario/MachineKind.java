package dev.mapstorm.load.scenario;

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

  /** Reads the platform of a kind. */
  static PlatformProfile platform(Settings settings) {
    ConfigObject profile =
        settings.isObject("platform")
            ? settings.object("platform")
            : BuiltIn.platform(settings.text("platform")).resolve().root();
    return PlatformProfile.read(
        profile, Map.of("costs", settings.object("costs"), "unit", settings.object("unit")));
  }
}
