package dev.mapstorm.load.cluster;

import com.typesafe.config.Config;
import dev.mapstorm.actors.cluster.NodeSpec;

/**
 * Who may reach the port for other nodes. With TLS, who has a certificate of the cluster's.
 * Without, whoever connects is a node to this one: it can end nodes and fleets. So the port is then
 * for this machine alone, unless the user says that all who reach it may do all of that.
 */
public final class NodePortAccess {
  private static final String ARTERY = "pekko.remote.artery.";

  private NodePortAccess() {}

  /**
   * Makes sure that the port is not open to strangers by mistake.
   *
   * @param config that wins over the node's own
   * @param trusted whether the user trusts all who reach the port
   * @throws IllegalArgumentException if it would be, with what to do about it
   */
  public static void check(NodeSpec spec, Config config, boolean trusted) {
    if (trusted || config.hasPath(ARTERY + "ssl.ssl-engine-provider")) {
      return;
    }
    String reached = text(config, "canonical.hostname", spec.host());
    String bound = text(config, "bind.hostname", spec.bindHost().orElse(reached));
    if (!Loopback.is(bound)) {
      throw new IllegalArgumentException(
          "without TLS whoever reaches the port for nodes on %s controls the cluster: encrypt it (--tls), bind it to"
                  .formatted(bound)
              + " 127.0.0.1 (--bind-host), or say --trust-network");
    }
  }

  private static String text(Config config, String key, String otherwise) {
    return config.hasPath(ARTERY + key) ? config.getString(ARTERY + key) : otherwise;
  }
}
