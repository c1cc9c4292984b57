package dev.mapstorm.persistence.inflight;

import dev.mapstorm.protocol.CallKind;
import dev.mapstorm.protocol.FlushReason;

/**
 * A CPU inside a domain: a call of the DMA API, or work of the domain's own. If it flushes the
 * domain, it is also the flush.
 */
public final class Call extends Numbered {
  /** Stands for a call whose entry was not seen: nobody's, on no CPU, of unknown purpose. */
  public static final Call UNKNOWN = new Call();

  static final int NO_FLUSH = -1;

  static {
    UNKNOWN.number = -1;
  }

  private int cpu = -1;
  private int client = -1;
  private long op = -1;
  private CallKind what = CallKind.UNMAP;
  private long mapping = -1;
  private long since;
  long pfn = -1;
  long pages;
  long clearedAt;
  int flushReason = NO_FLUSH;
  long flushSince;

  /** Until when it has waited for invalidations that are complete. */
  long waitedTo;

  Call() {}

  /** A CPU has entered. */
  void enter(int cpu, int client, long op, CallKind what, long mapping, long since) {
    this.cpu = cpu;
    this.client = client;
    this.op = op;
    this.what = what;
    this.mapping = mapping;
    this.since = since;
    pfn = -1;
    pages = 0;
    clearedAt = 0;
    flushReason = NO_FLUSH;
    flushSince = 0;
    waitedTo = 0;
  }

  /** Whether its entry was seen. */
  public boolean isKnown() {
    return owner >= 0;
  }

  /** The domain that it is in. */
  public int domain() {
    return owner;
  }

  /** Its number in the domain. */
  public long id() {
    return number;
  }

  /** The CPU. */
  public int cpu() {
    return cpu;
  }

  /** Whose call it is; -1 for work of the domain's own. */
  public int client() {
    return client;
  }

  /** The request that it is for; -1 for work of the domain's own. */
  public long op() {
    return op;
  }

  /** What the CPU came for. */
  public CallKind what() {
    return what;
  }

  /** The mapping that it takes back or will make; its own number where it does neither. */
  public long mapping() {
    return mapping;
  }

  /** When it was entered. */
  public long since() {
    return since;
  }

  /** First granule of the range that it has allocated or cleared; -1 if it has done neither. */
  public long pfn() {
    return pfn;
  }

  /** Granules of the range that it has allocated or cleared. */
  public long pages() {
    return pages;
  }

  /** Whether it has cleared the entries of a range. */
  public boolean hasCleared() {
    return pfn >= 0 && !what.maps();
  }

  /** When it first cleared entries; of no meaning if it has not. */
  public long clearedAt() {
    return clearedAt;
  }

  /** Whether it runs a flush of the domain. */
  public boolean isFlushing() {
    return flushReason != NO_FLUSH;
  }

  /** Why it flushes the domain; only if it does. */
  public FlushReason flushReason() {
    return FlushReason.of(flushReason);
  }

  /** When its flush began; of no meaning if it does not flush. */
  public long flushSince() {
    return flushSince;
  }
}
