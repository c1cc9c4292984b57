package dev.mapstorm.load.cluster;

import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.protocol.cluster.CoordinatorReply.FleetSummary;
import dev.mapstorm.protocol.cluster.HostMove;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Shows on one machine what a cluster does when nodes die: starts the nodes, hands them a fleet,
 * kills nodes when it is their time, and starts again what ended. One thread.
 */
public final class ClusterDemo {
  private static final long SECOND_NS = 1_000_000_000L;
  private static final long JOIN_WITHIN_NS = 120 * SECOND_NS;
  private static final long LOOK_EVERY_MS = 250;

  /** A node that nobody killed and that ended all the same is not started for ever. */
  private static final int STARTS_AT_MOST = 20;

  /**
   * A node that is killed.
   *
   * @param atNs wall time since the fleet was submitted
   * @param node its number; 0 for the one that has the coordinator
   */
  public record Kill(long atNs, int node) {}

  /** What is to be seen. Called by the demonstration's thread. */
  public interface Audience {
    /** Something happened. */
    void hears(String what);

    /** The cluster as a node sees it, several times a second. */
    void sees(SubmittedFleet fleet, NodeStatus status);
  }

  private final LocalCluster cluster;
  private final Audience audience;
  private final Deque<Kill> kills;
  private final long restartNs;
  private final Map<Integer, Long> restarts = new HashMap<>();
  private final Set<HostMove> moves = new HashSet<>();
  private int starts;
  private int killed;
  private volatile boolean stopped;

  /**
   * A demonstration.
   *
   * @param cluster of which no node is started yet
   * @param kills in the order of their time
   * @param restartNs wall time after which a node that ended is started again
   */
  public ClusterDemo(LocalCluster cluster, List<Kill> kills, long restartNs, Audience audience) {
    this.cluster = cluster;
    this.kills = new ArrayDeque<>(kills);
    this.restartNs = restartNs;
    this.audience = audience;
  }

  /** Lets {@link #run} end early. May be called from any thread. */
  public void stop() {
    stopped = true;
  }

  /**
   * Starts the nodes and waits until all have joined.
   *
   * @return whether they have; not if it was stopped meanwhile
   * @throws IOException if they do not within two minutes
   */
  public boolean begin() throws IOException, InterruptedException {
    for (int node = 1; node <= cluster.size(); node++) {
      cluster.start(node, List.of());
    }
    long until = System.nanoTime() + JOIN_WITHIN_NS;
    while (!allJoined()) {
      if (stopped) {
        return false;
      }
      if (System.nanoTime() > until) {
        throw new IOException("the nodes did not join within two minutes; see their logs");
      }
      for (int node = 1; node <= cluster.size(); node++) {
        if (!cluster.node(node).isAlive()) {
          throw new IOException(
              "node %d ended with exit code %d while it was to join; see its log"
                  .formatted(node, cluster.node(node).exitCode()));
        }
      }
      Thread.sleep(LOOK_EVERY_MS);
    }
    return true;
  }

  private boolean allJoined() throws IOException, InterruptedException {
    for (ClusterClient client : cluster.clients()) {
      try {
        NodeStatus status = client.status();
        boolean joined =
            status.ready() && status.cluster() != null && status.members().size() == cluster.size();
        if (!joined) {
          return false;
        }
      } catch (NodeUnavailableException e) {
        return false;
      }
    }
    return true;
  }

  /**
   * Runs a fleet through the kills to its end.
   *
   * @return how it ended; empty if it was stopped
   */
  public Optional<FleetReport> run(Scenario scenario) throws IOException, InterruptedException {
    String run = SubmittedFleet.freeRun(cluster.clients(), scenario.name());
    SubmittedFleet fleet =
        SubmittedFleet.submit(cluster.clients(), scenario, run, System::nanoTime);
    audience.hears("the cluster runs %s".formatted(fleet.run()));
    return fleet.follow(
        status -> {
          if (stopped) {
            fleet.detach();
          }
          status.ifPresent(
              seen -> {
                audience.sees(fleet, seen);
                fleet.summary(seen).ifPresent(this::tellMoves);
              });
          // Also while no node answers: the last one may have been killed, or a majority.
          look(fleet.elapsedNs(), status);
        });
  }

  private void look(long now, Optional<NodeStatus> status) {
    try {
      while (status.isPresent() && !kills.isEmpty() && kills.peek().atNs() <= now) {
        kill(kills.remove(), status.get());
      }
      for (int node = 1; node <= cluster.size(); node++) {
        if (!cluster.node(node).isAlive()) {
          restart(node, now);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      stopped = true;
    }
  }

  private void kill(Kill kill, NodeStatus status) throws InterruptedException {
    int node = kill.node() > 0 ? kill.node() : cluster.number(status.cluster().coordinator());
    if (node == 0 || !cluster.node(node).isAlive()) {
      audience.hears(
          "%s is to be killed, but does not run"
              .formatted(node == 0 ? "the coordinator's node" : "node " + node));
      return;
    }
    boolean coordinates = cluster.address(node).equals(status.cluster().coordinator());
    cluster.node(node).kill();
    killed++;
    audience.hears(
        "node %d is killed (SIGKILL)%s".formatted(node, coordinates ? ", the coordinator's" : ""));
  }

  private void restart(int node, long now) {
    Long due = restarts.putIfAbsent(node, now + restartNs);
    if (due != null && now >= due && starts < STARTS_AT_MOST) {
      restarts.remove(node);
      starts++;
      cluster.start(node, List.of());
      audience.hears("node %d is started again".formatted(node));
    }
  }

  private void tellMoves(FleetSummary fleet) {
    for (HostMove move : fleet.moves().newest()) {
      if (moves.add(move)) {
        audience.hears(
            "host %d resumed on node %d after a pause of %.1f s, %,d events executed again"
                .formatted(
                    move.host(), cluster.number(move.to()), move.gapMs() / 1e3, move.redone()));
      }
    }
  }

  /** How many nodes were killed; fewer than planned if the fleet ended before their time. */
  public int killed() {
    return killed;
  }

  /** Lets all nodes leave. */
  public void end() throws InterruptedException {
    for (int node = cluster.size(); node >= 1; node--) {
      if (cluster.node(node).isAlive()) {
        cluster.node(node).leave();
      }
    }
  }
}
