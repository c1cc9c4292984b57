package dev.mapstorm.load.scenario;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A kind of figure with a unit, as people write it in scenarios and options. */
public enum Quantity {
  /** Virtual time in nanoseconds: {@code 700ns}, {@code 1.5us}, {@code 200ms}, {@code 2s}. */
  TIME("a time with a unit, such as 700ns, 80us, 200ms or 2s", timeUnits(), false),
  /**
   * Bytes: {@code 512}, {@code 4k}, {@code 10g}, {@code 128KiB}, {@code 1MiB}; {@code kB} and
   * {@code MB} are decimal.
   */
  SIZE("a size, such as 512, 4k, 128KiB or 1MiB", sizeUnits(), true),
  /** Bytes a second: {@code 7GB/s}, {@code 100Gb/s}. */
  BANDWIDTH("a bandwidth with a unit, such as 7GB/s or 100Gb/s", bandwidthUnits(), false),
  /**
   * A time that people wait, in nanoseconds: {@code 90s}, {@code 30min}, {@code 12h}, {@code 7d}.
   */
  AGE("an age with a unit, such as 90s, 30min, 12h, 7d or 2w", ageUnits(), false),
  /** Events a second: {@code 250000}, {@code 250k}, {@code 1.2M/s}. */
  RATE("a rate a second, such as 250000, 250k or 1.2M/s", rateUnits(), true);

  private static final Pattern FORM = Pattern.compile("(\\d+(?:[._]\\d+)*)\\s*(\\D*)");

  private final String form;
  private final Map<String, BigDecimal> units;
  private final boolean plain;

  Quantity(String form, Map<String, BigDecimal> units, boolean plain) {
    this.form = form;
    this.units = units;
    this.plain = plain;
  }

  /** What a value of this kind looks like, for messages. */
  public String form() {
    return form;
  }

  /**
   * The value in the base unit.
   *
   * @throws IllegalArgumentException with what would be right, when the text is no such quantity
   */
  public long parse(String text) {
    Matcher matcher = FORM.matcher(text.strip());
    if (!matcher.matches()) {
      throw wrong(text);
    }
    BigDecimal number = new BigDecimal(matcher.group(1).replace("_", ""));
    String unit = matcher.group(2).strip();
    BigDecimal factor = unit.isEmpty() ? bare(text, number) : units.get(unit);
    if (factor == null) {
      throw wrong(text);
    }
    BigDecimal value = number.multiply(factor);
    if (value.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
      throw new IllegalArgumentException("\"%s\" is too much".formatted(text));
    }
    try {
      return value.setScale(0, RoundingMode.UNNECESSARY).longValueExact();
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "\"%s\" is no whole number of %s"
              .formatted(text, this == TIME || this == AGE ? "nanoseconds" : "units"),
          e);
    }
  }

  private BigDecimal bare(String text, BigDecimal number) {
    if (!plain && number.signum() != 0) {
      throw wrong(text);
    }
    return BigDecimal.ONE;
  }

  private IllegalArgumentException wrong(String text) {
    return new IllegalArgumentException("\"%s\" is not %s".formatted(text, form));
  }

  private static Map<String, BigDecimal> timeUnits() {
    Map<String, BigDecimal> units = new LinkedHashMap<>();
    units.put("ns", BigDecimal.ONE);
    units.put("us", BigDecimal.valueOf(1_000));
    units.put("µs", BigDecimal.valueOf(1_000));
    units.put("ms", BigDecimal.valueOf(1_000_000));
    units.put("s", BigDecimal.valueOf(1_000_000_000));
    return units;
  }

  private static Map<String, BigDecimal> ageUnits() {
    Map<String, BigDecimal> units = new LinkedHashMap<>();
    long second = 1_000_000_000;
    units.put("s", BigDecimal.valueOf(second));
    units.put("min", BigDecimal.valueOf(60 * second));
    units.put("h", BigDecimal.valueOf(3600 * second));
    units.put("d", BigDecimal.valueOf(24 * 3600 * second));
    units.put("w", BigDecimal.valueOf(7 * 24 * 3600 * second));
    return units;
  }

  private static Map<String, BigDecimal> sizeUnits() {
    Map<String, BigDecimal> units = new LinkedHashMap<>();
    units.put("B", BigDecimal.ONE);
    String[] prefixes = {"k", "M", "G", "T"};
    for (int i = 0; i < prefixes.length; i++) {
      BigDecimal binary = BigDecimal.valueOf(1L << (10 * (i + 1)));
      String prefix = prefixes[i];
      String upper = prefix.equals("k") ? "K" : prefix;
      units.put(prefix, binary);
      units.put(prefix.toLowerCase(Locale.ROOT), binary);
      units.put(upper, binary);
      units.put(upper + "i", binary);
      units.put(upper + "iB", binary);
      units.put(prefix + "B", BigDecimal.TEN.pow(3 * (i + 1)));
    }
    return units;
  }

  private static Map<String, BigDecimal> bandwidthUnits() {
    Map<String, BigDecimal> units = new LinkedHashMap<>();
    String[] prefixes = {"", "k", "M", "G", "T"};
    for (int i = 0; i < prefixes.length; i++) {
      BigDecimal decimal = BigDecimal.TEN.pow(3 * i);
      units.put(prefixes[i] + "B/s", decimal);
      units.put(prefixes[i] + "b/s", decimal.divide(BigDecimal.valueOf(8)));
      if (i > 0) {
        String upper = prefixes[i].equals("k") ? "K" : prefixes[i];
        units.put(upper + "iB/s", BigDecimal.valueOf(1L << (10 * i)));
      }
    }
    return units;
  }

  private static Map<String, BigDecimal> rateUnits() {
    Map<String, BigDecimal> units = new LinkedHashMap<>();
    units.put("/s", BigDecimal.ONE);
    units.put("k", BigDecimal.valueOf(1_000));
    units.put("k/s", BigDecimal.valueOf(1_000));
    units.put("M", BigDecimal.valueOf(1_000_000));
    units.put("M/s", BigDecimal.valueOf(1_000_000));
    return units;
  }
}
