package dev.mapstorm.actors.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.mapstorm.actors.pekko.HostRoom;
import dev.mapstorm.actors.pekko.StorePatience;
import dev.mapstorm.actors.pekko.WriterClaims;
import dev.mapstorm.protocol.cluster.CoordinatorMessage;
import dev.mapstorm.protocol.cluster.CoordinatorReply;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
  static ClusterNode node(String version, String... seeds) {
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
        NodeDeaths.NONE,
        StorePatience.DEFAULT,
        HostRoom.UNLIMITED,
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

  /** Nothing of this works where the paths that node.conf trusts are not those that Pekko uses. */
  @Test
  void coordinatorAndShardsMoveWhenTheirNodeLeaves() throws Exception {
    ActorTestKit kit = ActorTestKit.create("probe");
    TestProbe<Object> probe = kit.createTestProbe();
    ClusterNode first = node("1");
    String seed = first.address().replace("pekko://mapstorm@", "");
    try (ClusterNode second = node("1", seed)) {
      probe.awaitAssert(Duration.ofSeconds(20), () -> assertUp(second, 2));
      probe.awaitAssert(
          Duration.ofSeconds(20), () -> assertThat(coordinator(second)).isEqualTo(first.address()));
      probe.awaitAssert(
          Duration.ofSeconds(20),
          () -> assertThat(regions(first)).isEqualTo(Set.of(first.address(), second.address())));

      first.close();
      probe.awaitAssert(
          Duration.ofSeconds(20),
          () -> assertThat(coordinator(second)).isEqualTo(second.address()));
      probe.awaitAssert(
          Duration.ofSeconds(20),
          () -> assertThat(regions(second)).isEqualTo(Set.of(second.address())));
    } finally {
      first.close();
      kit.shutdownTestKit();
    }
  }

  /** The address of the coordinator's node. */
  static String coordinator(ClusterNode node) {
    CoordinatorReply reply =
        node.ask(CoordinatorMessage.AskOverview::new).toCompletableFuture().join();
    return ((CoordinatorReply.Overview) reply).coordinator();
  }

  private static Set<String> regions(ClusterNode node) {
    return node.shards().toCompletableFuture().join().keySet();
  }

  private static Object assertUp(ClusterNode node, int members) {
    assertThat(up(node)).isEqualTo(members);
    return members;
  }
}
