package dev.mapstorm.actors.cluster;

import dev.mapstorm.protocol.cluster.HostReport;

/**
 * What the coordinator hears of one host, and when. Not journaled: a new coordinator hears it anew.
 * Times are wall nanoseconds.
 */
final class HostWatch {
  /** A host that was not heard of for so long does not run. */
  static final long SILENCE_NS = 2_000_000_000L;

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

  /** Whether it was heard of lately: it runs. */
  boolean isHeard(long now) {
    return heard != NEVER && now - heard < SILENCE_NS;
  }

  /** Whether it runs, or was told to so lately that it may be about to. */
  boolean isExpected(long now) {
    return isHeard(now) || (ordered != NEVER && now - ordered < SILENCE_NS);
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
