package dev.mapstorm.load.cluster;

import dev.mapstorm.actors.cluster.ClusterNode;
import dev.mapstorm.actors.cluster.FleetSpecs;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.pekko.Done;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.http.javadsl.Http;
import org.apache.pekko.http.javadsl.ServerBinding;
import org.apache.pekko.http.javadsl.server.Route;

/**
 * The ports of a node at which it is watched and told what to do. They are open until the node has
 * left, so that whoever watches can see it leave. Thread-safe.
 */
public final class ManagementServer implements AutoCloseable {
  /** What is not answered by now waits for a coordinator that this node has no way to any more. */
  private static final Duration LAST_ANSWERS = Duration.ofMillis(50);

  private final ClusterNode node;
  private final NodeStatusReader status;
  private final NodeMetrics metrics;
  private final ManagementRoutes routes;
  private final List<ServerBinding> bindings = new CopyOnWriteArrayList<>();

  /**
   * A server that listens nowhere yet.
   *
   * @param specs make the machines of fleets
   * @param access to everything but health and metrics
   * @param leave lets the node leave, without waiting
   */
  public ManagementServer(
      ClusterNode node, Probe journal, FleetSpecs specs, ManagementAccess access, Runnable leave) {
    this.node = node;
    status = new NodeStatusReader(node, journal);
    metrics = new NodeMetrics(node.board(), status);
    routes = new ManagementRoutes(node, status, metrics, access, specs, leave);
  }

  /**
   * Listens for everything.
   *
   * @return the port, which is another one than given if that was 0
   * @throws IllegalStateException if it cannot
   */
  public int listen(String host, int port) {
    return bind(host, port, routes.all());
  }

  /** Listens for health and metrics alone; otherwise as {@link #listen}. */
  public int listenForMetrics(String host, int port) {
    return bind(host, port, routes.watched());
  }

  private int bind(String host, int port, Route route) {
    CompletionStage<ServerBinding> binding =
        Http.get(node.system()).newServerAt(host, port).bind(route);
    try {
      ServerBinding bound = binding.toCompletableFuture().join();
      bindings.add(bound);
      return bound.localAddress().getPort();
    } catch (CompletionException e) {
      throw new IllegalStateException(
          "%s:%d cannot be listened at: %s".formatted(host, port, e.getCause().getMessage()), e);
    }
  }

  /**
   * Does its part when the node leaves, by whichever way it comes to that: first says at {@code
   * /ready} that it is not, so that nobody sends anything any more, and closes the ports when
   * nothing but the actor system is left.
   */
  public void leaveWithNode() {
    CoordinatedShutdown leaving = CoordinatedShutdown.get(node.system());
    leaving.addTask(
        CoordinatedShutdown.PhaseBeforeServiceUnbind(),
        "management-not-ready",
        () -> {
          status.leaving();
          return CompletableFuture.completedFuture(Done.getInstance());
        });
    leaving.addTask(
        CoordinatedShutdown.PhaseBeforeActorSystemTerminate(),
        "management-close",
        () -> closed().thenApply(ports -> Done.getInstance()));
  }

  private CompletableFuture<Void> closed() {
    return CompletableFuture.allOf(
            bindings.stream()
                .map(bound -> bound.terminate(LAST_ANSWERS).toCompletableFuture())
                .toArray(CompletableFuture[]::new))
        .whenComplete(
            (ports, failure) -> {
              metrics.close();
              status.close();
            });
  }

  /** Closes the ports and waits. The node's actor system has to run. */
  @Override
  public void close() {
    closed().join();
  }
}
