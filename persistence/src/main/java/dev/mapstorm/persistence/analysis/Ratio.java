package dev.mapstorm.persistence.analysis;

import java.math.BigInteger;

/** Quotients of sums, in integers, for results: exact down to the unit asked for. */
public final class Ratio {
  private static final long SECOND_NS = 1_000_000_000L;
  private static final long PS_IN_NS = 1_000L;

  private Ratio() {}

  /** {@code count} in {@code ns}, as a number a second; 0 when no time passed. */
  public static long perSecond(long count, long ns) {
    return scaled(count, SECOND_NS, ns);
  }

  /** {@code ns} shared out over {@code count}, in picoseconds each; 0 for a count of 0. */
  public static long picosecondsEach(long ns, long count) {
    return scaled(ns, PS_IN_NS, count);
  }

  /** {@code value * scale / by}, rounded down, also where the product needs more than 64 bits. */
  public static long scaled(long value, long scale, long by) {
    if (by <= 0) {
      return 0;
    }
    if (Math.multiplyHigh(value, scale) == 0 && value * scale >= 0) {
      return value * scale / by;
    }
    return BigInteger.valueOf(value)
        .multiply(BigInteger.valueOf(scale))
        .divide(BigInteger.valueOf(by))
        .longValueExact();
  }
}
