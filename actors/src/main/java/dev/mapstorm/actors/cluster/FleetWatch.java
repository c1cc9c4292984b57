package dev.mapstorm.actors.cluster;

import dev.mapstorm.protocol.cluster.CoordinatorMessage.NodeReport;
import dev.mapstorm.protocol.cluster.CoordinatorReply.FleetSummary;
import dev.mapstorm.protocol.cluster.CoordinatorReply.HostSummary;
import dev.mapstorm.protocol.cluster.CoordinatorReply.NodeSummary;
import dev.mapstorm.protocol.cluster.HostOutcome;
import dev.mapstorm.protocol.cluster.HostReport;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the coordinator hears of hosts and nodes, by wall time: which hosts have to be told to run,
 * and how far all are. Not thread-safe.
 */
final class FleetWatch {
  /** A host that was not heard of for so long does not run. */
  static final long SILENCE_NS = 2_000_000_000L;

  /** A node that was not heard of for so long is not counted on. */
  private static final long NODE_SILENCE_NS = 5_000_000_000L;

  /** A node that was not heard of for so long is not shown any more. */
  private static final long NODE_FORGOTTEN_NS = 60_000_000_000L;

  private final int hostsPerLane;
  private final Map<String, HostWatch[]> hosts = new HashMap<>();
  private final Map<String, NodeWatch> nodes = new TreeMap<>();

  /**
   * Nothing heard so far.
   *
   * @param hostsPerLane how many hosts a lane has at a time; the others wait
   */
  FleetWatch(int hostsPerLane) {
    this.hostsPerLane = hostsPerLane;
  }

  private HostWatch watch(Fleet fleet, int host) {
    HostWatch[] watches = hosts.computeIfAbsent(fleet.run(), run -> new HostWatch[fleet.hosts()]);
    if (watches[host] == null) {
      watches[host] = new HostWatch();
    }
    return watches[host];
  }

  /** Takes a node's report. */
  void report(NodeReport report, Fleets fleets, long now) {
    nodes.values().removeIf(node -> node.silentNs(now) > NODE_FORGOTTEN_NS);
    nodes.computeIfAbsent(report.node(), node -> new NodeWatch()).report(report, now);
    for (HostReport host : report.hosts()) {
      fleets
          .find(host.run())
          .filter(fleet -> host.host() < fleet.hosts())
          .ifPresent(fleet -> watch(fleet, host.host()).report(report.node(), host, now));
    }
  }

  /**
   * The hosts of a fleet that have not ended, do not run and were not told to lately; as many as
   * the nodes have room for, in order. They count as told from now on.
   */
  List<Integer> toBeTold(Fleet fleet, long now) {
    List<Integer> told = new ArrayList<>();
    int room = room(now);
    for (int host = 0; host < fleet.hosts() && room > 0; host++) {
      if (fleet.outcome(host).isPresent()) {
        continue;
      }
      room--;
      HostWatch watch = watch(fleet, host);
      if (!watch.heardWithin(SILENCE_NS, now) && !watch.orderedWithin(SILENCE_NS, now)) {
        watch.ordered(now);
        told.add(host);
      }
    }
    return told;
  }

  /** A host counts as told to run from now on. */
  void told(Fleet fleet, int host, long now) {
    watch(fleet, host).ordered(now);
  }

  /** Hosts of a fleet that run and have not ended. */
  List<Integer> running(Fleet fleet, long now) {
    List<Integer> running = new ArrayList<>();
    for (int host = 0; host < fleet.hosts(); host++) {
      if (fleet.outcome(host).isEmpty() && watch(fleet, host).heardWithin(SILENCE_NS, now)) {
        running.add(host);
      }
    }
    return running;
  }

  /** What is known of the hosts of a fleet that is over is not needed any more. */
  void forget(Fleet fleet) {
    hosts.remove(fleet.run());
  }

  private int room(long now) {
    int lanes =
        nodes.values().stream()
            .filter(node -> node.silentNs(now) < NODE_SILENCE_NS)
            .mapToInt(NodeWatch::lanes)
            .sum();
    return Math.max(1, lanes) * hostsPerLane;
  }

  FleetSummary summary(Fleet fleet, long now) {
    long events = 0;
    long bytes = 0;
    long reached = Long.MAX_VALUE;
    String trouble = "";
    for (int host = 0; host < fleet.hosts(); host++) {
      Optional<HostOutcome> outcome = fleet.outcome(host);
      if (outcome.isPresent()) {
        events += outcome.get().events();
        bytes += outcome.get().bytes();
        reached = Math.min(reached, outcome.get().end());
      } else {
        HostWatch watch = watch(fleet, host);
        events += watch.events();
        bytes += watch.bytes();
        reached = Math.min(reached, watch.instant());
        trouble =
            trouble.isEmpty() && watch.heardWithin(SILENCE_NS, now) ? watch.trouble() : trouble;
      }
    }
    return new FleetSummary(
        fleet.run(),
        fleet.name(),
        fleet.state(),
        fleet.hosts(),
        fleet.ended(),
        running(fleet, now).size(),
        reached,
        events,
        bytes,
        fleet.hash(),
        fleet.failure(),
        trouble,
        fleet.moves());
  }

  HostSummary host(Fleet fleet, int host, long now) {
    Optional<HostOutcome> outcome = fleet.outcome(host);
    if (outcome.isPresent()) {
      HostOutcome end = outcome.get();
      String state = end.isFailure() ? "failed" : end.complete() ? "complete" : "stopped";
      return new HostSummary(host, state, "", end.end(), end.events(), end.bytes(), end.failure());
    }
    HostWatch watch = watch(fleet, host);
    boolean runs = watch.heardWithin(SILENCE_NS, now);
    String state = runs ? "running" : watch.orderedWithin(SILENCE_NS, now) ? "starting" : "waiting";
    return new HostSummary(
        host,
        state,
        runs ? watch.node() : "",
        watch.instant(),
        watch.events(),
        watch.bytes(),
        runs ? watch.trouble() : "");
  }

  NodeSummary[] nodes(Fleets fleets, long now) {
    Map<String, Integer> count = new HashMap<>();
    for (Fleet fleet : fleets.all()) {
      if (fleet.ended() < fleet.hosts() && hosts.containsKey(fleet.run())) {
        running(fleet, now)
            .forEach(host -> count.merge(watch(fleet, host).node(), 1, Integer::sum));
      }
    }
    return nodes.entrySet().stream()
        .map(
            entry -> {
              NodeWatch node = entry.getValue();
              long silentMs = node.silentNs(now) / 1_000_000;
              return new NodeSummary(
                  entry.getKey(),
                  node.lanes(),
                  count.getOrDefault(entry.getKey(), 0),
                  node.written(),
                  node.rate(),
                  silentMs);
            })
        .toArray(NodeSummary[]::new);
  }
}
