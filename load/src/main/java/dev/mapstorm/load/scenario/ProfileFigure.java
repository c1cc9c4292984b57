package dev.mapstorm.load.scenario;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.util.Map;
import java.util.Set;

/**
 * A figure of a platform and where it comes from.
 *
 * @param key its dotted key, such as {@code costs.walk-read}
 * @param unit {@code ns} for times, {@code ps-per-byte} for times that grow with bytes, {@code
 *     count} for numbers
 * @param value in that unit, not negative
 * @param assumed whether it is a judgement; otherwise somebody measured or documented it
 * @param basis the source, or why the figure was assumed
 */
public record ProfileFigure(String key, String unit, long value, boolean assumed, String basis) {
  /** Unit of a cost that grows with bytes. */
  static final String PER_BYTE = "ps-per-byte";

  private static final String SOURCE = "source";
  private static final String ASSUMPTION = "assumption";

  /** Reads {@code { ns = N, source = "…" }} or {@code { ns = N, assumption = "…" }}. */
  static ProfileFigure read(String key, String unit, ConfigValue given) {
    if (!(given instanceof ConfigObject object)) {
      throw ScenarioException.at(
          given.origin(), key, "must be { %s = …, source = \"…\" }".formatted(unit));
    }
    Set<String> known = Set.of(unit, SOURCE, ASSUMPTION);
    for (String name : object.keySet()) {
      if (!known.contains(name)) {
        throw ScenarioException.at(
            object.get(name).origin(),
            key + "." + name,
            "a figure has %s, and source or assumption, nothing else".formatted(unit));
      }
    }
    if (object.containsKey(SOURCE) == object.containsKey(ASSUMPTION)) {
      throw ScenarioException.at(object.origin(), key, basisProblem(object.containsKey(SOURCE)));
    }
    Settings settings = Settings.named(object, key);
    boolean assumed = object.containsKey(ASSUMPTION);
    String basis = settings.text(assumed ? ASSUMPTION : SOURCE).strip();
    if (basis.isEmpty()) {
      throw settings.wrong(assumed ? ASSUMPTION : SOURCE, "must not be empty");
    }
    return new ProfileFigure(key, unit, amount(settings, unit), assumed, basis);
  }

  /** A figure that the scenario itself sets, which makes it an assumption. */
  static ProfileFigure override(String key, String unit, ConfigValue given) {
    if (given instanceof ConfigObject) {
      return read(key, unit, given);
    }
    if (given instanceof ConfigList) {
      throw ScenarioException.at(given.origin(), key, "must be one figure, not a list");
    }
    ConfigObject holder = ConfigValueFactory.fromMap(Map.of()).withValue(last(key), given);
    Settings settings = Settings.named(holder, key.substring(0, key.lastIndexOf('.')));
    long value = amount(settings, unit, last(key));
    return new ProfileFigure(key, unit, value, true, "set by the scenario");
  }

  /** The figure as a profile writes it. */
  ConfigValue toConfig() {
    return ConfigValueFactory.fromMap(Map.of(unit, value, assumed ? ASSUMPTION : SOURCE, basis));
  }

  /** The figure in words, such as {@code 197 ns}. */
  public String amount() {
    return switch (unit) {
      case "ns" -> value + " ns";
      case PER_BYTE -> value + " ps/byte";
      default -> Long.toString(value);
    };
  }

  private static long amount(Settings settings, String unit) {
    return amount(settings, unit, unit);
  }

  private static long amount(Settings settings, String unit, String key) {
    boolean plain = settings.looksWhole(key);
    return unit.equals("ns") && !plain
        ? settings.quantity(key, Quantity.TIME, 0, 1_000_000_000L)
        : settings.whole(key, 0, 1_000_000_000L);
  }

  private static String basisProblem(boolean both) {
    return both
        ? "says both source and assumption; keep the one that is true"
        : "says neither where it comes from nor why it was assumed; add source = %s or assumption = %s"
            .formatted(ConfigUtil.quoteString("…"), ConfigUtil.quoteString("…"));
  }

  private static String last(String key) {
    return key.substring(key.lastIndexOf('.') + 1);
  }
}
