package dev.mapstorm.load.cluster;

import com.typesafe.config.ConfigFactory;
import dev.mapstorm.actors.cluster.ClusterNode;
import dev.mapstorm.actors.cluster.FleetSpecs;
import dev.mapstorm.actors.cluster.NodeDeaths;
import dev.mapstorm.actors.cluster.NodeSpec;
import dev.mapstorm.actors.cluster.WallClock;
import dev.mapstorm.actors.pekko.HostRoom;
import dev.mapstorm.actors.pekko.StorePatience;
import dev.mapstorm.actors.pekko.WriterClaims;
import dev.mapstorm.load.Version;
import dev.mapstorm.load.scenario.ScenarioLoader;
import dev.mapstorm.persistence.store.SqliteJournal;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Nodes in this process, whose journal is a file of their own. */
public final class SqliteNode {
  /** Machines of scenarios. */
  public static final FleetSpecs SPECS =
      (name, scenario) ->
          new ScenarioLoader(Version.current()).loadSubmitted(scenario, name).hosts();

  private SqliteNode() {}

  /**
   * A node of one lane on loopback.
   *
   * @param journal to be made
   * @param seeds of its cluster; it begins one of its own without
   */
  public static ClusterNode start(Path journal, int hostsPerLane, String... seeds) {
    return start(journal, WriterClaims.NONE, hostsPerLane, seeds);
  }

  /**
   * As above.
   *
   * @param claims to streams, without which no coordinator begins
   */
  static ClusterNode start(Path journal, WriterClaims claims, int hostsPerLane, String... seeds) {
    SqliteJournal store = new SqliteJournal(journal);
    store.create();
    NodeSpec spec =
        new NodeSpec(
            "127.0.0.1",
            0,
            Optional.empty(),
            List.of(seeds),
            1,
            10,
            hostsPerLane,
            Version.current());
    return ClusterNode.start(
        spec,
        ConfigFactory.parseString("pekko.coordinated-shutdown.exit-jvm = off")
            .withFallback(store.pekkoConfig()),
        SPECS,
        claims,
        NodeDeaths.NONE,
        StorePatience.DEFAULT,
        HostRoom.UNLIMITED,
        new WallClock(System::nanoTime, System::currentTimeMillis));
  }
}
