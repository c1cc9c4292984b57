package dev.mapstorm.protocol;

/**
 * What became of an access that a device should not have made. The order is the code in the
 * journal: append only.
 */
public enum AccessOutcome {
  /** No entry of the page table: the unit refused it and reported a fault. */
  NOT_MAPPED("fault: not mapped"),
  /** An entry without the right that was needed: the unit refused it and reported a fault. */
  WRONG_RIGHTS("fault: wrong rights"),
  /**
   * It went to memory that was unmapped, through an entry of the IOTLB that was not invalidated
   * yet.
   */
  STALE("silent: through a stale IOTLB entry"),
  /** The address is mapped again, so it went to the memory of that mapping. */
  MAPPED("silent: to memory that is mapped for something else"),
  /** No unit translates for the device, or the mapping gives it every right. */
  UNCHECKED("silent: nothing checks it");

  private static final AccessOutcome[] ALL = values();

  private final String label;

  AccessOutcome(String label) {
    this.label = label;
  }

  /** What reports call it. */
  public String label() {
    return label;
  }

  /** Whether the unit refused the access. If not, nobody was told. */
  public boolean isFault() {
    return this == NOT_MAPPED || this == WRONG_RIGHTS;
  }

  /** The constant with this {@link #ordinal()}, which is its code in the journal. */
  public static AccessOutcome of(int code) {
    if (code < 0 || code >= ALL.length) {
      throw new IllegalArgumentException("no AccessOutcome has code " + code);
    }
    return ALL[code];
  }
}
