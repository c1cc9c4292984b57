package dev.mapstorm.protocol;

/**
 * What became of a mapping where swiotlb may have to bounce it. Linux says "swiotlb buffer is full"
 * to three of them. The order is the code in the journal: append only.
 */
public enum BounceResult {
  /** The device uses the memory itself. */
  DIRECT("direct"),
  /** Slots of a pool were taken. */
  BOUNCED("bounced"),
  /** Slots of a pool that was made for this bounce alone were taken. */
  TRANSIENT("transient"),
  /** Slots were found, but the device does not reach them. */
  UNREACHABLE("unreachable"),
  /** No search of these pools could find room, were every slot free. */
  OVERSIZE("oversize"),
  /** No area has that many free slots. */
  EXHAUSTED("exhausted"),
  /** An area has that many free slots, but not together where they would be needed. */
  FRAGMENTED("fragmented");

  private static final BounceResult[] ALL = values();

  private final String label;

  BounceResult(String label) {
    this.label = label;
  }

  /** What reports and vector files call it. */
  public String label() {
    return label;
  }

  /** Whether slots were taken and are held. */
  public boolean tookSlots() {
    return this == BOUNCED || this == TRANSIENT;
  }

  /** Whether the mapping failed. */
  public boolean failed() {
    return ordinal() >= UNREACHABLE.ordinal();
  }

  /** The constant with this {@link #ordinal()}, which is its code in the journal. */
  public static BounceResult of(int code) {
    if (code < 0 || code >= ALL.length) {
      throw new IllegalArgumentException("no BounceResult has code " + code);
    }
    return ALL[code];
  }
}
