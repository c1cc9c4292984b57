package dev.mapstorm.load.scenario;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.math.BigDecimal;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A section of a resolved scenario, read key by key: every getter checks type and range and names
 * file, line and key when it refuses.
 */
final class Settings {
  private static final int TEXT_MAX = 4096;
  private final Config config;
  private final String path;

  private Settings(Config config, String path) {
    this.config = config;
    this.path = path;
  }

  /** The whole scenario. */
  static Settings of(Config config) {
    return new Settings(config, "");
  }

  /** A section known as {@code path} to whoever reads messages about it. */
  static Settings named(ConfigObject section, String path) {
    return new Settings(section.toConfig(), path.isEmpty() ? "" : path + ".");
  }

  /** A subsection. */
  Settings section(String key) {
    return new Settings(object(key).toConfig(), path + key + ".");
  }

  /** A section that stands inside this one under {@code name}, such as {@code clients[1]}. */
  Settings inside(ConfigObject section, String name) {
    return new Settings(section.toConfig(), path + name + ".");
  }

  /** This section with another value for a key. */
  Settings with(String key, ConfigValue value) {
    return new Settings(config.root().withValue(key, value).toConfig(), path);
  }

  ConfigObject object(String key) {
    if (value(key) instanceof ConfigObject object) {
      return object;
    }
    throw not(key, "a section { … }");
  }

  ConfigList list(String key) {
    if (value(key) instanceof ConfigList list) {
      return list;
    }
    throw not(key, "a list [ … ]");
  }

  /** Whether the key is there. */
  boolean has(String key) {
    return config.root().containsKey(key);
  }

  boolean isList(String key) {
    return value(key).valueType() == ConfigValueType.LIST;
  }

  boolean isObject(String key) {
    return value(key).valueType() == ConfigValueType.OBJECT;
  }

  /** Whether the value is exactly this word, such as {@code auto}. */
  boolean is(String key, String word) {
    return word.equals(value(key).unwrapped());
  }

  /** Any text, of up to {@value #TEXT_MAX} characters. */
  String text(String key) {
    ConfigValue value = value(key);
    if (value.valueType() != ConfigValueType.STRING
        && value.valueType() != ConfigValueType.NUMBER) {
      throw not(key, "text");
    }
    String text = String.valueOf(value.unwrapped());
    if (text.length() > TEXT_MAX) {
      throw wrong(key, "must have up to %d characters, has %d".formatted(TEXT_MAX, text.length()));
    }
    return text;
  }

  /** The path of a file or directory. */
  Path path(String key) {
    try {
      return Path.of(text(key));
    } catch (InvalidPathException e) {
      throw wrong(key, "can be no path of a file: " + e.getReason());
    }
  }

  boolean flag(String key) {
    Object value = value(key).unwrapped();
    return switch (String.valueOf(value)) {
      case "true", "yes", "on" -> true;
      case "false", "no", "off" -> false;
      default -> throw not(key, "true or false");
    };
  }

  /** A whole number, decimal or {@code 0x…}. */
  long whole(String key, long min, long max) {
    String text = String.valueOf(value(key).unwrapped());
    return within(key, min, max, wholeNumber(key, text), n -> Long.toString(n));
  }

  int count(String key, int min, int max) {
    return (int) whole(key, min, max);
  }

  long quantity(String key, Quantity quantity, long min, long max) {
    ConfigValue value = value(key);
    if (value instanceof ConfigObject || value instanceof ConfigList) {
      throw not(key, quantity.form());
    }
    try {
      long parsed = quantity.parse(String.valueOf(value.unwrapped()));
      return within(key, min, max, parsed, n -> baseUnit(quantity, n));
    } catch (IllegalArgumentException e) {
      throw isFromEnvironment(key) ? not(key, quantity.form()) : wrong(key, e.getMessage());
    }
  }

  /** Whether the value is written as a plain number, without a unit. */
  boolean looksDecimal(String key) {
    return String.valueOf(value(key).unwrapped()).matches("-?\\d+(\\.\\d+)?");
  }

