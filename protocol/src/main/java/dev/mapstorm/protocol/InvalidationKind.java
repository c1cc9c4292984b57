package dev.mapstorm.protocol;

/**
 * What an IOTLB invalidation covers (VT-d granularity field). The order is the code in the journal.
 */
public enum InvalidationKind {
  /** Page-selective within a domain. */
  PSI("page-selective"),
  /** Domain-selective. */
  DSI("domain-selective");

  private static final InvalidationKind[] ALL = values();

  private final String label;

  InvalidationKind(String label) {
    this.label = label;
  }

  /** What reports and options call it. */
  public String label() {
    return label;
  }

  /** The constant with this {@link #ordinal()}, which is its code in the journal. */
  public static InvalidationKind of(int code) {
    if (code < 0 || code >= ALL.length) {
      throw new IllegalArgumentException("no InvalidationKind has code " + code);
    }
    return ALL[code];
  }
}
