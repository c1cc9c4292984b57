package dev.mapstorm.load.cli;

import dev.mapstorm.load.cluster.ClusterDemo;
import dev.mapstorm.load.cluster.LocalCluster;
import dev.mapstorm.load.cluster.NodeStatus;
import dev.mapstorm.load.cluster.SubmittedFleet;
import dev.mapstorm.persistence.text.Units;
import dev.mapstorm.protocol.cluster.CoordinatorReply.FleetSummary;
import dev.mapstorm.protocol.cluster.CoordinatorReply.NodeSummary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A demonstration on standard error: what happens line by line, and below it, on a terminal, the
 * cluster as it is now; elsewhere a line on it every other second. One thread.
 */
final class DemoView implements ClusterDemo.Audience {
  private static final long LINE_EVERY_NS = 2_000_000_000L;
  private static final long FRAME_EVERY_NS = 500_000_000L;
  private static final int BAR = 30;

  private final Console console;
  private final LocalCluster cluster;
  private final long started = System.nanoTime();
  private List<String> frame = List.of();
  private long shown;

  DemoView(Console console, LocalCluster cluster) {
    this.console = console;
    this.cluster = cluster;
  }

  @Override
  public void hears(String what) {
    erase();
    console.note("%6.1f s  %s".formatted((System.nanoTime() - started) / 1e9, what));
    draw();
  }

  @Override
  public void sees(SubmittedFleet fleet, NodeStatus status) {
    long now = System.nanoTime();
    if (now - shown < (console.live() ? FRAME_EVERY_NS : LINE_EVERY_NS)) {
      return;
    }
    shown = now;
    Optional<FleetSummary> summary = fleet.summary(status);
    if (summary.isEmpty()) {
      return;
    }
    if (console.live()) {
      erase();
      frame = frame(summary.get(), status);
      draw();
    } else {
      hears(line(summary.get(), status));
    }
  }

  private String line(FleetSummary fleet, NodeStatus status) {
    List<String> nodes = new ArrayList<>();
    for (NodeSummary node : status.cluster().nodes()) {
      nodes.add(
          "node %d: %s, %.2f M events/s"
              .formatted(
                  cluster.number(node.node()),
                  Units.things(node.hosts(), "host"),
                  node.rate() / 1e6));
    }
    return "%d of %d hosts ended, %,d events; %s"
        .formatted(fleet.ended(), fleet.hosts(), fleet.events(), String.join("; ", nodes));
  }

  private List<String> frame(FleetSummary fleet, NodeStatus status) {
    List<String> lines = new ArrayList<>();
    lines.add("");
    for (int number = 1; number <= cluster.size(); number++) {
      lines.add(node(number, status));
    }
    int done = BAR * fleet.ended() / fleet.hosts();
    lines.add(
        "  %s  [%s%s] %d of %d hosts ended, %d run, %,d events"
            .formatted(
                fleet.run(),
                "#".repeat(done),
                ".".repeat(BAR - done),
                fleet.ended(),
                fleet.hosts(),
                fleet.running(),
                fleet.events()));
    return lines;
  }

  private String node(int number, NodeStatus status) {
    String address = cluster.address(number);
    String state =
        status.members().stream()
            .filter(member -> member.node().equals(address))
            .map(member -> member.reachable() ? member.state() : "unreachable")
            .findFirst()
            .orElse("gone");
    Optional<NodeSummary> load =
        Arrays.stream(status.cluster().nodes())
            .filter(node -> node.node().equals(address))
            .findFirst();
    return "  node %d  %-12s %3d shards  %3d hosts  %5.2f M events/s%s"
        .formatted(
            number,
            state,
            status.shards().getOrDefault(address, 0),
            load.map(NodeSummary::hosts).orElse(0),
            load.map(node -> node.rate() / 1e6).orElse(0.0),
            address.equals(status.cluster().coordinator()) ? "  coordinator" : "");
  }

  private void draw() {
    if (console.live()) {
      frame.forEach(console::note);
    }
  }

  private void erase() {
    if (console.live() && !frame.isEmpty()) {
      console.eraseLines(frame.size());
    }
  }

  /** Takes the picture of the cluster away; what happened stays. */
  void end() {
    erase();
    frame = List.of();
  }
}
