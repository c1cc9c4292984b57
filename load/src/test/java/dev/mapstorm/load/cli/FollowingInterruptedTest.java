package dev.mapstorm.load.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.cluster.ClusterNode;
import dev.mapstorm.load.cluster.ClusterClient;
import dev.mapstorm.load.cluster.ManagementAccess;
import dev.mapstorm.load.cluster.ManagementServer;
import dev.mapstorm.load.cluster.Probe;
import dev.mapstorm.load.cluster.SqliteNode;
import dev.mapstorm.protocol.cluster.CoordinatorReply.FleetSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code mapstorm cluster run} in a process of its own, told to stop while it follows a fleet. */
class FollowingInterruptedTest {
  private static final int LIMIT_SECONDS = 120;

  /** As a shell sees a process that ended by SIGTERM; Ctrl-C makes it 130 the same way. */
  private static final int SIGTERM_CODE = 128 + 15;

  @TempDir Path folder;

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void theFleetGoesOnAndThatIsSaid() throws Exception {
    try (ClusterNode node = SqliteNode.start(folder.resolve("journal.db"), 4);
        Probe journal = new Probe("journal", () -> {});
        ManagementServer server =
            new ManagementServer(
                node,
                journal,
                SqliteNode.SPECS,
                ManagementAccess.of("127.0.0.1", null),
                () -> {})) {
      String address = "127.0.0.1:" + server.listen("127.0.0.1", 0);
      awaitReady(address);
      Path err = folder.resolve("err");
      Process process = start(address, err);
      try {
        awaitFollowed(process, err);
        process.destroy();
        assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
      } finally {
        process.destroyForcibly();
      }
      assertThat(process.exitValue()).isEqualTo(SIGTERM_CODE);
      assertThat(Files.readString(err))
          .endsWith(
              "mapstorm: r continues in the cluster; mapstorm cluster stop --run r ends it\n");
      FleetSummary fleet = new ClusterClient(address, null).fleet("r", 0, 1).fleet();
      assertThat(fleet.state()).isEqualTo("running");
      new ClusterClient(address, null).stop("r");
    }
  }

  private static void awaitReady(String address) throws IOException, InterruptedException {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (new ClusterClient(address, null).status().cluster() == null) {
      assertThat(System.nanoTime()).as("the coordinator answers").isLessThan(until);
      Thread.sleep(50);
    }
  }

  private Process start(String address, Path err) throws IOException {
    ProcessBuilder command =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            Mapstorm.class.getName(),
            "cluster",
            "run",
            "nvme-4k",
            "--duration",
            "1000s",
            "--run",
            "r",
            "--node",
            address);
    command.environment().keySet().removeIf(name -> name.startsWith("MAPSTORM_DB"));
    return command
        .directory(folder.toFile())
        .redirectOutput(folder.resolve("out").toFile())
        .redirectError(err.toFile())
        .start();
  }

  private static void awaitFollowed(Process process, Path err)
      throws IOException, InterruptedException {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (!Files.readString(err).contains("the cluster runs r")) {
      assertThat(process.isAlive()).as("it runs: %s", Files.readString(err)).isTrue();
      assertThat(System.nanoTime()).as("the fleet is followed").isLessThan(until);
      Thread.sleep(50);
    }
  }
}
