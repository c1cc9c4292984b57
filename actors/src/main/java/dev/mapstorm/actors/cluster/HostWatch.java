package dev.mapstorm.actors.cluster;

import dev.mapstorm.protocol.cluster.HostReport;

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
  private long events;
  private long bytes;

  /** Takes a report. */
  void report(String from, HostReport report, long now) {
    events = Math.max(events, report.events());
    bytes = Math.max(bytes, report.bytes());
    node = from;
    heard = now;
    last = report;
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
