package dev.mapstorm.actors.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.ActorIdentity;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.Identify;
import org.apache.pekko.actor.Kill;
import org.apache.pekko.actor.PoisonPill;
import org.apache.pekko.pattern.Patterns;
import org.apache.pekko.testkit.javadsl.TestKit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An actor system that is no node and has found a node's port. */
class ForeignPeerTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  /** Whose end would end the node, its membership, its hosts or the cluster's coordinator. */
  private static final List<String> TARGETS =
      List.of(
          "/user",
          "/system",
          "/system/cluster",
          "/system/cluster/core/daemon",
          "/system/sharding/host",
          "/system/sharding/hostCoordinator/singleton/coordinator",
          "/system/singletonManagercoordinator",
          "/system/singletonManagercoordinator/coordinator",
          "/system/node-reporter");

  private final ActorSystem stranger =
      ActorSystem.create(
          "stranger",
          ConfigFactory.parseString(
                  """
                  pekko.actor.provider = remote
                  pekko.actor.allow-java-serialization = off
                  pekko.remote.use-unsafe-remote-features-outside-cluster = on
                  pekko.remote.warn-unsafe-watch-outside-cluster = off
                  pekko.remote.artery { transport = tcp, canonical { hostname = "127.0.0.1", port = 0 } }
                  """)
              .withFallback(ConfigFactory.load()));

  @AfterEach
  void end() {
    TestKit.shutdownActorSystem(stranger);
  }

  private ActorRef ref(String path) {
    return ((ExtendedActorSystem) stranger).provider().resolveActorRef(path);
  }

  @Test
  void cannotEndANodeNorAnythingOnIt() throws Exception {
    try (ClusterNode node = ClusterNodeTest.node("1")) {
      TestKit probe = new TestKit(stranger);
      probe.awaitAssert(LIMIT, () -> assertCoordinates(node));
      for (String target : TARGETS) {
        for (Object harm : List.of(PoisonPill.getInstance(), Kill.getInstance())) {
          stranger.actorSelection(node.address() + target).tell(harm, ActorRef.noSender());
          ref(node.address() + target).tell(harm, ActorRef.noSender());
        }
      }
      // It did reach the node: what was said before on the same connection has been dealt with.
      Object heard =
          Patterns.ask(
                  stranger.actorSelection(node.address() + "/system/cluster/core/daemon"),
                  new Identify("heard"),
                  LIMIT)
              .toCompletableFuture()
              .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      assertThat(((ActorIdentity) heard).getActorRef()).isPresent();

      assertCoordinates(node);
      assertThat(node.system().getWhenTerminated().toCompletableFuture()).isNotDone();
      assertThat(node.shards().toCompletableFuture().get(5, TimeUnit.SECONDS)).isNotNull();
    }
  }

  private static Object assertCoordinates(ClusterNode node) {
    assertThat(ClusterNodeTest.coordinator(node)).isEqualTo(node.address());
    return node;
  }
}
