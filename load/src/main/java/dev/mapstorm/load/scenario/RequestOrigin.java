package dev.mapstorm.load.scenario;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Who says what clients ask for, where they do not make it up, and so which keys mean nothing. */
enum RequestOrigin {
  /** A kernel trace: one client for each traced device. */
  TRACE("a trace", Keys.MACHINE_OF_TRACE, Keys.CLIENT_OF_TRACE),
  /** The journal of a run of such a trace. */
  JOURNALED_TRACE("a journaled trace", Keys.MACHINE_OF_JOURNALED_TRACE, Keys.CLIENT_OF_TRACE),
  /** The journal of a run whose clients made their requests up. */
  JOURNAL("a journal", List.of(Keys.TRACE), Keys.CLIENT_OF_JOURNAL);

  private static final String CLIENT = "client.";
  private static final String GROUPS = "clients";

  private final String who;
  private final List<String> keys;
  private final List<String> ofClient;

  RequestOrigin(String who, List<String> keys, List<String> ofClient) {
    this.who = who;
    this.keys = keys;
    this.ofClient = ofClient;
  }

  /** Refuses the first key of {@code given} that has no meaning. */
  void check(Config given) {
    for (String key : keys) {
      if (given.hasPathOrNull(key) && !"none".equals(given.getValue(key).unwrapped())) {
        throw refused(given.getValue(key).origin(), key);
      }
    }
    for (String key : ofClient) {
      if (given.hasPathOrNull(CLIENT + key)) {
        throw refused(given.getValue(CLIENT + key).origin(), CLIENT + key);
      }
    }
    List<ConfigObject> groups = groups(given);
    for (int i = 0; i < groups.size(); i++) {
      for (String key : ofClient) {
        if (groups.get(i).containsKey(key)) {
          throw refused(groups.get(i).get(key).origin(), "%s[%d].%s".formatted(GROUPS, i, key));
        }
      }
    }
  }

  /**
   * A configuration without the keys that have no meaning, those of groups included.
   *
   * @param alsoOfGroups more keys that groups lose
   */
  Config without(Config config, String... alsoOfGroups) {
    Config rest = config;
    for (String key : keys) {
      rest = rest.withoutPath(key);
    }
    for (String key : ofClient) {
      rest = rest.withoutPath(CLIENT + key);
    }
    List<ConfigObject> groups = groups(rest);
    return groups.isEmpty()
        ? rest
        : rest.withValue(
            GROUPS,
            ConfigValueFactory.fromIterable(
                groups.stream().map(each -> without(each, alsoOfGroups)).toList()));
  }

  private ConfigObject without(ConfigObject group, String... also) {
    ConfigObject rest = group;
    for (String key : also) {
      rest = rest.withoutKey(key);
    }
    for (String key : ofClient) {
      rest = rest.withoutKey(key);
    }
    return rest;
  }

  private ScenarioException refused(ConfigOrigin origin, String key) {
    return ScenarioException.at(
        origin, key, "has no meaning when %s says what is asked".formatted(who));
  }

  private static List<ConfigObject> groups(Config config) {
    List<ConfigObject> groups = new ArrayList<>();
    if (config.hasPath(GROUPS) && config.getValue(GROUPS) instanceof ConfigList list) {
      for (ConfigValue group : list) {
        groups.add((ConfigObject) group);
      }
    }
    return groups;
  }

  /** Which keys; constants of an enum cannot name its own. */
  private static final class Keys {
    static final String TRACE = "trace";
    static final List<String> MACHINE_OF_TRACE = List.of("devices", "device.name", "clients");
    static final List<String> MACHINE_OF_JOURNALED_TRACE =
        List.of(TRACE, "keep-iovas", "devices", "device.name", "clients");
    static final List<String> CLIENT_OF_JOURNAL =
        List.of(
            "arrivals",
            "requests",
            "bs",
            "segment",
            "read-percent",
            "buffers",
            "offset",
            "map",
            "buffer-size",
            "sync",
            "iova");
    static final List<String> CLIENT_OF_TRACE =
        Stream.concat(
                Stream.of(
                    "name",
                    "device",
                    "depth",
                    "rate",
                    "completion-cpu",
                    "block-layer",
                    "virt-boundary",
                    "queue-max-segment",
                    "queue-segment-boundary"),
                CLIENT_OF_JOURNAL.stream())
            .toList();
  }
}
