package dev.mapstorm.actors.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.mapstorm.actors.pekko.StorePatience;
import dev.mapstorm.actors.pekko.WriterClaims;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.persistence.testkit.PersistenceTestKitPlugin;
import org.apache.pekko.persistence.testkit.PersistenceTestKitSnapshotPlugin;
import org.junit.jupiter.api.Test;

/** Who joins whom; several nodes in one process, on ports that the system finds. */
class ClusterNodeTest {
  private static ClusterNode node(String version, String... seeds) {
    Config config =
        ConfigFactory.parseString("pekko.coordinated-shutdown.exit-jvm = off")
            .withFallback(PersistenceTestKitPlugin.config())
            .withFallback(PersistenceTestKitSnapshotPlugin.config());
    NodeSpec spec =
        new NodeSpec("127.0.0.1", 0, Optional.empty(), List.of(seeds), 1, 10, 8, version);
    return ClusterNode.start(
        spec,
        config,
        (name, scenario) -> List.of(),
        WriterClaims.NONE,
        StorePatience.DEFAULT,
        new WallClock(System::nanoTime, System::currentTimeMillis));
  }

  private static long up(ClusterNode node) {
    return StreamSupport.stream(node.cluster().state().getMembers().spliterator(), false)
        .filter(member -> member.status().equals(MemberStatus.up()))
        .count();
  }

  @Test
  void onlyNodesOfTheSameVersionJoin() throws Exception {
    ActorTestKit kit = ActorTestKit.create("probe");
    TestProbe<Object> probe = kit.createTestProbe();
    try (ClusterNode first = node("1")) {
      String seed = first.address().replace("pekko://mapstorm@", "");
      // Without seeds and with a port that nobody knew before, it begins a cluster.
      probe.awaitAssert(Duration.ofSeconds(10), () -> assertUp(first, 1));

      ClusterNode other = node("2", seed);
      other.system().getWhenTerminated().toCompletableFuture().get(30, TimeUnit.SECONDS);
      assertThat(up(first)).isEqualTo(1);

      try (ClusterNode same = node("1", seed)) {
        probe.awaitAssert(Duration.ofSeconds(20), () -> assertUp(same, 2));
      }
    } finally {
      kit.shutdownTestKit();
    }
  }

  private static Object assertUp(ClusterNode node, int members) {
    assertThat(up(node)).isEqualTo(members);
    return members;
  }
}
