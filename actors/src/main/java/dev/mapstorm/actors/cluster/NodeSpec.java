package dev.mapstorm.actors.cluster;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.mapstorm.actors.pekko.Lanes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A node of a cluster.
 *
 * @param host name or address under which the other nodes reach it
 * @param port the same
 * @param bindHost where it listens, if that is another address
 * @param seeds {@code host:port} of the nodes that others find the cluster through; the first of
 *     them is the only one that may begin a cluster by itself. Empty: this node begins one
 * @param lanes threads that simulate, at least 1
 * @param shards that hosts are dealt out to; the same on all nodes
 * @param hostsPerLane how many hosts a lane has at a time; the others wait
 * @param version of the program; the same on all nodes
 */
public record NodeSpec(
    String host,
    int port,
    Optional<String> bindHost,
    List<String> seeds,
    int lanes,
    int shards,
    int hostsPerLane,
    String version) {
  /** Name of the actor system, the same on all nodes. */
  public static final String SYSTEM = "mapstorm";

  /** Keeps an unmodifiable copy. */
  public NodeSpec {
    seeds = List.copyOf(seeds);
  }

  /** Its address as other nodes say it, unless its port is 0. */
  public String address() {
    return address(host + ":" + port);
  }

  private static String address(String hostAndPort) {
    return "pekko://" + SYSTEM + "@" + hostAndPort;
  }

  /**
   * The configuration of its actor system.
   *
   * @param more of the journal's store, TLS, logging; wins
   */
  Config config(Config more) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("pekko.remote.artery.canonical.hostname", host);
    values.put("pekko.remote.artery.canonical.port", port);
    bindHost.ifPresent(bind -> values.put("pekko.remote.artery.bind.hostname", bind));
    values.put("pekko.cluster.seed-nodes", seeds.stream().map(NodeSpec::address).toList());
    values.put("pekko.cluster.sharding.number-of-shards", shards);
    values.put(SameVersionCheck.KEY, version);
    return more.withFallback(ConfigFactory.parseMap(values, "the node"))
        .withFallback(Lanes.config(lanes))
        .withFallback(ConfigFactory.parseResources(NodeSpec.class, "node.conf"))
        .withFallback(ConfigFactory.load())
        .resolve();
  }
}
