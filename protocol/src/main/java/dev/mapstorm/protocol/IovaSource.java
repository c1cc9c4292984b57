package dev.mapstorm.protocol;

/** Where an IOVA came from. The order is the code in the journal: append only. */
public enum IovaSource {
  /** The magazines of the allocating CPU. */
  MAGAZINE("magazine"),
  /** A full magazine taken from the depot. */
  DEPOT("depot"),
  /** The tree of ranges. */
  TREE("tree"),
  /** The tree, after all caches were flushed into it. */
  FLUSHED_TREE("tree after cache flush"),
  /** Nowhere: a client of the IOMMU API chose the address itself. */
  CLIENT("client"),

  /** A bitmap of addresses, on 32-bit Arm. */
  BITMAP("bitmap"),
  /** A bitmap of addresses that was made for it, on 32-bit Arm. */
  NEW_BITMAP("new bitmap"),
  /** The pool of a TCE table that the CPU, or the size, prefers, on powerpc. */
  POOL("pool"),
  /** Another pool of the table, on powerpc. */
  OTHER_POOL("another pool");

  private static final IovaSource[] ALL = values();

  private final String label;

  IovaSource(String label) {
    this.label = label;
  }

  /** What reports and options call it. */
  public String label() {
    return label;
  }

  /** The constant with this {@link #ordinal()}, which is its code in the journal. */
  public static IovaSource of(int code) {
    if (code < 0 || code >= ALL.length) {
      throw new IllegalArgumentException("no IovaSource has code " + code);
    }
    return ALL[code];
  }
}
