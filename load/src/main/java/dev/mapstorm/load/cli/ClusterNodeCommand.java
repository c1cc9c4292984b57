package dev.mapstorm.load.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import dev.mapstorm.actors.cluster.NodeSpec;
import dev.mapstorm.actors.pekko.Causes;
import dev.mapstorm.actors.pekko.Lanes;
import dev.mapstorm.load.Version;
import dev.mapstorm.load.cluster.EndOfInput;
import dev.mapstorm.load.cluster.ManagementAccess;
import dev.mapstorm.load.cluster.NodePortAccess;
import dev.mapstorm.load.cluster.RunningNode;
import dev.mapstorm.load.cluster.TlsException;
import dev.mapstorm.load.cluster.TlsSettings;
import dev.mapstorm.persistence.store.DatabaseAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs one node of a cluster until it is told to stop. */
@Command(
    name = "node",
    description = {
      "Runs one node of a cluster until it is told to stop.",
      "",
      "The first seed begins the cluster, the others find it through the seeds. Ctrl-C or SIGTERM"
          + " hands the node's hosts over and leaves. Exits with 1 when the other nodes have"
          + " declared it lost; start it again then. Also if another cluster uses its database.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mapstorm cluster node --db jdbc:postgresql://127.0.0.1:5432/mapstorm",
      "  mapstorm cluster node --host node-2 --seed node-1:25520 --seed node-2:25520 --tls"
          + " /etc/mapstorm/tls",
    })
