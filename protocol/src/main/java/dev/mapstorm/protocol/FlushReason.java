package dev.mapstorm.protocol;

/** Why a flush queue was flushed. The order is the code in the journal. */
public enum FlushReason {
  /** The 10 ms (or 1 s) timer. */
  TIMER("timer"),
  /** A CPU found its ring full. */
  FULL("ring full");

  private static final FlushReason[] ALL = values();

  private final String label;

  FlushReason(String label) {
    this.label = label;
  }

  /** What reports and options call it. */
  public String label() {
    return label;
  }

  /** The constant with this {@link #ordinal()}, which is its code in the journal. */
  public static FlushReason of(int code) {
    if (code < 0 || code >= ALL.length) {
      throw new IllegalArgumentException("no FlushReason has code " + code);
    }
    return ALL[code];
  }
}
