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
  private long firstOffset;
  private boolean offsetKnown;
  private boolean offsetsDiffer;

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
    } else if (event instanceof TraceEvent.DmaMap map && !map.failed()) {
      noteOffset(map.dmaAddress() - map.paddr());
    } else if (event instanceof QiSubmit submit && submit.type().equals("iotlb_inv")) {
      if ((submit.qw0() >>> 4 & 3) == PAGE_SELECTIVE) {
        pageInvalidations++;
      } else {
        domainInvalidations++;
      }
    }
  }

  /** A direct map adds the same to every physical address, most often nothing. */
  private void noteOffset(long offset) {
    offsetsDiffer |= offsetKnown ? offset != firstOffset : offset != 0 && mayBeIova(offset);
    firstOffset = offsetKnown ? firstOffset : offset;
    offsetKnown = true;
  }

  /**
   * Whether an offset is none of a window that holds all memory, which is a power of two or more.
   */
  private static boolean mayBeIova(long offset) {
    return Long.bitCount(offset) != 1;
  }

  /** Whether the devices see other addresses than physical ones, bounce buffers aside. */
  public boolean translates() {
    TracePolicy policy = policy();
    return policy != TracePolicy.DIRECT && policy != TracePolicy.SWIOTLB;
  }

  /** Whether page-table events were seen. */
  public boolean hasPageTables() {
    return pageTableWrites + unmaps > 0;
  }

  /** What the events so far show: strict if at least every other unmap has its own invalidation. */
  public TracePolicy policy() {
    if (pageTableWrites + unmaps == 0) {
      if (bounced > 0) {
        return TracePolicy.SWIOTLB;
      }
      return offsetsDiffer ? TracePolicy.TRANSLATED : TracePolicy.DIRECT;
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