final class ClusterNodeCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private final DatabaseChoice database = new DatabaseChoice();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "HOCON that wins over the node's own configuration, for experts.")
  private Path config;

  @Option(
      names = "--host",
      paramLabel = "H",
      defaultValue = "127.0.0.1",
      description =
          "Name or address under which other nodes reach it, by default ${DEFAULT-VALUE}.")
  private String host;

  @Option(
      names = "--port",
      paramLabel = "P",
      defaultValue = "25520",
      description = "Port for other nodes, by default ${DEFAULT-VALUE}; 0 for a free one.")
  private int port;

  @Option(
      names = "--bind-host",
      paramLabel = "B",
      description = "Address to listen at for other nodes, if it is not that of --host.")
  private String bindHost;

  @Option(
      names = "--seed",
      paramLabel = "HOST:PORT",
      description =
          "A node through which the cluster is found; may be repeated, in the same order on every"
              + " node. The first may begin a cluster by itself. Without any, this node does.")
  private List<String> seeds = List.of();

  @Option(
      names = "--management-host",
      paramLabel = "H",
      defaultValue = "127.0.0.1",
      description =
          "Address of the management port, by default ${DEFAULT-VALUE}; another than loopback needs"
              + " MAPSTORM_TOKEN.")
  private String managementHost;

  @Option(
      names = "--management-port",
      paramLabel = "P",
      defaultValue = "8558",
      description = "Port for status, control, health and metrics, by default ${DEFAULT-VALUE}.")
  private int managementPort;

  @Option(
      names = "--metrics-host",
      paramLabel = "H",
      defaultValue = "127.0.0.1",
      description = "Address of --metrics-port, by default ${DEFAULT-VALUE}.")
  private String metricsHost;

  @Option(
      names = "--metrics-port",
      paramLabel = "P",
      description = "One more port, for health and metrics alone; by default there is none.")
  private Integer metricsPort;

  @Option(
      names = "--lanes",
      paramLabel = "N",
      description =
          "Threads that simulate, 1 to "
              + Lanes.MAX
              + "; by default one less than there are processors.")
  private Integer lanes;

  @Option(
      names = "--shards",
      paramLabel = "N",
      defaultValue = "100",
      description =
          "Groups in which hosts move, by default ${DEFAULT-VALUE}; the same on all nodes, some ten"
              + " for each node.")
  private int shards;

  @Option(
      names = "--hosts-per-lane",
      paramLabel = "N",
      defaultValue = "32",
      description =
          "Hosts that a lane simulates at a time, by default ${DEFAULT-VALUE}; the others wait."
              + " They take memory.")
  private int hostsPerLane;

  @Option(
      names = "--tls",
      paramLabel = "DIR",
      description =
          "Encrypt what nodes say to each other: DIR holds tls.key, tls.crt and ca.crt (see"
              + " mapstorm cluster certs).")
  private Path tls;

  @Option(
      names = "--trust-network",
      description =
          "Listen for other nodes without TLS also where other machines can connect. Whoever"
              + " reaches the port can then run, stop and end everything in the cluster. Without"
              + " --tls and this, it is bound to loopback only.")
  private boolean trustNetwork;

  @Option(
      names = "--end-with-stdin",
      description =
          "End at once when standard input ends, so that the node does not outlive the process that"
              + " started it and holds the other end of the pipe.")
  private boolean endWithInput;

  ClusterNodeCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (endWithInput) {
      EndOfInput.ends(
          System.in,
          () -> console.note("mapstorm: standard input has ended, and the node with it"),
          ExitCode.ERROR);
    }
    DatabaseAddress journal = database.address();
    OptionValues.port("--management-port", managementPort);
    if (metricsPort != null) {
      OptionValues.port("--metrics-port", metricsPort);
    }
    ManagementAccess access = access();
    RunningNode.Ports ports =
        new RunningNode.Ports(
            managementHost, managementPort, metricsHost, Optional.ofNullable(metricsPort));
    NodeSpec spec = spec();
    Config config = more().withFallback(tls());
    checkNodePort(spec, config);
    try (RunningNode node = RunningNode.start(spec, config, journal, ports, access)) {
      console.note(
          "mapstorm: node %s, management at http://%s:%d"
              .formatted(node.address(), managementHost, node.managementPort()));
      LastWords.alsoTell(
          cause -> {
            if (LastWords.mayBeOfItsWork(cause)) {
              node.diesOf(LastWords.of(cause));
            }
          });
      boolean left = node.awaitEnd();
      if (node.whyEnded().isPresent()) {
        throw new CommandException(ExitCode.ERROR, node.whyEnded().get());
      }
      return left ? ExitCode.OK : ExitCode.ERROR;
    }
  }

  private ManagementAccess access() {
    try {
      return ManagementAccess.of(managementHost, System.getenv(ManagementAccess.VARIABLE));
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitCode.USAGE, e.getMessage());
    }
  }

  private void checkNodePort(NodeSpec spec, Config config) {
    try {
      NodePortAccess.check(spec, config, trustNetwork);
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitCode.USAGE, e.getMessage());
    }
  }

  private NodeSpec spec() {
    OptionValues.port("--port", port);
    OptionValues.atLeast(1, "--shards", shards);
    OptionValues.atLeast(1, "--hosts-per-lane", hostsPerLane);
    int threads =
        lanes != null ? lanes : Math.max(1, Runtime.getRuntime().availableProcessors() - 1);
    OptionValues.lanes(threads);
    for (String seed : seeds) {
      if (!seed.matches("(\\[[0-9a-fA-F:.]+\\]|[^:\\s/@]+):\\d{1,5}")) {
        throw new CommandException(
            ExitCode.USAGE, "--seed %s: must be HOST:PORT, such as node-1:25520".formatted(seed));
      }
      int seedPort = Integer.parseInt(seed.substring(seed.lastIndexOf(':') + 1));
      if (seedPort < 1 || seedPort > OptionValues.PORT_MAX) {
        throw new CommandException(
            ExitCode.USAGE,
            "--seed %s: the port is 1 to %d".formatted(seed, OptionValues.PORT_MAX));
      }
    }
    return new NodeSpec(
        host,
        port,
        Optional.ofNullable(bindHost),
        seeds,
        threads,
        shards,
        hostsPerLane,
        Version.current());
  }

  private Config tls() {
    if (tls == null) {
      return ConfigFactory.empty();
    }
    try {
      return TlsSettings.in(tls, Instant.now()).config();
    } catch (TlsException e) {
      throw new CommandException(ExitCode.USAGE, "--tls: " + e.getMessage());
    }
  }

  private Config more() {
    if (config == null) {
      return ConfigFactory.empty();
    }
    if (!Files.isReadable(config)) {
      throw new CommandException(
          ExitCode.USAGE, "--config %s: there is no such file".formatted(config));
    }
    try {
      return ConfigFactory.parseFile(config.toFile());
    } catch (ConfigException e) {
      throw new CommandException(
          ExitCode.USAGE, "--config %s: %s".formatted(config, Causes.oneLine(e.getMessage())));
    }
  }
}
