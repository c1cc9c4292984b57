package dev.mapstorm.load.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.load.scenario.ScenarioLoader;
import dev.mapstorm.persistence.store.DatabaseAddress;
import dev.mapstorm.persistence.store.EmbeddedDatabase;
import dev.mapstorm.protocol.cluster.CoordinatorReply.FleetSummary;
import dev.mapstorm.protocol.cluster.CoordinatorReply.HostSummary;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A host that uses up the heap of every node that executes it, in a cluster whose node is started
 * again whenever it ends, as a service manager would.
 */
class SetAsideTest {
  private static final String RUN = "fleet-1";
  private static final int HOSTS = 3;
  private static final int DOOMED = 1;

  /** A cluster without the rule needs any number; the third one is the last that is needed. */
  private static final int STARTS = 5;

  private static final long LIMIT_NS = TimeUnit.MINUTES.toNanos(4);
  private static final long LOOK_EVERY_MS = 50;

  @TempDir Path folder;

  /** A node with a host that takes all memory as soon as it runs. */
  static final class Node {
    /** Stays taken when the thread that took it is gone, as what a host has does. */
    private static final List<byte[]> TAKEN = new ArrayList<>();

    private Node() {}

    /** Takes the management port, and then the command line. */
    public static void main(String[] args) throws Exception {
      Thread doom = new Thread(() -> doom(Integer.parseInt(args[0])), "doom");
      doom.setDaemon(true);
      doom.start();
      dev.mapstorm.load.cli.Mapstorm.main(Arrays.copyOfRange(args, 1, args.length));
    }

    private static void doom(int port) {
      ClusterClient here = new ClusterClient("127.0.0.1:" + port, null);
      while (!runs(here)) {
        try {
          Thread.sleep(LOOK_EVERY_MS);
        } catch (InterruptedException e) {
          return;
        }
      }
      while (true) {
        TAKEN.add(new byte[256 * 1024]);
      }
    }

    private static boolean runs(ClusterClient here) {
      try {
        return here.fleet(RUN, DOOMED, 1).hosts()[0].state().equals("running");
      } catch (IOException e) {
        return false;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
  }

  private final int port = freePort();
  private final int management = freePort();
  private final ClusterClient client = new ClusterClient("127.0.0.1:" + management, null);

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private Process start(DatabaseAddress database, int number) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx200m",
            "-XX:+UseSerialGC",
            "-Djava.util.concurrent.ForkJoinPool.common.parallelism=2",
            "-cp",
            System.getProperty("java.class.path"),
            Node.class.getName(),
            Integer.toString(management),
            "cluster",
            "node",
            "--end-with-stdin",
            "--port",
            Integer.toString(port),
            "--management-port",
            Integer.toString(management),
            "--lanes",
            "1",
            "--db",
            database.url());
    builder.environment().putAll(EmbeddedDatabase.shared().credentials());
    builder.redirectErrorStream(true).redirectOutput(log(number).toFile());
    return builder.start();
  }

  private Path log(int number) {
    return folder.resolve("node-%d.log".formatted(number));
  }

  @Test
  void shouldNameTheHostAndEndTheOthers() throws Exception {
    DatabaseAddress database = EmbeddedDatabase.shared().newJournalDatabase();
    Scenario scenario =
        new ScenarioLoader("1")
            .set("hosts=" + HOSTS)
            .set("journal.checkpoint-events=200000")
            .set("duration=100ms")
            .load("nvme-4k");
    boolean submitted = false;
    for (int number = 1; number <= STARTS; number++) {
      Process node = start(database, number);
      try {
        if (!submitted) {
          awaitReady(node);
          SubmittedFleet.submit(List.of(client), scenario, RUN, System::nanoTime);
          submitted = true;
        }
        Optional<FleetSummary> end = awaitEnd(node, number);
        if (end.isPresent()) {
          assertThat(number).isEqualTo(3);
          check(end.get());
          return;
        }
        assertThat(node.exitValue()).isOne();
        assertThat(Files.readString(log(number))).contains("mapstorm: out of memory");
      } finally {
        node.destroyForcibly().waitFor();
      }
    }
    throw new AssertionError("the fleet has not ended after %d nodes".formatted(STARTS));
  }

  private void awaitReady(Process node) throws Exception {
    long until = System.nanoTime() + LIMIT_NS;
    while (true) {
      assertThat(node.isAlive()).isTrue();
      assertThat(System.nanoTime()).isLessThan(until);
      try {
        if (client.status().ready()) {
          return;
        }
      } catch (NodeUnavailableException e) {
        // It is still starting.
      }
      Thread.sleep(LOOK_EVERY_MS);
    }
  }

  /** The fleet when all its hosts have ended; empty if the node has ended before. */
  private Optional<FleetSummary> awaitEnd(Process node, int number) throws Exception {
    long until = System.nanoTime() + LIMIT_NS;
    while (node.isAlive()) {
      assertThat(System.nanoTime()).as(() -> "node %d ends".formatted(number)).isLessThan(until);
      try {
        FleetSummary fleet = client.fleet(RUN, 0, 0).fleet();
        if (fleet.ended() == HOSTS) {
          return Optional.of(fleet);
        }
      } catch (NodeUnavailableException e) {
        // It is still starting, or ends.
      }
      Thread.sleep(LOOK_EVERY_MS);
    }
    return Optional.empty();
  }

  private void check(FleetSummary fleet) throws Exception {
    assertThat(fleet.state()).isEqualTo("failed");
    assertThat(fleet.failure())
        .startsWith(
            "host 1: set aside: 2 nodes ended while they executed it, the last one with no other"
                + " host: out of memory (");
    HostSummary[] hosts = client.fleet(RUN, 0, HOSTS).hosts();
    assertThat(hosts)
        .extracting(HostSummary::state)
        .containsExactly("complete", "failed", "complete");
  }
}
