package dev.mapstorm.load.sweep;

import dev.mapstorm.load.scenario.Quantity;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A key of a scenario and the values that it takes in turn.
 *
 * @param key such as {@code client.batch.capacity}
 * @param values as a scenario file has them, without repetitions
 */
public record Variation(String key, List<String> values) {
  /** Values of one key at most. */
  static final int MOST = 10_000;

  private static final Pattern RANGE =
      Pattern.compile("(\\d+)([A-Za-z]*)\\.\\.(\\d+)([A-Za-z]*)(?:([+*])(\\d+)([A-Za-z]*))?");

  private static final String FORM =
      "must be KEY=VALUE,VALUE,... or KEY=FIRST..LAST, which doubles, followed by +STEP or *FACTOR"
          + " it for other steps";

  /** Keeps an unmodifiable copy. */
  public Variation {
    values = List.copyOf(values);
  }

  /**
   * Reads {@code KEY=LIST}. An element of the list is a value, or a range: {@code 1..256} doubles
   * from 1 and ends with 256, {@code 0..100+25} adds, {@code 1..1000*10} multiplies. Ends may have
   * units, {@code 4k..1m}. The last value of a range is always in it.
   *
   * @throws IllegalArgumentException with one sentence about what is wrong
   */
  public static Variation parse(String text) {
    int equals = text.indexOf('=');
    if (equals < 1 || equals == text.length() - 1) {
      throw new IllegalArgumentException(FORM);
    }
    LinkedHashSet<String> values = new LinkedHashSet<>();
    for (String element : text.substring(equals + 1).split(",", -1)) {
      String one = element.strip();
      if (one.isEmpty()) {
        throw new IllegalArgumentException("a value is missing between two commas; it " + FORM);
      }
      Matcher range = RANGE.matcher(one);
      if (range.matches()) {
        values.addAll(range(one, range));
      } else if (one.contains("..")) {
        throw new IllegalArgumentException("%s is no range; it %s".formatted(one, FORM));
      } else {
        values.add(one);
      }
    }
    if (values.size() > MOST) {
      throw new IllegalArgumentException(
          "must be at most %d values, are %d".formatted(MOST, values.size()));
    }
    return new Variation(text.substring(0, equals).strip(), List.copyOf(values));
  }

  private static List<String> range(String text, Matcher range) {
    String unit = range.group(4);
    if (range.group(2).equals(unit) && (range.group(7) == null || range.group(7).isEmpty())) {
      return steps(text, number(range.group(1)), number(range.group(3)), range, "", unit);
    }
    Quantity kind = kind(text, unit);
    String base = kind == Quantity.TIME ? "ns" : "";
    BigInteger first = BigInteger.valueOf(kind.parse(range.group(1) + range.group(2)));
    BigInteger last = BigInteger.valueOf(kind.parse(range.group(3) + unit));
    return steps(text, first, last, range, kind == Quantity.TIME ? "time" : "size", base);
  }

  private static Quantity kind(String text, String unit) {
    for (Quantity kind : List.of(Quantity.TIME, Quantity.SIZE)) {
      try {
        kind.parse("1" + unit);
        return kind;
      } catch (IllegalArgumentException e) {
        // The other one, then.
      }
    }
    throw new IllegalArgumentException(
        "%s: %s is no unit of a time or a size".formatted(text, unit));
  }

  private static BigInteger number(String digits) {
    return new BigInteger(digits);
  }

  private static List<String> steps(
      String text, BigInteger first, BigInteger last, Matcher range, String kind, String unit) {
    boolean adds = "+".equals(range.group(5));
    BigInteger by = range.group(6) == null ? BigInteger.TWO : step(text, range, kind);
    if (first.compareTo(last) > 0) {
      throw new IllegalArgumentException(
          "%s: the first must not be above the last".formatted(text));
    }
    if (by.compareTo(adds ? BigInteger.ONE : BigInteger.TWO) < 0) {
      throw new IllegalArgumentException(
          "%s: must go up by at least %s".formatted(text, adds ? "1" : "*2"));
    }
    List<String> values = new ArrayList<>();
    BigInteger at = first;
    while (at.compareTo(last) < 0) {
      values.add(at + unit);
      if (values.size() > MOST) {
        throw new IllegalArgumentException("%s: must be at most %d values".formatted(text, MOST));
      }
      if (adds) {
        at = at.add(by);
      } else {
        at = at.signum() == 0 ? BigInteger.ONE : at.multiply(by);
      }
    }
    values.add(last + unit);
    return values;
  }

  private static BigInteger step(String text, Matcher range, String kind) {
    String unit = range.group(7);
    if (unit.isEmpty()) {
      return number(range.group(6));
    }
    if (range.group(5).equals("*")) {
      throw new IllegalArgumentException("%s: a factor has no unit".formatted(text));
    }
    return BigInteger.valueOf(
        (kind.equals("time") ? Quantity.TIME : Quantity.SIZE).parse(range.group(6) + unit));
  }
}
