package dev.mapstorm.protocol;

/**
 * Who waited too long for an invalidation of a device's TLB. The order is the code in the journal:
 * append only.
 */
public enum InvalidationTimeout {
  /**
   * The unit: VT-d's Invalidation Time-out Error. All that is in its queue is aborted and submitted
   * again by the CPUs that wait for it.
   */
  REPEATED("the unit gave up; submitted again"),
  /** The same, for a device that has left its bus: the invalidation is not submitted again. */
  DEVICE_GONE("the unit gave up; the device is gone"),
  /** The unit, which goes on with the commands after it as if the device had answered. */
  SKIPPED("the unit gave up; commands after it are executed"),
  /** The CPU, which goes on as if the invalidation were done. */
  CPU("the CPU gave up");

  private static final InvalidationTimeout[] ALL = values();

  private final String label;

  InvalidationTimeout(String label) {
    this.label = label;
  }

  /** What reports call it. */
  public String label() {
    return label;
  }

  /** The constant with this {@link #ordinal()}, which is its code in the journal. */
  public static InvalidationTimeout of(int code) {
    if (code < 0 || code >= ALL.length) {
      throw new IllegalArgumentException("no InvalidationTimeout has code " + code);
    }
    return ALL[code];
  }
}
