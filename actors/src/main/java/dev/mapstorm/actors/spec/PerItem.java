package dev.mapstorm.actors.spec;

/**
 * A cost that grows with the number of entries, segments or commands. Whole picoseconds, so that a
 * measured slope such as 2.7 ns an entry is held exactly, and is the same on every machine.
 *
 * @param ps picoseconds an item, not negative
 */
public record PerItem(long ps) {
  private static final long PS = 1_000;

  /** A cost of whole nanoseconds an item. */
  public static PerItem ofNs(long ns) {
    return new PerItem(Math.multiplyExact(ns, PS));
  }

  /** Picoseconds for so many. */
  public long ps(long items) {
    return Math.multiplyExact(items, ps);
  }
}
