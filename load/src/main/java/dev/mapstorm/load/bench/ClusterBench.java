package dev.mapstorm.load.bench;

import dev.mapstorm.load.Version;
import dev.mapstorm.load.cluster.ClusterClient;
import dev.mapstorm.load.cluster.DemoDatabase;
import dev.mapstorm.load.cluster.LocalCluster;
import dev.mapstorm.load.cluster.NodeStatus;
import dev.mapstorm.load.cluster.NodeUnavailableException;
import dev.mapstorm.load.cluster.SubmittedFleet;
import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.load.scenario.ScenarioLoader;
import dev.mapstorm.persistence.store.PostgresSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Two nodes against one. Each node is pinned to a core of its own. So that two nodes have twice of
 * everything, the database shares the one node's core first and has both cores then. Measured are
 * the events that are journaled a second while all hosts run, first on one node, then on two, then
 * on one again, in one run of one fleet. Needs Linux and two processors.
 */
public final class ClusterBench {
  private static final int HOSTS = 24;
  private static final long WARM_MS = 12_000;
  private static final long MEASURE_MS = 20_000;
  private static final long LOOK_MS = 200;
  private static final long LIMIT_NS = 120_000_000_000L;
  private static final double EXPECTED = 1.8;

  private final Consumer<String> progress;

  /**
   * A bench.
   *
   * @param progress hears what is being measured
   */
  public ClusterBench(Consumer<String> progress) {
    this.progress = progress;
  }

  /** Runs it. */
  public BenchResult run() {
    if (Runtime.getRuntime().availableProcessors() < 2) {
      throw new IllegalStateException("the bench of two nodes needs two processors");
    }
    try {
      return run(Files.createTempDirectory("mapstorm-bench-"));
    } catch (IOException e) {
      throw new IllegalStateException("the benchmark failed: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the benchmark was interrupted", e);
    }
  }

  private BenchResult run(Path directory) throws IOException, InterruptedException {
    Path data = directory.resolve("database");
    try (DemoDatabase database = DemoDatabase.startTemporary(data, directory)) {
      new PostgresSchema(database.address()).create();
      LocalCluster.Settings settings =
          new LocalCluster.Settings(
              directory,
              database.address(),
              database.credentials(),
              List.of("-Xmx700m", "-XX:+UseSerialGC"),
              List.of("--lanes", "1"));
      try (LocalCluster cluster = new LocalCluster(2, settings)) {
        return measure(cluster, data);
      }
    }
  }

  private BenchResult measure(LocalCluster cluster, Path data)
      throws IOException, InterruptedException {
    pin("0", data);
    cluster.start(1, List.of("taskset", "-c", "0"));
    awaitMembers(cluster, 1);
    Scenario scenario =
        new ScenarioLoader(Version.current())
            .set("hosts=" + HOSTS)
            .set("duration=100s")
            .load("nvme-4k");
    SubmittedFleet.submit(List.of(cluster.client(1)), scenario, "bench", System::nanoTime);
    progress.accept("one node and the database on one core");
    double before = rate(cluster.client(1));
    pin("0,1", data);
    cluster.start(2, List.of("taskset", "-c", "1"));
    awaitMembers(cluster, 2);
    progress.accept("two nodes, each on a core, the database on both");
    double two = rate(cluster.client(1));
    cluster.node(2).leave();
    awaitMembers(cluster, 1);
    pin("0", data);
    progress.accept("one node again");
    double behind = rate(cluster.client(1));
    double one = (before + behind) / 2;
    return new BenchResult(
        "cluster, 2 nodes on a core each",
        "events/s",
        two,
        "1 node and the database on one core",
        one,
        two / one,
        EXPECTED,
        "one node before %,.0f, after %,.0f; %d hosts, strict 4 KiB"
            .formatted(before, behind, HOSTS));
  }

  /** The database's processes, and those that they will start, on these cores. */
  private static void pin(String cores, Path data) throws IOException, InterruptedException {
    long server =
        Long.parseLong(Files.readAllLines(data.resolve("data/postmaster.pid")).get(0).strip());
    ProcessHandle postmaster = ProcessHandle.of(server).orElseThrow();
    List<ProcessHandle> all =
        Stream.concat(Stream.of(postmaster), postmaster.descendants()).toList();
    for (ProcessHandle process : all) {
      Process taskset =
          new ProcessBuilder("taskset", "-p", "-c", cores, Long.toString(process.pid()))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      taskset.waitFor();
    }
  }

  /** Events a second that all nodes journal, after a while. */
  private static double rate(ClusterClient node) throws IOException, InterruptedException {
    Thread.sleep(WARM_MS);
    long written = written(node);
    long start = System.nanoTime();
    Thread.sleep(MEASURE_MS);
    long more = written(node) - written;
    return more * 1e9 / (System.nanoTime() - start);
  }

  private static long written(ClusterClient node) throws IOException, InterruptedException {
    return Arrays.stream(status(node).cluster().fleets()).mapToLong(fleet -> fleet.events()).sum();
  }

  private static NodeStatus status(ClusterClient node) throws IOException, InterruptedException {
    long until = System.nanoTime() + LIMIT_NS;
    while (true) {
      try {
        NodeStatus status = node.status();
        if (status.cluster() != null) {
          return status;
        }
      } catch (NodeUnavailableException e) {
        // It starts, or its coordinator moves.
      }
      if (System.nanoTime() > until) {
        throw new IOException("the node does not answer");
      }
      Thread.sleep(LOOK_MS);
    }
  }

  private static void awaitMembers(LocalCluster cluster, int count)
      throws IOException, InterruptedException {
    long until = System.nanoTime() + LIMIT_NS;
    while (true) {
      NodeStatus status = status(cluster.client(1));
      if (status.ready() && status.members().size() == count) {
        return;
      }
      if (System.nanoTime() > until) {
        throw new IOException("the nodes do not become %d members".formatted(count));
      }
      Thread.sleep(LOOK_MS);
    }
  }
}
