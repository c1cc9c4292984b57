package dev.mapstorm.load.cluster;

import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.protocol.cluster.CoordinatorReply.FleetSummary;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * A fleet that was handed to a cluster, followed from outside. Nodes may go while it is followed:
 * any of those that were named, or that were heard of, is asked. One thread at a time.
 */
public final class SubmittedFleet {
  private static final long ASK_EVERY_MS = 250;
  private static final long PATIENCE_NS = 120_000_000_000L;

  private final List<ClusterClient> nodes;
  private final Scenario scenario;
  private final String run;
  private final LongSupplier wallNs;
  private final long started;
  private String silence = "";
  private boolean detached;
  private Optional<Thread> follower = Optional.empty();

  private SubmittedFleet(
      List<ClusterClient> nodes, Scenario scenario, String run, LongSupplier wallNs) {
    this.nodes = List.copyOf(nodes);
    this.scenario = scenario;
    this.run = run;
    this.wallNs = wallNs;
    started = wallNs.getAsLong();
  }

  /**
   * An id for a run that the cluster does not know yet: its scenario's name with the first number
   * that is free.
   *
   * @param nodes any of them is asked
   */
  public static String freeRun(List<ClusterClient> nodes, String scenario)
      throws IOException, InterruptedException {
    return ClusterClient.first(nodes, node -> freeId(node, scenario));
  }

  /**
   * Hands a fleet to a cluster.
   *
   * @param nodes any of them is asked
   * @param run its id
   * @param wallNs a monotonic clock
   */
  public static SubmittedFleet submit(
      List<ClusterClient> nodes, Scenario scenario, String run, LongSupplier wallNs)
      throws IOException, InterruptedException {
    Submission fleet =
        new Submission(run, scenario.name(), scenario.text(), scenario.hosts().size());
    return ClusterClient.first(
        nodes,
        node -> {
          node.submit(fleet);
          return new SubmittedFleet(nodes, scenario, run, wallNs);
        });
  }

  private static String freeId(ClusterClient node, String name)
      throws IOException, InterruptedException {
    NodeStatus status = coordinated(node);
    Set<String> taken =
        Arrays.stream(status.cluster().fleets()).map(FleetSummary::run).collect(Collectors.toSet());
    int n = 1;
    while (taken.contains(name + "-" + n)) {
      n++;
    }
    return name + "-" + n;
  }

  /** What a node knows, if the coordinator answers it. */
  private static NodeStatus coordinated(ClusterClient node)
      throws IOException, InterruptedException {
    NodeStatus status = node.status();
    if (status.cluster() == null) {
      throw NodeUnavailableException.reached(
          "%s: the coordinator does not answer at the moment, it may be moving".formatted(node));
    }
    return status;
  }

  /** Why none of the nodes answered when they were asked last, each; empty if one did. */
  public String silence() {
    return silence;
  }

  /** Its id. */
  public String run() {
    return run;
  }

  /** Wall nanoseconds since it was submitted. */
  public long elapsedNs() {
    return wallNs.getAsLong() - started;
  }

  /**
   * Lets {@link #follow} return early, also while it waits for a node that does not answer. May be
   * called from any thread.
   */
  public synchronized void detach() {
    detached = true;
    follower.filter(thread -> thread != Thread.currentThread()).ifPresent(Thread::interrupt);
  }

  private synchronized boolean isDetached() {
    return detached;
  }

  private synchronized void begin() {
    follower = Optional.of(Thread.currentThread());
  }

  /** From here on nobody interrupts; what {@link #detach} did before is not for the caller. */
  private synchronized void end() {
    follower = Optional.empty();
    if (detached) {
      Thread.interrupted();
    }
  }

  /**
   * Follows the fleet until it is over.
   *
   * @param seen hears several times a second what a node knows; nothing while no node answers that
   *     hears from the coordinator
   * @return how it ended; empty if it was detached from
   * @throws IOException if no node answers for two minutes
   */
  public Optional<FleetReport> follow(Consumer<Optional<NodeStatus>> seen)
      throws IOException, InterruptedException {
    begin();
    try {
      return followed(seen);
    } catch (InterruptedException e) {
      if (isDetached()) {
        return Optional.empty();
      }
      throw e;
    } finally {
      end();
    }
  }

  private Optional<FleetReport> followed(Consumer<Optional<NodeStatus>> seen)
      throws IOException, InterruptedException {
    long heard = wallNs.getAsLong();
    while (!isDetached()) {
      Optional<NodeStatus> status = status();
      seen.accept(status);
      if (status.isPresent()) {
        heard = wallNs.getAsLong();
        Optional<FleetReport> report = report(status.get());
        if (report.isPresent()) {
          return report;
        }
      } else if (wallNs.getAsLong() - heard > PATIENCE_NS) {
        throw new IOException(
            "no node of the cluster has answered for two minutes; run %s continues once one does: %s"
                .formatted(run, silence));
      }
      Thread.sleep(ASK_EVERY_MS);
    }
    return Optional.empty();
  }

  /** What a node knows that hears from the coordinator; empty if there is none at the moment. */
  private Optional<NodeStatus> status() throws IOException, InterruptedException {
    try {
      NodeStatus status = ClusterClient.first(nodes, SubmittedFleet::coordinated);
      silence = "";
      return Optional.of(status);
    } catch (NodeUnavailableException e) {
      silence = e.getMessage();
      return Optional.empty();
    }
  }

  /** The fleet as the coordinator knows it. */
  public Optional<FleetSummary> summary(NodeStatus status) {
    return Arrays.stream(status.cluster().fleets())
        .filter(fleet -> fleet.run().equals(run))
        .findFirst();
  }

  private Optional<FleetReport> report(NodeStatus status) {
    return summary(status)
        .filter(SubmittedFleet::isOver)
        .map(fleet -> FleetReport.of(fleet, scenario.seed(), elapsedNs()));
  }

  private static boolean isOver(FleetSummary fleet) {
    return switch (fleet.state()) {
      case "complete", "failed" -> true;
      case "stopped" -> fleet.running() == 0;
      default -> false;
    };
  }
}
