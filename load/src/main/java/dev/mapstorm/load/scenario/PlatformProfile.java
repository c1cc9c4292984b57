package dev.mapstorm.load.scenario;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import dev.mapstorm.actors.spec.Costs;
import dev.mapstorm.actors.spec.IommuSpec;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What a platform costs and what its IOMMU units are like, each figure with its source.
 *
 * @param name of the profile
 * @param description one line
 * @param costs nanoseconds a step
 * @param unit an IOMMU unit
 * @param figures the same figures with their bases, in the order of the records
 */
public record PlatformProfile(
    String name, String description, Costs costs, IommuSpec unit, List<Figure> figures) {
  /** A submission takes two descriptors, and one slot stays empty. */
  private static final int LEAST_QUEUE_ENTRIES = 3;

  private static final Set<String> COUNTS = Set.of("costs.walk-reads");
  private static final Set<String> SECTIONS = Set.of("name", "description", "costs", "unit");

  /** Reads a complete profile, such as the {@code platform} of a resolved scenario. */
  public static PlatformProfile of(ConfigObject profile) {
    ConfigObject nothing = ConfigValueFactory.fromMap(Map.of());
    return read(profile, Map.of("costs", nothing, "unit", nothing));
  }

  /**
   * Reads a profile and lays what the scenario sets itself over it.
   *
   * @param profile {@code name}, {@code description}, {@code costs} and {@code unit}
   * @param overrides the {@code costs} and {@code unit} sections of the scenario
   */
  static PlatformProfile read(ConfigObject profile, Map<String, ConfigObject> overrides) {
    for (String key : profile.keySet()) {
      if (!SECTIONS.contains(key)) {
        throw ScenarioException.at(
            profile.get(key).origin(),
            key,
            "a platform profile has no such key" + NearestName.hint(key, SECTIONS));
      }
    }
    Settings settings = Settings.named(profile, "platform");
    Map<String, Figure> figures = new LinkedHashMap<>();
    Costs costs = fill(Costs.class, "costs", settings, overrides.get("costs"), figures);
    IommuSpec unit = fill(IommuSpec.class, "unit", settings, overrides.get("unit"), figures);
    checkUnit(unit, profile);
    return new PlatformProfile(
        settings.text("name"),
        settings.text("description"),
        costs,
        unit,
        List.copyOf(figures.values()));
  }

  /** The figures that nobody measured. */
  public List<Figure> assumptions() {
    return figures.stream().filter(Figure::assumed).toList();
  }

  /** The profile as a scenario can hold it in place of a name. */
  ConfigValue toConfig() {
    Map<String, Map<String, Object>> sections = new LinkedHashMap<>();
    for (Figure figure : figures) {
      int dot = figure.key().indexOf('.');
      sections
          .computeIfAbsent(figure.key().substring(0, dot), key -> new LinkedHashMap<>())
          .put(figure.key().substring(dot + 1), figure.toConfig());
    }
    Map<String, Object> profile = new LinkedHashMap<>(sections);
    profile.put("name", name);
    profile.put("description", description);
    return ConfigValueFactory.fromMap(profile);
  }

  /** Builds a record of figures: one key for each component, none missing, none too many. */
  private static <R extends Record> R fill(
      Class<R> type,
      String section,
      Settings profile,
      ConfigObject overrides,
      Map<String, Figure> figures) {
    ConfigObject given = profile.object(section);
    RecordComponent[] components = type.getRecordComponents();
    List<String> keys = new ArrayList<>();
    for (RecordComponent component : components) {
      keys.add(kebab(component.getName()));
    }
    refuseUnknown(section, given, keys);
    refuseUnknown(section, overrides, keys);
    Object[] values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      Figure figure = figure(section + "." + keys.get(i), keys.get(i), given, overrides);
      figures.put(figure.key(), figure);
      values[i] =
          components[i].getType() == int.class
              ? (Object) Math.toIntExact(figure.value())
              : (Object) figure.value();
    }
    return create(type, components, values);
  }

  private static Figure figure(
      String path, String key, ConfigObject given, ConfigObject overrides) {
    boolean time = path.startsWith("costs.") && !COUNTS.contains(path);
    String unit = time ? "ns" : "count";
    if (overrides.containsKey(key)) {
      return Figure.override(path, unit, overrides.get(key));
    }
    if (!given.containsKey(key)) {
      throw ScenarioException.at(given.origin(), path, "is missing from the platform profile");
    }
    return Figure.read(path, unit, given.get(key));
  }

  private static void refuseUnknown(String section, ConfigObject given, List<String> keys) {
    for (String key : given.keySet()) {
      if (!keys.contains(key)) {
        throw ScenarioException.at(
            given.get(key).origin(),
            section + "." + key,
            "no platform has such a figure" + NearestName.hint(key, keys));
      }
    }
  }

  private static void checkUnit(IommuSpec unit, ConfigObject profile) {
    if (unit.iotlbWays() > 0
        && unit.iotlbEntries() % unit.iotlbWays() == 0
        && Integer.bitCount(unit.iotlbEntries() / unit.iotlbWays()) != 1) {
      throw ScenarioException.at(
          profile.get("unit").origin(),
          "unit.iotlb-entries",
          "%d entries in sets of %d do not make a power of two of sets"
              .formatted(unit.iotlbEntries(), unit.iotlbWays()));
    }
    if (unit.queueEntries() < LEAST_QUEUE_ENTRIES) {
      throw ScenarioException.at(
          profile.get("unit").origin(),
          "unit.queue-entries",
          "%d descriptors hold no submission, at least %d are needed"
              .formatted(unit.queueEntries(), LEAST_QUEUE_ENTRIES));
    }
    if (unit.iotlbWays() < 1 || unit.iotlbEntries() % unit.iotlbWays() != 0) {
      throw ScenarioException.at(
          profile.get("unit").origin(),
          "unit.iotlb-entries",
          "%d is no multiple of unit.iotlb-ways, %d"
              .formatted(unit.iotlbEntries(), unit.iotlbWays()));
    }
  }

  private static <R extends Record> R create(
      Class<R> type, RecordComponent[] components, Object[] values) {
    try {
      Class<?>[] types = new Class<?>[components.length];
      for (int i = 0; i < types.length; i++) {
        types[i] = components[i].getType();
      }
      Constructor<R> constructor = type.getDeclaredConstructor(types);
      return constructor.newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " cannot be built from a platform profile", e);
    }
  }

  private static String kebab(String name) {
    return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }
}
