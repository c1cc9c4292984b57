package dev.mapstorm.persistence.analysis;

import dev.mapstorm.persistence.text.Units;
import java.util.Locale;

/** What a figure counts, and so how it is shown. */
public enum FigureUnit {
  /** Virtual nanoseconds. */
  NS,
  /** A plain number. */
  COUNT,
  /** A number a virtual second. */
  PER_SECOND,
  /** Bytes a virtual second. */
  BYTES_PER_SECOND,
  /** Of a hundred. Changes are told in points, not as a part of the value. */
  PERCENT;

  /** Whether it is so much a second. */
  public boolean isRate() {
    return this == PER_SECOND || this == BYTES_PER_SECOND;
  }

  /** The unit of values that are written for programs. */
  public String symbol() {
    return switch (this) {
      case NS -> "ns";
      case COUNT -> "1";
      case PER_SECOND -> "1/s";
      case BYTES_PER_SECOND -> "B/s";
      case PERCENT -> "%";
    };
  }

  /** A value for a terminal. */
  public String text(double value) {
    return switch (this) {
      case NS -> Units.picoseconds(Math.round(value * 1000));
      case COUNT -> value < 1000 ? short3(value) : Units.count(Math.round(value));
      case PER_SECOND -> Units.count(Math.round(value)) + "/s";
      case BYTES_PER_SECOND -> Units.bytes(Math.round(value)) + "/s";
      case PERCENT -> String.format(Locale.ROOT, "%.1f %%", value);
    };
  }

  private static String short3(double value) {
    if (value == Math.rint(value)) {
      return String.valueOf((long) value);
    }
    return String.format(Locale.ROOT, value < 10 ? "%.3f" : "%.1f", value);
  }
}
