package dev.mapstorm.persistence.text;

import java.util.Locale;

/** Quantities as a terminal shows them: three to four significant digits and a unit. */
public final class Units {
  private static final String[] TIMES = {"ns", "us", "ms", "s"};
  private static final String[] COUNTS = {"", "k", "M", "G", "T", "P", "E"};
  private static final String[] BYTES = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

  private Units() {}

  /** Nanoseconds as {@code 850 ns}, {@code 12.3 us}, {@code 4.56 ms}, {@code 78.9 s}. */
  public static String time(long ns) {
    return scaled(ns, 1000, TIMES, " ");
  }

  /** Picoseconds as {@code 312.4 ns} and so on. */
  public static String picoseconds(long ps) {
    if (ps == 0) {
      return time(0);
    }
    return ps < 1_000_000 ? digits(ps / 1000.0) + " ns" : time(ps / 1000);
  }

  /** A number as {@code 950}, {@code 12.3k}, {@code 4.56M}. */
  public static String count(long n) {
    return scaled(n, 1000, COUNTS, "");
  }

  /** A number of things as {@code 1 page}, {@code 1024 pages}, {@code 3 batches}. */
  public static String things(long n, String one) {
    return n + " " + one + (n == 1 ? "" : one.endsWith("ch") ? "es" : "s");
  }

  /** Bytes as {@code 512 B}, {@code 4.00 KiB}, {@code 1.50 GiB}. */
  public static String bytes(long n) {
    return scaled(n, 1024, BYTES, " ");
  }

  /** A part of a whole as {@code 12.3 %}; a dash when the whole is 0. */
  public static String percent(long part, long whole) {
    return whole == 0 ? "-" : String.format(Locale.ROOT, "%.1f %%", 100.0 * part / whole);
  }

  /** A quotient with two decimals; a dash when the divisor is 0. */
  public static String ratio(long value, long by) {
    return by == 0 ? "-" : String.format(Locale.ROOT, "%.2f", (double) value / by);
  }

  /** The address of a granule. */
  public static String address(long pfn) {
    return String.format("0x%x", pfn << 12);
  }

  /** An instant, to the nanosecond: {@code 0.001234567 s}. */
  public static String instant(long t) {
    return String.format(Locale.ROOT, "%d.%09d s", t / 1_000_000_000L, t % 1_000_000_000L);
  }

  private static String scaled(long value, int step, String[] units, String space) {
    if (value < step && value > -step) {
      return value + (units[0].isEmpty() ? "" : " " + units[0]);
    }
    double scaled = value;
    int unit = 0;
    while (Math.abs(scaled) >= 999.5 && unit < units.length - 1) {
      scaled /= step;
      unit++;
    }
    return digits(scaled) + space + units[unit];
  }

  private static String digits(double value) {
    double size = Math.abs(value);
    String format = size < 9.995 ? "%.2f" : size < 99.95 ? "%.1f" : "%.0f";
    return String.format(Locale.ROOT, format, value);
  }
}
