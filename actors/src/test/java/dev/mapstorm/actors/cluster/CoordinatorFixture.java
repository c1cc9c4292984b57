package dev.mapstorm.actors.cluster;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.mapstorm.protocol.cluster.CoordinatorMessage;
import dev.mapstorm.protocol.cluster.CoordinatorReply;
import dev.mapstorm.protocol.cluster.HostOrder;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.persistence.testkit.PersistenceTestKitPlugin;
import org.apache.pekko.persistence.testkit.PersistenceTestKitSnapshotPlugin;

/** What a coordinator needs around it, with a journal in memory and a clock moved by hand. */
final class CoordinatorFixture implements AutoCloseable {
  final ActorTestKit kit;
  final TestProbe<HostOrder> hosts;
  final TestProbe<CoordinatorReply> client;
  final AtomicLong now = new AtomicLong();
  final AtomicLong known = new AtomicLong();

  /** Why nodes were to end. */
  final BlockingQueue<String> ended = new LinkedBlockingQueue<>();

  final CoordinatorSetup setup;

  CoordinatorFixture(String more) {
    kit = ActorTestKit.create("mapstorm", config(more));
    hosts = kit.createTestProbe(HostOrder.class);
    client = kit.createTestProbe(CoordinatorReply.class);
    setup =
        new CoordinatorSetup(
            (name, order) -> hosts.ref().tell(order),
            2,
            Duration.ofHours(1),
            now::get,
            known,
            ended::add);
  }

  private static Config config(String more) {
    return ConfigFactory.parseString(more)
        .withFallback(
            ConfigFactory.parseString(
                "pekko.remote.artery.canonical { hostname = 127.0.0.1, port = 0 }\n"
                    + "pekko.coordinated-shutdown.exit-jvm = off"))
        .withFallback(PersistenceTestKitPlugin.config())
        .withFallback(PersistenceTestKitSnapshotPlugin.config())
        .withFallback(ConfigFactory.parseResources(NodeSpec.class, "node.conf"))
        .withFallback(ConfigFactory.load())
        .resolve();
  }

  /** The client, as a message names it. */
  String replyTo() {
    return ActorRefResolver.get(kit.system()).toSerializationFormat(client.ref());
  }

  <T extends CoordinatorReply> T ask(
      ActorRef<CoordinatorMessage> coordinator,
      Function<String, CoordinatorMessage> question,
      Class<T> answer) {
    coordinator.tell(question.apply(replyTo()));
    return client.expectMessageClass(answer);
  }

  @Override
  public void close() {
    kit.shutdownTestKit();
  }
}
