package dev.mapstorm.load.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.persistence.store.DatabaseAddress;
import dev.mapstorm.protocol.cluster.CoordinatorReply.FleetSummary;
import dev.mapstorm.protocol.cluster.HostMove;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * A cluster under test: nodes as processes of their own, and what can be done to them. Waits are
 * bounded, so that a cluster that hangs fails the test.
 */
final class ClusterTrial implements AutoCloseable {
  private static final long LIMIT_NS = TimeUnit.MINUTES.toNanos(4);
  private static final long LOOK_EVERY_MS = 100;

  private final LocalCluster cluster;
  private final Path directory;
  private final Path partition;
  private String run = "";
  private long submittedAt;
  private int hosts;

  /**
   * A cluster of which no node is started.
   *
   * @param credentials variables that tell a node the database's user and password
   * @param directory for logs; made
   * @param size how many nodes it can have
   * @param shards the same on all
   */
  ClusterTrial(
      DatabaseAddress database,
      Map<String, String> credentials,
      Path directory,
      int size,
      int shards)
      throws IOException {
    this.directory = Files.createDirectories(directory);
    partition = directory.resolve("partition");
    Path config = directory.resolve("node.conf");
    cluster =
        new LocalCluster(
            size,
            new LocalCluster.Settings(
                directory,
                database,
                credentials,
                List.of("-Xmx400m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=4"),
                List.of(
                    "--lanes", "1",
                    "--shards", Integer.toString(shards),
                    "--config", config.toString())));
    List<String> nodes = IntStream.rangeClosed(1, size).mapToObj(cluster::address).toList();
    Files.writeString(config, TestPartition.config(partition, nodes));
  }

  LocalCluster nodes() {
    return cluster;
  }

  /** Starts nodes and waits until they are members that are ready. */
  void start(int... numbers) throws Exception {
    for (int number : numbers) {
      cluster.start(number, List.of());
    }
    for (int number : numbers) {
      awaitReady(number);
    }
  }

  /**
   * Does what a service manager does: a first seed that heard nobody in time, as on a machine with
   * too much to do, makes a cluster of its own, finds that its database is in use and ends.
   */
  private void awaitReady(int number) throws Exception {
    if (!isReady(number) && logOf(number).contains("another cluster uses this database")) {
      cluster.start(number, List.of());
      isReady(number);
    }
    assertThat(cluster.node(number).isAlive())
        .as("node %d runs; its log: %s", number, logOf(number))
        .isTrue();
  }

  private String logOf(int number) throws IOException {
    return Files.readString(directory.resolve("node-" + number + ".log"));
  }

  /** Waits until a node is ready; false if it ended instead. */
  private boolean isReady(int number) throws Exception {
    long until = System.nanoTime() + LIMIT_NS;
    while (cluster.node(number).isAlive()) {
      assertThat(System.nanoTime()).as("node %d joins", number).isLessThan(until);
      try {
        NodeStatus status = cluster.client(number).status();
        if (status.ready() && status.cluster() != null) {
          return true;
        }
      } catch (NodeUnavailableException e) {
        // It is still starting.
      }
      Thread.sleep(LOOK_EVERY_MS);
    }
    return false;
  }

  void submit(Scenario scenario, String id) throws Exception {
    run = id;
    hosts = scenario.hosts().size();
    submittedAt = System.nanoTime();
    SubmittedFleet.submit(cluster.clients(), scenario, id, System::nanoTime);
  }

  /** Wall seconds since the fleet was submitted. */
  double seconds() {
    return (System.nanoTime() - submittedAt) / 1e9;
  }

  /** Waits until the fleet has journaled so many events. */
  void awaitEvents(long events) throws Exception {
    await("%d events".formatted(events), status -> summary(status).events() >= events);
  }

  /** Waits until a host has moved that had not before. */
  void awaitMoves(int atLeast) throws Exception {
    await("%d moves".formatted(atLeast), status -> summary(status).moves().count() >= atLeast);
  }

  /** Waits until the cluster, as its members see it, has so many. */
  void awaitMembers(int count) throws Exception {
    await(
        "%d members".formatted(count),
        status ->
            status.members().size() == count
                && status.members().stream().allMatch(NodeStatus.Member::reachable));
  }

  /** Waits for the end of the fleet. */
  FleetSummary awaitEnd() throws Exception {
    NodeStatus end =
        await(
            "the end of " + run,
            status ->
                summary(status).ended() == hosts || summary(status).state().equals("stopped"));
    return summary(end);
  }

  HostMove[] moves() throws Exception {
    return moves(await("an answer", status -> true));
  }

  private HostMove[] moves(NodeStatus status) {
    return summary(status).moves().newest();
  }

  private FleetSummary summary(NodeStatus status) {
    return Arrays.stream(status.cluster().fleets())
        .filter(fleet -> fleet.run().equals(run))
        .findFirst()
        .orElseThrow();
  }

  /** Waits until a node that hears the coordinator sees what is wanted. */
  NodeStatus await(String what, Predicate<NodeStatus> wanted) throws Exception {
    long until = System.nanoTime() + LIMIT_NS;
    Optional<NodeStatus> last = Optional.empty();
    while (System.nanoTime() < until) {
      for (int number = 1; number <= cluster.size(); number++) {
        Optional<NodeStatus> status = status(number);
        last = status.isPresent() ? status : last;
        if (status.filter(wanted).isPresent()) {
          return status.get();
        }
      }
      Thread.sleep(LOOK_EVERY_MS);
    }
    throw new AssertionError(
        "waited for %s, the last that was seen is %s"
            .formatted(what, last.map(StatusJson::text).orElse("nothing")));
  }

  private Optional<NodeStatus> status(int number) throws IOException, InterruptedException {
    if (!cluster.node(number).isAlive()) {
      return Optional.empty();
    }
    try {
      NodeStatus status = cluster.client(number).status();
      boolean knows =
          status.cluster() != null
              && (run.isEmpty()
                  || Arrays.stream(status.cluster().fleets())
                      .anyMatch(fleet -> fleet.run().equals(run)));
      return knows ? Optional.of(status) : Optional.empty();
    } catch (NodeUnavailableException e) {
      return Optional.empty();
    }
  }

  /** The number of the node that has the coordinator. */
  int coordinator() throws Exception {
    return cluster.number(await("an answer", status -> true).cluster().coordinator());
  }

  /** Freezes a node (SIGSTOP): it neither speaks nor hears, and does not know. */
  void freeze(int number) throws Exception {
    signal("-STOP", number);
  }

  /** Lets it go on (SIGCONT). */
  void thaw(int number) throws Exception {
    signal("-CONT", number);
  }

  private void signal(String signal, int number) throws Exception {
    String pid = Long.toString(cluster.node(number).pid());
    assertThat(new ProcessBuilder("kill", signal, pid).inheritIO().start().waitFor()).isZero();
  }

  /** Cuts nodes off from the others. */
  void cutOff(int... numbers) throws IOException {
    Files.write(partition, Arrays.stream(numbers).mapToObj(cluster::address).toList());
  }

  /** Waits until a process has ended by itself, and returns its exit code. */
  int awaitExit(int number) throws Exception {
    long until = System.nanoTime() + LIMIT_NS;
    while (cluster.node(number).isAlive()) {
      assertThat(System.nanoTime()).as("node %d ends", number).isLessThan(until);
      Thread.sleep(LOOK_EVERY_MS);
    }
    return cluster.node(number).exitCode();
  }

  @Override
  public void close() {
    cluster.close();
  }
}
