package dev.mapstorm.persistence.replay;

/** How far an IOVA range is between its allocation and its return. */
public enum RangeState {
  /** Allocated, and not yet a mapping in a client's hands. */
  ALLOCATED("allocated"),
  /** A mapping in a client's hands. */
  MAPPED("mapped"),
  /** All its entries are cleared; their invalidation is outstanding. */
  CLEARED("cleared"),
  /** Its invalidation is complete, it is about to be freed. */
  INVALIDATED("invalidated"),
  /** Its entries are cleared and may still be cached; it waits in the flush queue. */
  QUEUED("in flush queue"),
  /** A mapping without an IOVA: the domain is a direct map. */
  DIRECT("direct");

  private static final RangeState[] ALL = values();

  private final String label;

  RangeState(String label) {
    this.label = label;
  }

  /** What reports call it. */
  public String label() {
    return label;
  }

  static RangeState of(long ordinal) {
    return ALL[(int) ordinal];
  }
}
