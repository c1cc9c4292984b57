package dev.mapstorm.load.trace;

import dev.mapstorm.load.trace.TraceEvent.QiSubmit;

/** Counts the events that tell how a traced machine translated. Not thread safe. */
public final class PolicyEvidence {
  private static final int PAGE_SELECTIVE = 3;

  private long pageTableWrites;
  private long bounced;
  private long unmaps;
  private long rangeFlushes;
  private long wholeFlushes;
  private long pageInvalidations;
  private long domainInvalidations;

  /** Takes an event of the trace. */
  public void add(TraceEvent event) {
    if (event instanceof TraceEvent.IommuMap) {
      pageTableWrites++;
    } else if (event instanceof TraceEvent.IommuUnmap) {
      unmaps++;
    } else if (event instanceof TraceEvent.SwiotlbBounced) {
      bounced++;
    } else if (event instanceof TraceEvent.CacheTagFlushRange) {
      rangeFlushes++;
    } else if (event instanceof TraceEvent.CacheTagFlushAll) {
      wholeFlushes++;
    } else if (event instanceof QiSubmit submit && submit.type().equals("iotlb_inv")) {
      if ((submit.qw0() >>> 4 & 3) == PAGE_SELECTIVE) {
        pageInvalidations++;
      } else {
        domainInvalidations++;
      }
    }
  }

  /** What the events so far show: strict if at least every other unmap has its own invalidation. */
  public TracePolicy policy() {
    if (pageTableWrites + unmaps == 0) {
      return bounced > 0 ? TracePolicy.SWIOTLB : TracePolicy.DIRECT;
    }
    long ranges = Math.max(rangeFlushes, pageInvalidations);
    if (ranges > 0 && 2 * ranges >= unmaps) {
      return TracePolicy.STRICT;
    }
    return Math.max(wholeFlushes, domainInvalidations) > 0
        ? TracePolicy.LAZY
        : TracePolicy.TRANSLATED;
  }
}
