package dev.mapstorm.protocol;

/** {@code enum dma_data_direction}, in its order: who writes the memory. */
public enum Direction {
  /** Both may write. */
  BIDIRECTIONAL("BIDIRECTIONAL"),
  /** The device reads. */
  TO_DEVICE("TO_DEVICE"),
  /** The device writes. */
  FROM_DEVICE("FROM_DEVICE");

  private static final Direction[] ALL = values();

  private final String label;

  Direction(String label) {
    this.label = label;
  }

  /** What reports and options call it. */
  public String label() {
    return label;
  }

  /** The constant with this {@link #ordinal()}, which is its code in the journal. */
  public static Direction of(int code) {
    if (code < 0 || code >= ALL.length) {
      throw new IllegalArgumentException("no Direction has code " + code);
    }
    return ALL[code];
  }
}
