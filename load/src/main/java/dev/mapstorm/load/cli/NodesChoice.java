package dev.mapstorm.load.cli;

import dev.mapstorm.load.cluster.ClusterClient;
import dev.mapstorm.load.cluster.ManagementAccess;
import java.util.List;
import picocli.CommandLine.Option;

/** {@code --node}: whom to ask in a cluster. */
final class NodesChoice {
  @Option(
      names = "--node",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:8558",
      description =
          "Management port of a node, by default ${DEFAULT-VALUE}; may be repeated, then whoever answers is asked. A"
              + " token comes from MAPSTORM_TOKEN.")
  private List<String> nodes;

  /** Clients of the nodes, in the order in which they were named. */
  List<ClusterClient> clients() {
    try {
      String token = System.getenv(ManagementAccess.VARIABLE);
      return nodes.stream().map(node -> new ClusterClient(node, token)).toList();
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitCode.USAGE, "--node: " + e.getMessage());
    }
  }
}
