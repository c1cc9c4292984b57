package dev.mapstorm.actors.cluster;

import dev.mapstorm.protocol.cluster.CoordinatorMessage;
import dev.mapstorm.protocol.cluster.CoordinatorMessage.NodeReport;
import dev.mapstorm.protocol.cluster.HostReport;
import java.time.Duration;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** Tells the coordinator several times a second what its node is doing. */
final class NodeReporter {
  /** Keeps a message well below the size of a frame. */
  private static final int HOSTS_IN_A_REPORT = 1000;

  enum Tick {
    NOW
  }

  private NodeReporter() {}

  static Behavior<Tick> create(
      String node, HostBoard board, ActorRef<CoordinatorMessage> coordinator, Duration every) {
    return Behaviors.withTimers(
        timers -> {
          timers.startTimerWithFixedDelay(Tick.NOW, every);
          return Behaviors.receiveMessage(
              tick -> {
                tell(node, board, coordinator);
                return Behaviors.same();
              });
        });
  }

  private static void tell(String node, HostBoard board, ActorRef<CoordinatorMessage> coordinator) {
    List<HostReport> hosts = board.reports();
    int from = 0;
    do {
      int to = Math.min(hosts.size(), from + HOSTS_IN_A_REPORT);
      HostReport[] some = hosts.subList(from, to).toArray(HostReport[]::new);
      coordinator.tell(new NodeReport(node, board.lanes(), board.written(), some));
      from = to;
    } while (from < hosts.size());
  }
}