  /** A number with so many decimals at most. */
  BigDecimal decimal(String key, long min, long max, int decimals) {
    String text = String.valueOf(value(key).unwrapped());
    BigDecimal number;
    try {
      number = new BigDecimal(text);
    } catch (NumberFormatException e) {
      throw not(key, decimals == 0 ? "a whole number" : "a number");
    }
    if (number.stripTrailingZeros().scale() > decimals) {
      throw wrong(
          key,
          decimals == 0
              ? "must be a whole number, is " + text
              : "must have up to %d decimals, has more: %s".formatted(decimals, text));
    }
    if (number.compareTo(BigDecimal.valueOf(min)) < 0
        || number.compareTo(BigDecimal.valueOf(max)) > 0) {
      throw wrong(key, "must be %s, is %s".formatted(range(min, max, String::valueOf), text));
    }
    return number;
  }

  /** One of the named choices. */
  <T> T choice(String key, Map<String, T> choices) {
    String name = text(key);
    T chosen = choices.get(name);
    if (chosen == null) {
      List<String> names = choices.keySet().stream().sorted().toList();
      if (isFromEnvironment(key)) {
        throw not(key, "one of " + String.join(", ", names));
      }
      throw wrong(
          key,
          "\"%s\" is none of %s%s"
              .formatted(name, String.join(", ", names), NearestName.hint(name, names)));
    }
    return chosen;
  }

  /** The constants of an enum under their labels. */
  static <E> Map<String, E> labelled(Stream<E> constants, Function<E, String> label) {
    return constants.collect(Collectors.toMap(label, constant -> constant, (a, b) -> a));
  }

  /**
   * A complaint about a key. If its value comes from the environment, {@code problem} may quote it
   * and is not told.
   */
  ScenarioException wrong(String key, String problem) {
    return ScenarioException.at(
        origin(key),
        path + key,
        isFromEnvironment(key) ? "does not fit here; its value is not shown" : problem);
  }

  /** A complaint about a key that must be something else. */
  private ScenarioException not(String key, String must) {
    return ScenarioException.at(
        origin(key), path + key, "must be %s, but is %s".formatted(must, shown(value(key))));
  }

  /** Whether the value, or part of it, comes from the environment and is not to be told. */
  boolean isFromEnvironment(String key) {
    return UserHocon.isFromEnvironment(origin(key));
  }

  ConfigOrigin origin(String key) {
    return value(key).origin();
  }

  private ConfigValue value(String key) {
    ConfigValue value = config.root().get(key);
    if (value == null) {
      throw ScenarioException.at(config.root().origin(), path + key, "is missing");
    }
    return value;
  }

  private long wholeNumber(String key, String text) {
    try {
      return Long.decode(text);
    } catch (NumberFormatException e) {
      throw not(key, "a whole number");
    }
  }

  private long within(String key, long min, long max, long value, Function<Long, String> format) {
    if (value < min || value > max) {
      if (isFromEnvironment(key)) {
        throw not(key, range(min, max, format));
      }
      throw wrong(key, "must be %s, is %s".formatted(range(min, max, format), format.apply(value)));
    }
    return value;
  }

  private static String range(long min, long max, Function<Long, String> format) {
    return min == max
        ? format.apply(min)
        : "%s to %s".formatted(format.apply(min), format.apply(max));
  }

  private static String baseUnit(Quantity quantity, long n) {
    return switch (quantity) {
      case TIME, AGE -> n + "ns";
      case SIZE -> n + " bytes";
      case BANDWIDTH -> n + "B/s";
      case RATE -> n + "/s";
    };
  }

  private static String shown(ConfigValue value) {
    if (UserHocon.isFromEnvironment(value.origin())) {
      return "not; its value is not shown";
    }
    return switch (value.valueType()) {
      case OBJECT -> "a section";
      case LIST -> "a list";
      case NULL -> "null";
      case STRING -> ConfigUtil.quoteString((String) value.unwrapped());
      case NUMBER, BOOLEAN -> String.valueOf(value.unwrapped());
    };
  }
}
