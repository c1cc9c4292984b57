package dev.mapstorm.protocol;

/**
 * What an IOTLB invalidation covers; the names are those of VT-d's granularity field. The order is
 * the code in the journal.
 */
public enum InvalidationKind {
  /** Pages of a domain. */
  PSI("page-selective"),
  /** All of a domain: on SMMUv3 an ASID or VMID. */
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
