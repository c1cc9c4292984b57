package dev.mapstorm.protocol;

/** Where a freed IOVA went. The order is the code in the journal: append only. */
public enum IovaDestination {
  /** The magazines of the freeing CPU. */
  MAGAZINE("magazine"),
  /** A magazine, after a full one was pushed to the depot. */
  DEPOT("depot"),
  /** The tree of ranges. */
  TREE("tree"),
  /** Nowhere: a client of the IOMMU API has its address back. */
  CLIENT("client"),

  /** A bitmap of addresses, on 32-bit Arm. */
  BITMAP("bitmap"),
  /** A pool of a TCE table, on powerpc. */
  POOL("pool");

  private static final IovaDestination[] ALL = values();

  private final String label;

  IovaDestination(String label) {
    this.label = label;
  }

  /** What reports and options call it. */
  public String label() {
    return label;
  }

  /** The constant with this {@link #ordinal()}, which is its code in the journal. */
  public static IovaDestination of(int code) {
    if (code < 0 || code >= ALL.length) {
      throw new IllegalArgumentException("no IovaDestination has code " + code);
    }
    return ALL[code];
  }
}
