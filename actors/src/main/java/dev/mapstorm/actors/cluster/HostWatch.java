package dev.mapstorm.actors.cluster;

import dev.mapstorm.protocol.cluster.CoordinatorReply.HostMove;
import dev.mapstorm.protocol.cluster.HostReport;
import java.util.Optional;

/**
 * What the coordinator hears of one host, and when. Not journaled: a new coordinator hears it anew.
 * Times are wall nanoseconds.
 */
final class HostWatch {
  private static final long NEVER = Long.MIN_VALUE;

  private String node = "";
  private long heard = NEVER;
  private long ordered = NEVER;
  private HostReport last;

  /** The node that last made the journal grow, and when that was heard. */
  private String grownOn = "";

  private long grown = NEVER;
  private long events;
  private long bytes;

  /**
   * Takes a report.
   *
   * @return the move that it completes: the journal grows again, elsewhere or behind a recovery
   */
  Optional<HostMove> report(String from, HostReport report, long now) {
    boolean anew = !from.equals(grownOn) || (last != null && report.redone() != last.redone());
    Optional<HostMove> move = Optional.empty();
    if (report.journaling() && report.events() > events) {
      if (!grownOn.isEmpty() && anew) {
        move =
            Optional.of(
                new HostMove(
                    report.run(),
                    report.host(),
                    grownOn,
                    from,
                    (now - grown) / 1_000_000,
                    report.redone()));
      }
      grownOn = from;
      grown = now;
    }
    events = Math.max(events, report.events());
    bytes = Math.max(bytes, report.bytes());
    node = from;
    heard = now;
    last = report;
    return move;
  }

  void ordered(long now) {
    ordered = now;
  }

  boolean heardWithin(long ns, long now) {
    return heard != NEVER && now - heard < ns;
  }

  boolean orderedWithin(long ns, long now) {
    return ordered != NEVER && now - ordered < ns;
  }

  String node() {
    return node;
  }

  long events() {
    return events;
  }

  long bytes() {
    return bytes;
  }

  long instant() {
    return last == null ? 0 : last.instant();
  }

  String trouble() {
    return last == null ? "" : last.trouble();
  }
}
