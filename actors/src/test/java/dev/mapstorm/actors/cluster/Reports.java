package dev.mapstorm.actors.cluster;

import dev.mapstorm.protocol.cluster.CoordinatorMessage.NodeReport;
import dev.mapstorm.protocol.cluster.FleetEvent;
import dev.mapstorm.protocol.cluster.HostOutcome;
import dev.mapstorm.protocol.cluster.HostReport;
import java.util.stream.IntStream;

/** What nodes and hosts say, for tests. */
final class Reports {
  static final long MS = 1_000_000;
  static final long SECOND = 1_000 * MS;

  private Reports() {}

  /** A host that has journaled since it was started there. */
  static HostReport running(String run, int host, long events) {
    return report(run, host, events * 10, events, "");
  }

  /** A host in its first incarnation. */
  static HostReport report(String run, int host, long instant, long events, String trouble) {
    return new HostReport(
        run, host, instant, events, events * 3, 1, "", HostReport.NO_GAP, 0, trouble);
  }

  /** A host that has begun and journaled nothing there. */
  static HostReport begun(String run, int host) {
    return report(run, host, 0, 0, "");
  }

  /** A host that went on in an incarnation. */
  static HostReport moved(String run, int host, long epoch, String before, long gapMs) {
    return new HostReport(run, host, 0, 9, 27, epoch, before, gapMs, 5, "");
  }

  static NodeReport node(String node, int lanes, HostReport... hosts) {
    return new NodeReport(node, lanes, 0, hosts);
  }

  static NodeReport written(String node, long events) {
    return new NodeReport(node, 1, events, new HostReport[0]);
  }

  /** Hosts {@code first} to {@code last} as they run. */
  static HostReport[] allRunning(String run, int first, int last) {
    return IntStream.rangeClosed(first, last)
        .mapToObj(host -> running(run, host, 1))
        .toArray(HostReport[]::new);
  }

  static Fleet fleet(String run, int hosts) {
    return new Fleet(new FleetEvent.Submitted(run, "name", "text", hosts));
  }

  static FleetEvent.Submitted submitted(String run, int hosts) {
    return new FleetEvent.Submitted(run, "name", "text", hosts);
  }

  /** A host that reached its end. */
  static HostOutcome complete(int host) {
    byte[] hash = new byte[32];
    hash[0] = (byte) (host + 1);
    return new HostOutcome(host, true, 1000 + host, 2, 100 + host, 300 + host, hash, "");
  }

  /** A host that was stopped. */
  static HostOutcome stopped(int host) {
    return new HostOutcome(host, false, 500, 1, 50, 150, new byte[32], "");
  }
}
