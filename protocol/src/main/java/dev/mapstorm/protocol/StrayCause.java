package dev.mapstorm.protocol;

/**
 * What was wrong about an access of a device. The order is the code in the journal: append only.
 */
public enum StrayCause {
  /** The device used an address of a request that it had completed. */
  AFTER_UNMAP("access after unmap"),
  /** The device wrote to what it may only read. */
  WRONG_DIRECTION("write to a read-only mapping"),
  /** The device does not drive all bits of the address that it was given. */
  ADDRESS_BITS("address bits cut off");

  private static final StrayCause[] ALL = values();

  private final String label;

  StrayCause(String label) {
    this.label = label;
  }

  /** What reports call it. */
  public String label() {
    return label;
  }

  /** The constant with this {@link #ordinal()}, which is its code in the journal. */
  public static StrayCause of(int code) {
    if (code < 0 || code >= ALL.length) {
      throw new IllegalArgumentException("no StrayCause has code " + code);
    }
    return ALL[code];
  }
}
