package dev.mapstorm.actors.cluster;

import dev.mapstorm.protocol.cluster.CoordinatorMessage.NodeReport;

/** What the coordinator hears of one node. Times are wall nanoseconds. */
final class NodeWatch {
  private static final long SECOND_NS = 1_000_000_000L;
  private static final long RATE_OVER_NS = 2 * SECOND_NS;

  private int lanes;
  private long written;
  private long heard;
  private long rate;
  private long countedFrom = Long.MIN_VALUE;
  private long writtenThen;

  void report(NodeReport report, long now) {
    // A node that was started again counts from 0.
    boolean anew = countedFrom == Long.MIN_VALUE || report.written() < written;
    lanes = report.lanes();
    written = report.written();
    heard = now;
    if (anew) {
      rate = 0;
      countedFrom = now;
      writtenThen = written;
    } else if (now - countedFrom >= RATE_OVER_NS) {
      rate = (written - writtenThen) * 1000 / ((now - countedFrom) / 1_000_000);
      countedFrom = now;
      writtenThen = written;
    }
  }

  int lanes() {
    return lanes;
  }

  long written() {
    return written;
  }

  /** Events a second over some two seconds until lately; 0 for a node that has fallen silent. */
  long rate(long now) {
    return silentNs(now) < RATE_OVER_NS ? rate : 0;
  }

  long silentNs(long now) {
    return now - heard;
  }
}
