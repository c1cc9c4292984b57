package dev.mapstorm.load.scenario;

import dev.mapstorm.persistence.analysis.FigureUnit;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a figure of a report has to keep, such as {@code unmap.p99 < 20us}.
 *
 * @param text as it was written
 * @param figure what names the figure, or several
 * @param relation between the figure and the limit
 * @param limit in the base unit of the figure; in percent of the first run if {@code relative}
 * @param units that a figure may have to be held against the limit; all if {@code relative}
 * @param relative whether the limit is a change against the first of several runs; of a figure that
 *     is itself in percent, in points
 */
public record Threshold(
    String text,
    String figure,
    Relation relation,
    double limit,
    Set<FigureUnit> units,
    boolean relative) {
  /** What is wanted, for messages. */
  public static final String FORM =
      "a figure, < <= > or >=, and a limit, such as \"latency p99 < 2ms\" or \"unmap.p99 <= 20us\"";

  private static final Pattern PARTS = Pattern.compile("([^<>=]+)(<=|>=|<|>)([^<>=]+)");
  private static final Pattern CHANGE = Pattern.compile("([+-]\\d+(?:\\.\\d+)?)\\s*%");
  private static final Pattern PERCENT = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*%");
  private static final Pattern PLAIN = Pattern.compile("\\d+(?:\\.\\d+)?");

  private static final List<Map.Entry<Quantity, FigureUnit>> QUANTITIES =
      List.of(
          Map.entry(Quantity.TIME, FigureUnit.NS),
          Map.entry(Quantity.BANDWIDTH, FigureUnit.BYTES_PER_SECOND),
          Map.entry(Quantity.RATE, FigureUnit.PER_SECOND));

  /** How a figure and a limit may stand to each other. */
  public enum Relation {
    /** Less than the limit. */
    BELOW("<"),
    /** The limit at most. */
    AT_MOST("<="),
    /** More than the limit. */
    ABOVE(">"),
    /** The limit at least. */
    AT_LEAST(">=");

    private final String sign;

    Relation(String sign) {
      this.sign = sign;
    }

    /** Whether a value keeps the limit. */
    public boolean holds(double value, double limit) {
      return switch (this) {
        case BELOW -> value < limit;
        case AT_MOST -> value <= limit;
        case ABOVE -> value > limit;
        case AT_LEAST -> value >= limit;
      };
    }

    private static Relation of(String sign) {
      for (Relation each : values()) {
        if (each.sign.equals(sign)) {
          return each;
        }
      }
      throw new IllegalArgumentException(sign);
    }
  }

  /** Keeps an unmodifiable copy. */
  public Threshold {
    units = Set.copyOf(units);
  }

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException with a message that begins with the text, if it is none
   */
  public static Threshold parse(String text) {
    Matcher parts = PARTS.matcher(text);
    if (!parts.matches() || parts.group(1).isBlank()) {
      throw new IllegalArgumentException("%s: must be %s".formatted(text, FORM));
    }
    String figure = parts.group(1).strip();
    Relation relation = Relation.of(parts.group(2));
    String limit = parts.group(3).strip();
    Matcher change = CHANGE.matcher(limit);
    if (change.matches()) {
      double percent = Double.parseDouble(change.group(1));
      return new Threshold(text, figure, relation, percent, EnumSet.allOf(FigureUnit.class), true);
    }
    Matcher percent = PERCENT.matcher(limit);
    if (percent.matches()) {
      return absolute(text, figure, relation, percent.group(1), EnumSet.of(FigureUnit.PERCENT));
    }
    if (PLAIN.matcher(limit).matches()) {
      return absolute(
          text, figure, relation, limit, EnumSet.of(FigureUnit.COUNT, FigureUnit.PER_SECOND));
    }
    for (Map.Entry<Quantity, FigureUnit> each : QUANTITIES) {
      try {
        long value = each.getKey().parse(limit);
        Set<FigureUnit> units =
            each.getValue() == FigureUnit.PER_SECOND && !limit.endsWith("/s")
                ? EnumSet.of(FigureUnit.COUNT, FigureUnit.PER_SECOND)
                : EnumSet.of(each.getValue());
        return new Threshold(text, figure, relation, value, units, false);
      } catch (IllegalArgumentException e) {
        // Another quantity, or none.
      }
    }
    throw new IllegalArgumentException(
        "%s: \"%s\" is no limit; must be %s, %s, %s, a number, a percentage, or a change such as +5%%"
            .formatted(
                text,
                limit,
                Quantity.TIME.form(),
                Quantity.BANDWIDTH.form(),
                Quantity.RATE.form()));
  }

  private static Threshold absolute(
      String text, String figure, Relation relation, String limit, Set<FigureUnit> units) {
    return new Threshold(text, figure, relation, Double.parseDouble(limit), units, false);
  }

  /** What the limit is, for messages, such as {@code a time}. */
  public String limitIs() {
    if (units.contains(FigureUnit.NS)) {
      return "a time";
    }
    return units.contains(FigureUnit.BYTES_PER_SECOND)
        ? "a bandwidth"
        : units.contains(FigureUnit.PERCENT)
            ? "a percentage"
            : units.contains(FigureUnit.COUNT) ? "a number" : "a rate";
  }
}
