package dev.mapstorm.load.scenario;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A figure of a platform, how far off it may be, and where it comes from.
 *
 * @param key its dotted key, such as {@code costs.walk-read}
 * @param unit {@code ns} for times, {@code ps-per-byte} for times that grow with bytes, {@code
 *     count} for numbers
 * @param value in that unit, not negative, with three decimals at most
 * @param low the least that it may be, not above the value
 * @param high the most that it may be, not below the value
 * @param basis what it rests on
 * @param story the source, how it was derived, or why it was assumed
 */
public record ProfileFigure(
    String key,
    String unit,
    BigDecimal value,
    BigDecimal low,
    BigDecimal high,
    Basis basis,
    String story) {

  /** What a figure rests on. */
  public enum Basis {
    /** Somebody measured or documented it. */
    SOURCE("measured"),
    /** Worked out from what somebody measured. */
    DERIVATION("derived"),
    /** A judgement. */
    ASSUMPTION("assumed");

    private final String word;

    Basis(String word) {
      this.word = word;
    }

    /** What has been done to it: measured, derived, assumed. */
    public String word() {
      return word;
    }

    private String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Unit of a time. */
  static final String NS = "ns";

  /** Unit of a cost that grows with bytes. */
  static final String PER_BYTE = "ps-per-byte";

  private static final String LOW = "low";
  private static final String HIGH = "high";
  private static final long MAX = 1_000_000_000L;
  private static final int DECIMALS = 3;

  /** Reads {@code { ns = N, low = N, high = N, source | derivation | assumption = "…" }}. */
  static ProfileFigure read(String key, String unit, ConfigValue given) {
    if (!(given instanceof ConfigObject object)) {
      throw ScenarioException.at(
          given.origin(), key, "must be { %s = …, source = \"…\" }".formatted(unit));
    }
    Set<String> known = Set.of(unit, LOW, HIGH, "source", "derivation", "assumption");
    for (String name : object.keySet()) {
      if (!known.contains(name)) {
        throw ScenarioException.at(
            object.get(name).origin(),
            key + "." + name,
            "a figure has %s, low and high, and source, derivation or assumption, nothing else"
                .formatted(unit));
      }
    }
    List<Basis> bases =
        List.of(Basis.values()).stream().filter(each -> object.containsKey(each.key())).toList();
    if (bases.size() != 1) {
      throw ScenarioException.at(object.origin(), key, basisProblem(bases));
    }
    Settings settings = Settings.named(object, key);
    String story = settings.text(bases.get(0).key()).strip();
    if (story.isEmpty()) {
      throw settings.wrong(bases.get(0).key(), "must not be empty");
    }
    BigDecimal value = amount(settings, unit, unit);
    BigDecimal low = object.containsKey(LOW) ? amount(settings, unit, LOW) : value;
    BigDecimal high = object.containsKey(HIGH) ? amount(settings, unit, HIGH) : value;
    if (low.compareTo(value) > 0) {
      throw settings.wrong(LOW, "%s is above the figure, %s".formatted(text(low), text(value)));
    }
    if (high.compareTo(value) < 0) {
      throw settings.wrong(HIGH, "%s is below the figure, %s".formatted(text(high), text(value)));
    }
    return new ProfileFigure(key, unit, value, low, high, bases.get(0), story);
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
    BigDecimal value = amount(settings, unit, last(key));
    return new ProfileFigure(
        key, unit, value, value, value, Basis.ASSUMPTION, "set by the scenario");
  }

  /** Whether it is a judgement. */
  public boolean assumed() {
    return basis == Basis.ASSUMPTION;
  }

  /** The figure as a profile writes it. */
  ConfigValue toConfig() {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put(unit, number(value));
    if (low.compareTo(value) != 0) {
      object.put(LOW, number(low));
    }
    if (high.compareTo(value) != 0) {
      object.put(HIGH, number(high));
    }
    object.put(basis.key(), story);
    return ConfigValueFactory.fromMap(object);
  }

  private static Object number(BigDecimal value) {
    return value.scale() <= 0 ? (Object) value.longValueExact() : value.toPlainString();
  }

  /** The figure in words, such as {@code 197 ns}. */
  public String amount() {
    return amount(text(value));
  }

  /** Another value of the figure in words. */
  public String amount(BigDecimal other) {
    return amount(text(other));
  }

  /** The figure with what it may be, such as {@code 197 ns (150 to 240)}. */
  public String amountInRange() {
    return low.compareTo(high) == 0
        ? amount()
        : "%s (%s to %s)".formatted(amount(), text(low), text(high));
  }

  private String amount(String number) {
    return switch (unit) {
      case NS -> number + " ns";
      case PER_BYTE -> number + " ps/byte";
      default -> number;
    };
  }

  private static String text(BigDecimal value) {
    return value.toPlainString();
  }

  private static BigDecimal amount(Settings settings, String unit, String key) {
    BigDecimal amount =
        unit.equals(NS) && !settings.looksDecimal(key)
            ? BigDecimal.valueOf(settings.quantity(key, Quantity.TIME, 0, MAX))
            : settings.decimal(key, 0, MAX, unit.equals(NS) ? DECIMALS : 0);
    BigDecimal stripped = amount.stripTrailingZeros();
    return stripped.scale() < 0 ? stripped.setScale(0) : stripped;
  }

  private static String basisProblem(List<Basis> bases) {
    return bases.isEmpty()
        ? "says neither where it comes from nor why it was assumed; add one of source = %1$s, derivation = %1$s and assumption = %1$s"
            .formatted(ConfigUtil.quoteString("…"))
        : "says both %s and %s; keep the one that is true"
            .formatted(bases.get(0).key(), bases.get(1).key());
  }

  private static String last(String key) {
    return key.substring(key.lastIndexOf('.') + 1);
  }
}
