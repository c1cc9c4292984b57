package dev.mapstorm.actors.cluster;

import dev.mapstorm.protocol.cluster.CoordinatorMessage.NodeReport;
import dev.mapstorm.protocol.cluster.CoordinatorReply.FleetSummary;
import dev.mapstorm.protocol.cluster.CoordinatorReply.HostSummary;
import dev.mapstorm.protocol.cluster.CoordinatorReply.NodeSummary;
import dev.mapstorm.protocol.cluster.HostReport;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the coordinator hears of hosts and nodes, by wall time: which hosts have to be told to run,
 * and how far all are. Not thread-safe.
 */
final class FleetWatch {
  /** A node that was not heard of for so long is not counted on. */
  private static final long NODE_SILENCE_NS = 5_000_000_000L;

  /** A node that was not heard of for so long is not shown any more. */
  private static final long NODE_FORGOTTEN_NS = 60_000_000_000L;

  /** A host that is to be told to run. */
  record Place(Fleet fleet, int host) {}

  private final int hostsPerLane;
  private final Map<String, FleetHosts> fleets = new HashMap<>();
  private final Map<String, NodeWatch> nodes = new TreeMap<>();

  /**
   * Nothing heard so far.
   *
   * @param hostsPerLane how many hosts a lane has at a time; the others wait
   */
  FleetWatch(int hostsPerLane) {
    this.hostsPerLane = hostsPerLane;
  }

  private FleetHosts hosts(Fleet fleet) {
    return fleets.computeIfAbsent(fleet.run(), run -> new FleetHosts(fleet));
  }

  /** The same where nothing is to be kept: a fleet that is over has no entry. */
  private FleetHosts seen(Fleet fleet) {
    FleetHosts known = fleets.get(fleet.run());
    return known == null ? new FleetHosts(fleet) : known;
  }

  /** Takes a node's report. */
  void report(NodeReport report, Fleets all, long now) {
    nodes.values().removeIf(node -> node.silentNs(now) > NODE_FORGOTTEN_NS);
    nodes.computeIfAbsent(report.node(), node -> new NodeWatch()).report(report, now);
    for (HostReport host : report.hosts()) {
      all.find(host.run())
          .filter(fleet -> fleet.isOpen(host.host()))
          .ifPresent(fleet -> hosts(fleet).watch(host.host()).report(report.node(), host, now));
    }
  }

  /** A host counts as told to run from now on. */
  void told(Fleet fleet, int host, long now) {
    hosts(fleet).watch(host).ordered(now);
  }

  /**
   * The hosts that have not ended, do not run and were not told to lately; as many as the nodes
   * have room for, in the order of fleets and hosts. They count as told from now on.
   */
  List<Place> toBeTold(List<Fleet> active, long now) {
    List<Place> told = new ArrayList<>();
    int room = room(now);
    for (Fleet fleet : active) {
      room -= hosts(fleet).toBeTold(room, now, host -> told.add(new Place(fleet, host)));
    }
    return told;
  }

  /** The same behind the end of one host, without looking at all that run: its place is free. */
  List<Place> successor(List<Fleet> active, long now) {
    List<Place> told = new ArrayList<>();
    int taken = active.stream().mapToInt(fleet -> hosts(fleet).places()).sum();
    if (taken < room(now)) {
      for (Fleet fleet : active) {
        if (hosts(fleet).tellNext(now, host -> told.add(new Place(fleet, host)))) {
          break;
        }
      }
    }
    return told;
  }

  /** A host has ended. */
  void ended(Fleet fleet, int host) {
    seen(fleet).ended(host);
    if (fleet.ended() == fleet.hosts()) {
      fleets.remove(fleet.run());
    }
  }

  /** Hosts of a fleet that run and have not ended. */
  List<Integer> running(Fleet fleet, long now) {
    return seen(fleet).running(now);
  }

  /** Drops what is known of the hosts of a stopped fleet once none runs or may be about to. */
  void settle(Fleet stopped, long now) {
    if (!seen(stopped).areExpected(now)) {
      fleets.remove(stopped.run());
    }
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
    return seen(fleet).summary(now);
  }

  HostSummary host(Fleet fleet, int host, long now) {
    return seen(fleet).host(host, now);
  }

  NodeSummary[] nodes(long now) {
    Map<String, Integer> count = new HashMap<>();
    fleets.values().forEach(fleet -> fleet.countByNode(count, now));
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
                  node.rate(now),
                  silentMs);
            })
        .toArray(NodeSummary[]::new);
  }
}
