package dev.mapstorm.actors.cluster;

import dev.mapstorm.protocol.cluster.CoordinatorReply.FleetSummary;
import dev.mapstorm.protocol.cluster.CoordinatorReply.HostSummary;
import dev.mapstorm.protocol.cluster.HostOutcome;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntConsumer;

/**
 * The hosts of a fleet that were told to run, or were heard of, and have not ended: as many as the
 * nodes have room for, however many the fleet has. Not thread-safe.
 */
final class FleetHosts {
  private final Fleet fleet;
  private final Map<Integer, HostWatch> hosts = new TreeMap<>();

  /** All before this one were told, were heard of, or have ended. */
  private int next;

  FleetHosts(Fleet fleet) {
    this.fleet = fleet;
  }

  /** What is known of a host that has not ended. */
  HostWatch watch(int host) {
    return hosts.computeIfAbsent(host, number -> new HostWatch());
  }

  /** The host has ended. */
  void ended(int host) {
    hosts.remove(host);
  }

  /** How many places they take. */
  int places() {
    return hosts.size();
  }

  /**
   * Names the hosts that do not run and were not told to lately, in order, and counts them as told.
   *
   * @param room how many places there are
   * @return how many of them are taken
   */
  int toBeTold(int room, long now, IntConsumer told) {
    int places = 0;
    for (Map.Entry<Integer, HostWatch> host : hosts.entrySet()) {
      if (places == room) {
        return places;
      }
      places++;
      if (!host.getValue().isExpected(now)) {
        host.getValue().ordered(now);
        told.accept(host.getKey());
      }
    }
    while (places < room && tellNext(now, told)) {
      places++;
    }
    return places;
  }

  /** The same for the next host alone; false if all were told before. */
  boolean tellNext(long now, IntConsumer told) {
    next = fleet.nextOpen(next);
    while (hosts.containsKey(next)) {
      next = fleet.nextOpen(next + 1);
    }
    if (next == fleet.hosts()) {
      return false;
    }
    watch(next).ordered(now);
    told.accept(next);
    next++;
    return true;
  }

  /** Those that run, in order. */
  List<Integer> running(long now) {
    return hosts.entrySet().stream()
        .filter(host -> host.getValue().isHeard(now))
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Whether some run, or may be about to. */
  boolean areExpected(long now) {
    return hosts.values().stream().anyMatch(host -> host.isExpected(now));
  }

  /** Counts those that run, by the address of their node. */
  void countByNode(Map<String, Integer> count, long now) {
    for (HostWatch host : hosts.values()) {
      if (host.isHeard(now)) {
        count.merge(host.node(), 1, Integer::sum);
      }
    }
  }

  FleetSummary summary(long now) {
    long events = fleet.events();
    long bytes = fleet.bytes();
    boolean allBegan = fleet.ended() + hosts.size() == fleet.hosts();
    long reached = allBegan ? fleet.reached() : 0;
    int running = 0;
    String trouble = "";
    for (HostWatch host : hosts.values()) {
      events += host.events();
      bytes += host.bytes();
      reached = Math.min(reached, host.instant());
      if (host.isHeard(now)) {
        running++;
        trouble = trouble.isEmpty() ? host.trouble() : trouble;
      }
    }
    return new FleetSummary(
        fleet.run(),
        fleet.name(),
        fleet.state(),
        fleet.hosts(),
        fleet.ended(),
        running,
        reached,
        events,
        bytes,
        fleet.hash(),
        fleet.failure(),
        trouble,
        fleet.moves());
  }

  HostSummary host(int host, long now) {
    Optional<HostOutcome> outcome = fleet.outcome(host);
    if (outcome.isPresent()) {
      HostOutcome end = outcome.get();
      String state = end.isFailure() ? "failed" : end.complete() ? "complete" : "stopped";
      return new HostSummary(host, state, "", end.end(), end.events(), end.bytes(), end.failure());
    }
    HostWatch watch = hosts.get(host);
    if (watch == null) {
      return new HostSummary(host, "waiting", "", 0, 0, 0, "");
    }
    boolean runs = watch.isHeard(now);
    return new HostSummary(
        host,
        runs ? "running" : watch.isExpected(now) ? "starting" : "waiting",
        runs ? watch.node() : "",
        watch.instant(),
        watch.events(),
        watch.bytes(),
        runs ? watch.trouble() : "");
  }
}
