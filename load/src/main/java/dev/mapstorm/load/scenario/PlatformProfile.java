package dev.mapstorm.load.scenario;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import dev.mapstorm.actors.backend.BackendKind;
import dev.mapstorm.actors.backend.arm32.ArmDmaCosts;
import dev.mapstorm.actors.backend.powerpc.TceDmaCosts;
import dev.mapstorm.actors.host.Kinds;
import dev.mapstorm.actors.spec.Costs;
import dev.mapstorm.actors.spec.IommuSpec;
import dev.mapstorm.actors.unit.UnitKind;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a platform costs and what its IOMMU units are like, each figure with its source.
 *
 * @param name of the profile
 * @param description one line
 * @param costs nanoseconds a step that all machines have
 * @param backends those of each backend that this platform may have, by their record
 * @param unit an IOMMU unit, with its costs
 * @param figures the same figures with their bases, in the order of the records
 */
public record PlatformProfile(
    String name,
    String description,
    Costs costs,
    Map<Class<?>, Record> backends,
    IommuSpec unit,
    List<ProfileFigure> figures) {
  private static final String COSTS = "costs";
  private static final String UNIT = "unit";
  private static final String KIND = "kind";

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
    UnitKind<?> kind = kind(settings.section(UNIT));
    FigureRecords costs = new FigureRecords(COSTS, settings, overrides.get(COSTS), Set.of());
    FigureRecords hardware = new FigureRecords(UNIT, settings, overrides.get(UNIT), Set.of(KIND));
    costs.expect(Costs.class);
    Kinds.ALL.backends().forEach(backend -> costs.expect(backend.costs()));
    for (RecordComponent part : kind.spec().getRecordComponents()) {
      if (part.getType().isRecord()) {
        costs.expect(part.getType());
      }
    }
    hardware.expect(kind.spec());
    costs.refuseUnknown();
    hardware.refuseUnknown();
    Costs common = costs.fill(Costs.class);
    Map<Class<?>, Record> backends = new LinkedHashMap<>();
    for (BackendKind<?> backend : Kinds.ALL.backends()) {
      if (isOfAll(backend) || costs.has(backend.costs())) {
        backends.put(backend.costs(), costs.fill(backend.costs()));
      }
    }
    IommuSpec unit = (IommuSpec) hardware.fill(kind.spec().asSubclass(Record.class), costs);
    List<ProfileFigure> figures = new ArrayList<>(costs.figures());
    figures.addAll(hardware.figures());
    return new PlatformProfile(
        settings.text("name"),
        settings.text("description"),
        common,
        Collections.unmodifiableMap(backends),
        unit,
        List.copyOf(figures));
  }

  /**
   * Whether every profile has the costs of a backend; those of others it may leave out as a whole.
   */
  private static boolean isOfAll(BackendKind<?> backend) {
    return backend.costs() != ArmDmaCosts.class && backend.costs() != TceDmaCosts.class;
  }

  private static UnitKind<?> kind(Settings unit) {
    Map<String, UnitKind<?>> kinds = Settings.labelled(Kinds.ALL.units().stream(), UnitKind::label);
    return unit.has(KIND) ? unit.choice(KIND, kinds) : Kinds.ALL.units().get(0);
  }

  /**
   * What a backend's steps cost here; {@code type} is its record of costs. Null if the platform has
   * none.
   */
  public <R extends Record> R costs(Class<R> type) {
    return type.cast(backends.get(type));
  }

  /** What profiles call the kind of its units; empty for the one that they need not name. */
  public Optional<String> unitKind() {
    UnitKind<?> kind = Kinds.ALL.of(unit);
    return kind == Kinds.ALL.units().get(0) ? Optional.empty() : Optional.of(kind.label());
  }

  /** The figures that nobody measured. */
  public List<ProfileFigure> assumptions() {
    return figures.stream().filter(ProfileFigure::assumed).toList();
  }

  /** The profile as a scenario can hold it in place of a name. */
  ConfigValue toConfig() {
    Map<String, Map<String, Object>> sections = new LinkedHashMap<>();
    for (ProfileFigure figure : figures) {
      int dot = figure.key().indexOf('.');
      sections
          .computeIfAbsent(figure.key().substring(0, dot), key -> new LinkedHashMap<>())
          .put(figure.key().substring(dot + 1), figure.toConfig());
    }
    unitKind().ifPresent(kind -> sections.get(UNIT).put(KIND, kind));
    Map<String, Object> profile = new LinkedHashMap<>(sections);
    profile.put("name", name);
    profile.put("description", description);
    return ConfigValueFactory.fromMap(profile);
  }
}
