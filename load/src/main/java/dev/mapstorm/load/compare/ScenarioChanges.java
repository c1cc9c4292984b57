package dev.mapstorm.load.compare;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import dev.mapstorm.persistence.hocon.ClosedHocon;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;

/** The keys in which resolved scenarios differ. */
public final class ScenarioChanges {
  private static final String NONE = "-";
  private static final String MIX = "mix";
  private static final String REQUESTS = "requests";
  private static final String ASK_THEMSELVES = "none";

  /** Keys that decide nothing. */
  private static final List<String> WORDS = List.of("name", "description", "requests-hash");

  private ScenarioChanges() {}

  /**
   * A key and its value in each scenario, {@code -} where it has none.
   *
   * @param values in the order of the scenarios
   */
  public record Change(String key, List<String> values) {}

  /**
   * All keys whose values are not the same everywhere, in the order of the alphabet. Names,
   * descriptions, hashes and the sources of a platform's figures are left out; so are keys that are
   * missing where a journal says the thing itself.
   *
   * @param scenarios resolved, as HOCON
   */
  public static List<Change> of(List<String> scenarios) {
    List<Map<String, String>> flat = scenarios.stream().map(ScenarioChanges::flat).toList();
    TreeSet<String> keys = new TreeSet<>();
    flat.forEach(each -> keys.addAll(each.keySet()));
    List<Change> changes = new ArrayList<>();
    for (String key : keys) {
      List<String> values = flat.stream().map(each -> each.getOrDefault(key, NONE)).toList();
      if (flat.stream()
              .filter(each -> says(each, key))
              .map(each -> each.getOrDefault(key, NONE))
              .distinct()
              .count()
          > 1) {
        changes.add(new Change(key, values));
      }
    }
    return changes;
  }

  /** Where a journal says what is asked, the keys that would say it are not there. */
  private static boolean says(Map<String, String> scenario, String key) {
    return scenario.containsKey(key)
        || scenario.getOrDefault(REQUESTS, ASK_THEMSELVES).equals(ASK_THEMSELVES);
  }

  private static Map<String, String> flat(String scenario) {
    Config config = ClosedHocon.parse(scenario, "a scenario");
    Map<String, String> flat = new TreeMap<>();
    add("", config.withoutPath(MIX), flat);
    if (config.hasPath(MIX)) {
      // By name: an element that is added before others changes nothing in these.
      config
          .getConfigList(MIX)
          .forEach(each -> add(MIX + "." + each.getString("name") + ".", each, flat));
    }
    return flat;
  }

  private static void add(String prefix, Config config, Map<String, String> flat) {
    for (Map.Entry<String, ConfigValue> entry : config.entrySet()) {
      List<String> path = ConfigUtil.splitPath(entry.getKey());
      String last = path.get(path.size() - 1);
      boolean ofPlatform = path.get(0).equals("platform");
      boolean basis = ofPlatform && (last.equals("source") || last.equals("assumption"));
      if (!basis && !WORDS.contains(entry.getKey())) {
        flat.put(prefix + String.join(".", path), shown(entry.getValue()));
      }
    }
  }

  private static String shown(ConfigValue value) {
    return value.unwrapped() instanceof String text
        ? text
        : Objects.requireNonNull(value.render(ConfigRenderOptions.concise()));
  }
}
