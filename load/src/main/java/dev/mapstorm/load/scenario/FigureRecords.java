package dev.mapstorm.load.scenario;

import com.typesafe.config.ConfigObject;
import dev.mapstorm.actors.spec.DefaultFigure;
import dev.mapstorm.actors.spec.PerByte;
import dev.mapstorm.actors.spec.PerItem;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Builds records of figures out of one section of a platform profile: a key for each component,
 * none missing but those that have a {@link DefaultFigure}, none left over. Not thread-safe.
 */
final class FigureRecords {
  private static final Set<String> COUNTS =
      Set.of(
          "costs.walk-reads",
          "costs.walkers",
          "costs.walk-cache",
          "costs.walk-cache-kept",
          "costs.second-iotlb");

  /** A nanosecond has a thousand picoseconds. */
  private static final int PS_DIGITS = 3;

  private final String section;
  private final ConfigObject given;
  private final ConfigObject overrides;
  private final Set<String> others;
  private final Set<String> known = new LinkedHashSet<>();
  private final Map<String, ProfileFigure> figures = new LinkedHashMap<>();

  /**
   * For a section.
   *
   * @param overrides what the scenario sets itself
   * @param others keys of the section that are no figures
   */
  FigureRecords(String section, Settings profile, ConfigObject overrides, Set<String> others) {
    this.section = section;
    this.given = profile.object(section);
    this.overrides = overrides;
    this.others = others;
  }

  /** Lets the section have the figures of a record. */
  void expect(Class<?> type) {
    for (RecordComponent component : type.getRecordComponents()) {
      if (isFigure(component.getType())) {
        known.add(kebab(component.getName()));
      }
    }
  }

  /** Refuses keys that no record that is expected has. */
  void refuseUnknown() {
    refuseUnknown(given, others);
    refuseUnknown(overrides, Set.of());
  }

  private void refuseUnknown(ConfigObject from, Set<String> allowed) {
    for (String key : from.keySet()) {
      if (!known.contains(key) && !allowed.contains(key)) {
        throw ScenarioException.at(
            from.get(key).origin(),
            section + "." + key,
            "no platform has such a figure" + NearestName.hint(key, known));
      }
    }
  }

  /** Whether there is a figure of a record's. */
  boolean has(Class<?> type) {
    return Arrays.stream(type.getRecordComponents())
        .map(component -> kebab(component.getName()))
        .anyMatch(key -> given.containsKey(key) || overrides.containsKey(key));
  }

  /** A record all of whose components are figures of this section. */
  <R extends Record> R fill(Class<R> type) {
    return fill(type, this);
  }

  /**
   * A record whose components are figures of this section, and records of figures of another one.
   *
   * @throws ScenarioException if a figure is missing or out of range, or the record refuses it
   */
  <R extends Record> R fill(Class<R> type, FigureRecords inner) {
    RecordComponent[] components = type.getRecordComponents();
    Object[] values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      Class<?> valueType = components[i].getType();
      values[i] =
          isFigure(valueType)
              ? figure(components[i])
              : inner.fill(valueType.asSubclass(Record.class));
    }
    return create(type, components, values);
  }

  private static boolean isFigure(Class<?> type) {
    return type == PerByte.class || type == PerItem.class || !type.isRecord();
  }

  private Object figure(RecordComponent component) {
    String key = kebab(component.getName());
    Class<?> type = component.getType();
    String path = section + "." + key;
    boolean time = section.equals("costs") && !COUNTS.contains(path);
    String unit =
        type == PerByte.class ? ProfileFigure.PER_BYTE : time ? ProfileFigure.NS : "count";
    ProfileFigure figure;
    if (overrides.containsKey(key)) {
      figure = ProfileFigure.override(path, unit, overrides.get(key));
    } else if (given.containsKey(key)) {
      figure = ProfileFigure.read(path, unit, given.get(key));
    } else if (component.isAnnotationPresent(DefaultFigure.class)) {
      return number(component.getAnnotation(DefaultFigure.class).value(), type);
    } else {
      throw ScenarioException.at(given.origin(), path, "is missing from the platform profile");
    }
    figures.put(key, figure);
    if (type == PerItem.class) {
      return new PerItem(figure.value().movePointRight(PS_DIGITS).longValueExact());
    }
    long whole = whole(figure, figure.value());
    whole(figure, figure.low());
    whole(figure, figure.high());
    return type == PerByte.class ? new PerByte(whole) : number(whole, type);
  }

  private static Object number(long value, Class<?> type) {
    return type == int.class ? (Object) Math.toIntExact(value) : (Object) value;
  }

  /** What is paid for once a step is whole nanoseconds. */
  private long whole(ProfileFigure figure, BigDecimal value) {
    if (value.scale() > 0) {
      ConfigObject from = overrides.containsKey(last(figure)) ? overrides : given;
      throw ScenarioException.at(
          from.get(last(figure)).origin(),
          figure.key(),
          "must be whole nanoseconds, is %s: only what each entry, segment or command costs has fractions"
              .formatted(value.toPlainString()));
    }
    return value.longValueExact();
  }

  private String last(ProfileFigure figure) {
    return figure.key().substring(section.length() + 1);
  }

  /** The figures that were read, in the order of the records. */
  Collection<ProfileFigure> figures() {
    return figures.values();
  }

  private <R extends Record> R create(
      Class<R> type, RecordComponent[] components, Object[] values) {
    try {
      Class<?>[] types =
          Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      Constructor<R> constructor = type.getDeclaredConstructor(types);
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException refusal) {
        String[] keyAndWhy = refusal.getMessage().split(": ", 2);
        throw ScenarioException.at(given.origin(), section + "." + keyAndWhy[0], keyAndWhy[1]);
      }
      throw new IllegalStateException(type + " cannot be built from a platform profile", e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " cannot be built from a platform profile", e);
    }
  }

  private static String kebab(String name) {
    return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }
}
