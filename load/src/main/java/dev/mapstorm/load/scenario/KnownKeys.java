package dev.mapstorm.load.scenario;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
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

  /** Keys that say what a machine is; what an element of a mix can change. */
  static final Set<String> OF_MACHINE =
      Set.of(
          "cpus",
          "nodes",
          "platform",
          "costs",
          "unit",
          "iommu",
          "devices",
          "device",
          "clients",
          "client");

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
    check("", "", given, reference);
  }

  /**
   * Checks a section.
   *
   * @param prefix of the element of a mix that it stands in
   * @param path of the section in the scenario or in that element
   */
  private void check(String prefix, String path, ConfigObject given, ConfigObject known) {
    for (Map.Entry<String, ConfigValue> entry : inFileOrder(given)) {
      String key = path + entry.getKey();
      if (OWN_RULES.contains(key)) {
        continue;
      }
      ConfigValue documented = known.get(entry.getKey());
      if (documented == null) {
        throw unknown(entry.getValue(), prefix, key, path, known);
      }
      checkValue(prefix, key, entry.getValue(), documented);
    }
  }

  private void checkValue(String prefix, String key, ConfigValue given, ConfigValue documented) {
    if (key.equals("clients") && given instanceof ConfigList groups) {
      checkGroups(prefix, key, "client", groups);
    } else if (key.equals("devices") && given instanceof ConfigList groups) {
      checkGroups(prefix, key, "device", groups);
    } else if (key.equals("mix") && given instanceof ConfigList elements) {
      checkElements(elements);
    } else if (documented instanceof ConfigObject section) {
      if (!(given instanceof ConfigObject inner)) {
        throw ScenarioException.at(
            given.origin(),
            prefix + key,
            "must be a section { … } with " + String.join(", ", new TreeSet<>(section.keySet())));
      }
      check(prefix, key + ".", inner, section);
    }
  }

  /** A group has the keys of what it is a group of, and a name and a count of its own. */
  private void checkGroups(String prefix, String groupsKey, String of, ConfigList groups) {
    ConfigObject one = (ConfigObject) reference.get(of);
    ConfigObject group = one.withValue("count", reference.get("devices"));
    for (int i = 0; i < groups.size(); i++) {
      String key = "%s[%d]".formatted(groupsKey, i);
      if (!(groups.get(i) instanceof ConfigObject given)) {
        throw ScenarioException.at(
            groups.get(i).origin(),
            prefix + key,
            "must be a group of %s { count = …, … }".formatted(groupsKey));
      }
      check(prefix, key + ".", given, group);
    }
  }

  /** An element of a mix has the keys of a machine, and a name, a share and a scenario. */
  private void checkElements(ConfigList elements) {
    ConfigObject machine = ConfigValueFactory.fromMap(Map.of());
    for (String key : OF_MACHINE) {
      machine = machine.withValue(key, reference.get(key));
    }
    machine = machine.withValue("name", reference.get("name"));
    machine = machine.withValue("share", reference.get("devices"));
    machine = machine.withValue("scenario", reference.get("name"));
    for (int i = 0; i < elements.size(); i++) {
      String key = "mix[" + i + "]";
      ConfigValue element = elements.get(i);
      if (!(element instanceof ConfigObject given)) {
        throw ScenarioException.at(
            element.origin(), key, "must be a kind of machine { share = …, scenario = …, … }");
      }
      for (Map.Entry<String, ConfigValue> entry : inFileOrder(given)) {
        if (reference.containsKey(entry.getKey()) && !machine.containsKey(entry.getKey())) {
          throw ScenarioException.at(
              entry.getValue().origin(),
              key + "." + entry.getKey(),
              "belongs to the whole run, not to a machine; set %s beside mix"
                  .formatted(entry.getKey()));
        }
      }
      check(key + ".", "", given, machine);
    }
  }

  private ScenarioException unknown(
      ConfigValue given, String prefix, String key, String path, ConfigObject known) {
    String last = key.substring(key.lastIndexOf('.') + 1);
    List<String> siblings = new ArrayList<>();
    known.keySet().forEach(name -> siblings.add(path + name));
    String elsewhere = paths.stream().filter(p -> p.endsWith("." + last)).findFirst().orElse(null);
    String hint =
        elsewhere != null
            ? "; did you mean " + prefix + elsewhere + "?"
            : NearestName.of(key, siblings)
                .or(() -> NearestName.of(key, paths))
                .map(near -> "; did you mean " + prefix + near + "?")
                .orElse("; known here: " + String.join(", ", new TreeSet<>(known.keySet())));
    return ScenarioException.at(given.origin(), prefix + key, "there is no such key" + hint);
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
