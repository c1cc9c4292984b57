package dev.mapstorm.load.cluster;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.mapstorm.actors.cluster.ClusterNode;
import dev.mapstorm.actors.cluster.NodeSpec;
import dev.mapstorm.actors.cluster.WallClock;
import dev.mapstorm.actors.pekko.StorePatience;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.load.Version;
import dev.mapstorm.load.run.RunMemory;
import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.load.scenario.ScenarioLoader;
import dev.mapstorm.persistence.store.DatabaseAddress;
import dev.mapstorm.persistence.store.NodeSessions;
import dev.mapstorm.persistence.store.PostgresClaims;
import dev.mapstorm.persistence.store.PostgresJournal;
import dev.mapstorm.persistence.store.PostgresNodeDeaths;
import dev.mapstorm.persistence.store.PostgresSchema;
import dev.mapstorm.persistence.store.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** A node with all that belongs to it: journal, claims, management ports. */
public final class RunningNode implements AutoCloseable {
  /** A host waits for its journal until the database is back, for years if need be. */
  private static final StorePatience PATIENCE =
      new StorePatience(Duration.ofMillis(200), Duration.ofSeconds(5), Duration.ofDays(3650));

  /**
   * Who started the node ends the process. A signal is Pekko's to hear: Artery closes its
   * connections at once where somebody else does, and nothing could be handed over.
   */
  private static final Config SYSTEM =
      ConfigFactory.parseMap(Map.of("pekko.coordinated-shutdown.exit-jvm", false));

  /**
   * Where it is watched and told what to do.
   *
   * @param metrics one more port for health and metrics alone; empty for none
   */
  public record Ports(
      String managementHost, int management, String metricsHost, Optional<Integer> metrics) {}

  private final ClusterNode node;
  private final PostgresClaims claims;
  private final PostgresNodeDeaths deaths;
  private final Probe probe;
  private final ManagementServer server;
  private final int managementPort;
  private final AtomicBoolean asked = new AtomicBoolean();

  private RunningNode(
      NodeSpec spec,
      Config config,
      DatabaseAddress database,
      Ports ports,
      ManagementAccess access) {
    claims = new PostgresClaims(database, spec.address());
    deaths = new PostgresNodeDeaths(database, spec.address());
    probe = new Probe("journal", () -> new PostgresSchema(database).check());
    node = node(spec, config, database);
    server = new ManagementServer(node, probe, RunningNode::specs, access, this::leave);
    server.leaveWithNode();
    try {
      managementPort = server.listen(ports.managementHost(), ports.management());
      ports.metrics().ifPresent(port -> server.listenForMetrics(ports.metricsHost(), port));
    } catch (IllegalStateException e) {
      close();
      throw e;
    }
    // Not before it has started: what is still being made cannot be ended.
    node.givenUp().thenRun(node::leave);
  }

  /**
   * Starts a node.
   *
   * @param config wins over the node's own
   * @param database that holds the journal; it need not be there yet
   * @param access to the management port
   * @throws IllegalStateException if a port cannot be had
   */
  public static RunningNode start(
      NodeSpec spec,
      Config config,
      DatabaseAddress database,
      Ports ports,
      ManagementAccess access) {
    return new RunningNode(spec, config, database, ports, access);
  }

  private ClusterNode node(NodeSpec spec, Config config, DatabaseAddress database) {
    Config all =
        config
            .withFallback(SYSTEM)
            .withFallback(NodeSessions.named())
            .withFallback(new PostgresJournal(database, NodeSpec.SYSTEM).pekkoConfig());
    try {
      return ClusterNode.start(
          spec,
          all,
          RunningNode::specs,
          claims,
          deaths,
          PATIENCE,
          RunMemory.roomOfNode(),
          new WallClock(System::nanoTime, System::currentTimeMillis));
    } catch (RuntimeException e) {
      closeStore();
      throw e;
    }
  }

  private static List<HostSpec> specs(String name, String scenario) {
    Scenario fleet = new ScenarioLoader(Version.current()).loadSubmitted(scenario, name);
    RunMemory.checkForNode(fleet);
    return fleet.hosts();
  }

  /** Its address as other nodes say it. */
  public String address() {
    return node.address();
  }

  /** The management port that it got. */
  public int managementPort() {
    return managementPort;
  }

  /** Lets it hand its hosts over and leave, without waiting. */
  public void leave() {
    asked.set(true);
    node.leave();
  }

  /**
   * Waits until the node has left.
   *
   * @return whether it left because it was asked to; if not, the others declared it lost, or it
   *     ended itself ({@link #whyEnded})
   */
  public boolean awaitEnd() throws InterruptedException {
    node.system().getWhenTerminated().toCompletableFuture().join();
    return asked.get();
  }

  /**
   * The process is about to end by an error: lets the hosts stand still, and leaves behind which
   * they were.
   *
   * @param cause in a sentence
   * @throws StoreException if the database does not take it
   */
  public void diesOf(String cause) {
    deaths.died(node.stopHosts(), cause);
  }

  /** Why the node ended itself, in a sentence; empty if it did not. */
  public Optional<String> whyEnded() {
    return Optional.ofNullable(node.givenUp().getNow(null));
  }

  @Override
  public void close() {
    node.close();
    closeStore();
  }

  private void closeStore() {
    probe.close();
    deaths.close();
    claims.close();
  }
}
