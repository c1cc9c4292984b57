package dev.mapstorm.actors.spec;

/**
 * A cost that grows with bytes, such as that of a copy. Fixed point, so that it is the same on
 * every machine.
 *
 * @param ps picoseconds a byte, not negative
 */
public record PerByte(long ps) {
  private static final long PS = 1_000;

  /** Nanoseconds for so many bytes, rounded up. */
  public long ns(long bytes) {
    return (Math.multiplyExact(bytes, ps) + PS - 1) / PS;
  }
}
