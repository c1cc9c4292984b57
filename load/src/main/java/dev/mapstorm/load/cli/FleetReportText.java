package dev.mapstorm.load.cli;

import dev.mapstorm.load.cluster.FleetReport;
import dev.mapstorm.persistence.text.Units;
import dev.mapstorm.protocol.cluster.CoordinatorReply;

/** A fleet's report for a terminal. */
final class FleetReportText {
  private FleetReportText() {}

  static void print(Console console, FleetReport report) {
    console.print(
        "fleet     %s  %s  seed %d  %s  %s"
            .formatted(
                report.run(),
                report.scenario(),
                report.seed(),
                Units.things(report.hosts(), "host"),
                report.state()));
    if (!report.failure().isEmpty()) {
      console.print("failure   " + report.failure());
    }
    console.print(
        "time      %.3f ms virtual in %.1f s wall, %.2f M events/s"
            .formatted(
                report.virtualNs() / 1e6, report.wallNs() / 1e9, report.eventsPerSecond() / 1e6));
    console.print(
        "journal   %,d events, %s, %.2f bytes an event"
            .formatted(
                report.events(), Units.bytes(report.journalBytes()), report.bytesPerEvent()));
    CoordinatorReply.Moves moves = report.moves();
    if (moves.count() > 0) {
      console.print(
          "moves     %d, a host paused for %.1f s (median) and %.1f s (worst), %,d events executed again"
              .formatted(
                  moves.count(),
                  moves.medianGapMs() / 1e3,
                  moves.worstGapMs() / 1e3,
                  moves.redone()));
    }
    if (!report.hash().isEmpty()) {
      console.print("hash      " + report.hash());
    }
  }
}
