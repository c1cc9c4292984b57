package dev.mapstorm.load.cluster;

import dev.mapstorm.actors.cluster.ClusterNode;
import dev.mapstorm.actors.cluster.FleetSpecs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.Http;
import org.apache.pekko.http.javadsl.ServerBinding;
import org.apache.pekko.http.javadsl.server.Route;

/** The ports of a node at which it is watched and told what to do. */
public final class ManagementServer implements AutoCloseable {
  private static final Duration LAST_ANSWERS = Duration.ofMillis(300);

  private final ClusterNode node;
  private final NodeMetrics metrics;
  private final ManagementRoutes routes;
  private final List<ServerBinding> bindings = new ArrayList<>();

  /**
   * A server that listens nowhere yet.
   *
   * @param specs make the machines of fleets
   * @param access to everything but health and metrics
   * @param leave lets the node leave, without waiting
   */
  public ManagementServer(
      ClusterNode node,
      JournalProbe journal,
      FleetSpecs specs,
      ManagementAccess access,
      Runnable leave) {
    this.node = node;
    NodeStatusReader status = new NodeStatusReader(node, journal);
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

  @Override
  public void close() {
    bindings.forEach(bound -> bound.terminate(LAST_ANSWERS).toCompletableFuture().join());
    metrics.close();
  }
}
