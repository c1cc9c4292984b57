package dev.mapstorm.persistence.inflight;

import dev.mapstorm.protocol.InvalidationKind;

/** An invalidation that is posted and not complete. */
public final class Invalidation extends Numbered {
  /** Stands for an invalidation whose posting was not seen. */
  public static final Invalidation UNKNOWN = new Invalidation();

  static {
    UNKNOWN.number = -1;
  }

  private Call call = Call.UNKNOWN;
  private int domain = -1;
  private InvalidationKind kind = InvalidationKind.PSI;
  private long pfn;
  private long pages;
  private long covered;
  private long since;
  private boolean first;
  private long clearedAt;

  /** How long its call waited for it alone; known when it is complete. */
  private long waitNs;

  Invalidation() {}

  /** A call has posted it. */
  void post(
      Call by, int domain, InvalidationKind kind, long pfn, long pages, long covered, long since) {
    call = by;
    this.domain = domain;
    this.kind = kind;
    this.pfn = pfn;
    this.pages = pages;
    this.covered = covered;
    this.since = since;
    first = by.hasCleared() && by.pfn() >= pfn && by.pfn() < pfn + pages;
    clearedAt = by.clearedAt();
    if (by.isKnown()) {
      by.holders++;
    }
  }

  /** It is complete; its call has waited for others of its invalidations up to an instant. */
  void complete(long t) {
    waitNs = t - Math.max(since, call.waitedTo);
    if (call.isKnown()) {
      call.waitedTo = t;
    }
  }

  /** It is complete: its call may be forgotten. */
  void letGo() {
    if (call.isKnown()) {
      call.holders--;
    }
  }

  /** Whether its beginning was seen. */
  public boolean isKnown() {
    return owner >= 0;
  }

  /** Unit that executes it. */
  public int iommu() {
    return owner;
  }

  /** Its number in the unit. */
  public long ticket() {
    return number;
  }

  /** Who asked for it. */
  public Call call() {
    return call;
  }

  /** Whose translations go. */
  public int domain() {
    return domain;
  }

  /** What is invalidated. */
  public InvalidationKind kind() {
    return kind;
  }

  /** First granule asked for. */
  public long pfn() {
    return pfn;
  }

  /** Granules asked for; 0 for the whole domain. */
  public long pages() {
    return pages;
  }

  /** Granules that it drops; 0 for the whole domain. */
  public long covered() {
    return covered;
  }

  /**
   * Whether it has the first granule of what its call had cleared last when it was posted: of
   * several that a range takes, the one that is counted.
   */
  public boolean isFirstOfRange() {
    return first;
  }

  /** When the entries of that range were cleared; of no meaning if it has not its first granule. */
  public long clearedAt() {
    return clearedAt;
  }

  /**
   * Of a complete one: how long its call waited for it, less the time for which it waited for
   * others as well, which is counted with those that were complete before.
   */
  public long waitNs() {
    return waitNs;
  }

  /** When it was posted. */
  public long since() {
    return since;
  }
}
