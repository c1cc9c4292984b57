package dev.mapstorm.load.cli;

import dev.mapstorm.load.cluster.NodeStatus;
import dev.mapstorm.load.cluster.SubmittedFleet;
import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.protocol.cluster.CoordinatorReply.FleetSummary;
import dev.mapstorm.protocol.cluster.CoordinatorReply.NodeSummary;
import java.util.Arrays;
import java.util.Optional;

/** How far a fleet is, on a line. */
final class FleetProgress {
  /** What is shorter is not worth a line. */
  private static final long SILENCE_NS = 2_000_000_000L;

  private final Console console;
  private final ProgressLine line;
  private final SubmittedFleet fleet;
  private final Scenario scenario;
  private String trouble = "";
  private long answered;
  private boolean waits;

  FleetProgress(Console console, ProgressLine line, SubmittedFleet fleet, Scenario scenario) {
    this.console = console;
    this.line = line;
    this.fleet = fleet;
    this.scenario = scenario;
  }

  void show(Optional<NodeStatus> seen) {
    if (seen.isEmpty()) {
      silent();
      return;
    }
    if (waits) {
      console.note("mapstorm: the cluster answers again");
    }
    waits = false;
    answered = line.elapsedNs();
    seen.ifPresent(status -> fleet.summary(status).ifPresent(summary -> show(status, summary)));
  }

  private void silent() {
    if (!waits && line.elapsedNs() - answered > SILENCE_NS) {
      waits = true;
      console.note("mapstorm: waiting for the cluster: " + fleet.silence());
    }
  }

  private void show(NodeStatus status, FleetSummary summary) {
    if (!summary.trouble().equals(trouble)) {
      trouble = summary.trouble();
      console.note(
          trouble.isEmpty()
              ? "mapstorm: hosts run again"
              : "mapstorm: hosts are stopped, retrying: " + trouble);
    }
    long rate = Arrays.stream(status.cluster().nodes()).mapToLong(NodeSummary::rate).sum();
    double ended = (double) summary.ended() / summary.hosts();
    double reached = (double) summary.reached() / scenario.durationNs();
    line.update(
        "%d of %d hosts ended, %d run on %d nodes  %.2f M events/s"
            .formatted(
                summary.ended(),
                summary.hosts(),
                summary.running(),
                status.members().size(),
                rate / 1e6),
        Math.max(ended, Math.min(1, reached)));
  }
}
