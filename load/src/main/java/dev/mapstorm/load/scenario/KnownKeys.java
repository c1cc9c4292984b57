package dev.mapstorm.load.scenario;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The keys that the reference scenario documents. A key outside it is refused with the name that
 * was probably meant.
 */
final class KnownKeys {
  /** Keys whose content has its own rules: they are read by whoever knows them. */
  private static final Set<String> OWN_RULES = Set.of("platform", "costs", "unit");

  private final ConfigObject reference;
  private final Set<String> paths = new TreeSet<>();

  KnownKeys(ConfigObject reference) {
    this.reference = reference;
    collect("", reference);
  }

  /** Every documented key, dotted. */
  Set<String> paths() {
    return paths;
  }

  /** Refuses the first key of {@code given} that the reference does not have. */
  void check(ConfigObject given) {
    check("", given, reference);
  }

  private void check(String path, ConfigObject given, ConfigObject known) {
    for (Map.Entry<String, ConfigValue> entry : inFileOrder(given)) {
      String key = path + entry.getKey();
      if (OWN_RULES.contains(key)) {
        continue;
      }
      ConfigValue documented = known.get(entry.getKey());
      if (documented == null) {
        throw unknown(entry.getValue(), key, path, known);
      }
      checkValue(key, entry.getValue(), documented);
    }
  }

  private void checkValue(String key, ConfigValue given, ConfigValue documented) {
    if (key.equals("clients") && given instanceof ConfigList groups) {
      checkGroups(groups);
    } else if (documented instanceof ConfigObject section) {
      if (!(given instanceof ConfigObject inner)) {
        throw ScenarioException.at(
            given.origin(),
            key,
            "must be a section { … } with " + String.join(", ", new TreeSet<>(section.keySet())));
      }
      check(key + ".", inner, section);
    }
  }

  /** A group of clients has the keys of {@code client}, and a name and a count of its own. */
  private void checkGroups(ConfigList groups) {
    ConfigObject client = (ConfigObject) reference.get("client");
    ConfigObject group = client.withValue("count", reference.get("devices"));
    for (int i = 0; i < groups.size(); i++) {
      String key = "clients[" + i + "]";
      if (!(groups.get(i) instanceof ConfigObject given)) {
        throw ScenarioException.at(
            groups.get(i).origin(), key, "must be a group of clients { count = …, … }");
      }
      check(key + ".", given, group);
    }
  }

  private ScenarioException unknown(
      ConfigValue given, String key, String path, ConfigObject known) {
    String last = key.substring(key.lastIndexOf('.') + 1);
    List<String> siblings = new ArrayList<>();
    known.keySet().forEach(name -> siblings.add(path + name));
    String elsewhere = paths.stream().filter(p -> p.endsWith("." + last)).findFirst().orElse(null);
    String hint =
        elsewhere != null
            ? "; did you mean " + elsewhere + "?"
            : NearestName.of(key, siblings)
                .or(() -> NearestName.of(key, paths))
                .map(near -> "; did you mean " + near + "?")
                .orElse("; known here: " + String.join(", ", new TreeSet<>(known.keySet())));
    return ScenarioException.at(given.origin(), key, "there is no such key" + hint);
  }

  private void collect(String path, ConfigObject object) {
    object.forEach(
        (key, value) -> {
          paths.add(path + key);
          if (value.valueType() == ConfigValueType.OBJECT) {
            collect(path + key + ".", (ConfigObject) value);
          }
        });
  }

  private static List<Map.Entry<String, ConfigValue>> inFileOrder(ConfigObject object) {
    List<Map.Entry<String, ConfigValue>> entries = new ArrayList<>(object.entrySet());
    entries.sort(
        Comparator.<Map.Entry<String, ConfigValue>>comparingInt(
                e -> e.getValue().origin().lineNumber())
            .thenComparing(Map.Entry.comparingByKey()));
    return entries;
  }
}
