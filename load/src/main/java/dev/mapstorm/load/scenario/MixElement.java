package dev.mapstorm.load.scenario;

import com.typesafe.config.Config;

/**
 * What a scenario says about one kind of machine.
 *
 * @param name of the kind in reports; that of the scenario if its machines are all alike
 * @param share of the hosts that are of this kind, at least 1
 * @param path under which messages know its keys; empty if machines are all alike
 * @param given what scenario and options say themselves, without defaults
 * @param config resolved, complete
 */
record MixElement(String name, int share, String path, Config given, Config config) {

  /** The resolved keys. */
  Settings settings() {
    return Settings.named(config.root(), path);
  }
}
