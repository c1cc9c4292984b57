package dev.mapstorm.load.cli;

import dev.mapstorm.load.cluster.ClusterClient;
import dev.mapstorm.load.cluster.NodeStatus;
import dev.mapstorm.persistence.text.Units;
import dev.mapstorm.protocol.cluster.CoordinatorMessage.AskHosts;
import dev.mapstorm.protocol.cluster.CoordinatorReply.FleetSummary;
import dev.mapstorm.protocol.cluster.CoordinatorReply.HostSummary;
import dev.mapstorm.protocol.cluster.CoordinatorReply.Hosts;
import dev.mapstorm.protocol.cluster.CoordinatorReply.NodeSummary;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows what a cluster is doing. */
@Command(
    name = "status",
    description = "Shows the nodes and fleets of a cluster, or the hosts of one fleet.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  mapstorm cluster status",
      "  mapstorm cluster status --run fleet-1 --first 100 --count 50",
      "  mapstorm cluster status --node node-1:8558 --json",
    })
final class ClusterStatusCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private final NodesChoice nodes = new NodesChoice();

  @Option(names = "--run", paramLabel = "ID", description = "Show the hosts of this run.")
  private String run;

  @Option(
      names = "--first",
      paramLabel = "HOST",
      defaultValue = "0",
      description = "The first host of --run to show.")
  private int first;

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "100",
      description =
          "How many hosts of --run to show, by default ${DEFAULT-VALUE}, at most "
              + AskHosts.COUNT_MAX
              + ".")
  private int count;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  ClusterStatusCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    OptionValues.atLeast(0, "--first", first);
    OptionValues.atLeast(1, "--count", count);
    if (count > AskHosts.COUNT_MAX) {
      throw new CommandException(
          ExitCode.USAGE, "--count %d: at most %d at a time".formatted(count, AskHosts.COUNT_MAX));
    }
    if (run == null) {
      NodeStatus status = ClusterClient.first(nodes.clients(), ClusterClient::status);
      show(status);
    } else {
      Hosts hosts = ClusterClient.first(nodes.clients(), node -> node.fleet(run, first, count));
      show(hosts);
    }
    return ExitCode.OK;
  }

  private void show(NodeStatus status) {
    if (json) {
      Json.print(console, status);
      return;
    }
    console.print("node      %s  %s  %s".formatted(status.node(), status.state(), ready(status)));
    for (NodeStatus.Member member : status.members()) {
      console.print(
          "member    %s  %s%s  %d shards"
              .formatted(
                  member.node(),
                  member.state(),
                  member.reachable() ? "" : ", cannot be reached",
                  status.shards().getOrDefault(member.node(), 0)));
    }
    if (status.cluster() == null) {
      console.print("the coordinator does not answer at the moment, it may be moving");
      return;
    }
    for (NodeSummary node : status.cluster().nodes()) {
      console.print(
          "load      %s  %s on %s  %.2f M events/s"
              .formatted(
                  node.node(),
                  Units.things(node.hosts(), "host"),
                  Units.things(node.lanes(), "lane"),
                  node.rate() / 1e6));
    }
    Arrays.stream(status.cluster().fleets()).forEach(this::show);
  }

  private static String ready(NodeStatus status) {
    if (status.ready()) {
      return "ready";
    }
    String why =
        !status.journal().isEmpty()
            ? status.journal()
            : status.coordination().isEmpty() ? "" : "the coordinator " + status.coordination();
    return why.isEmpty() ? "not ready" : "not ready: " + why;
  }

  private void show(FleetSummary fleet) {
    console.print(
        "fleet     %s  %s  %d of %d hosts ended, %d run  %,d events%s"
            .formatted(
                fleet.run(),
                fleet.state(),
                fleet.ended(),
                fleet.hosts(),
                fleet.running(),
                fleet.events(),
                fleet.hash().isEmpty() ? "" : "  " + fleet.hash()));
    if (!fleet.failure().isEmpty()) {
      console.print("          " + fleet.failure());
    }
    if (!fleet.trouble().isEmpty()) {
      console.print("          " + fleet.trouble());
    }
  }

  private void show(Hosts hosts) {
    if (json) {
      Json.print(console, hosts);
      return;
    }
    show(hosts.fleet());
    for (HostSummary host : hosts.hosts()) {
      console.print(
          "host      %d  %s  %.3f ms  %,d events  %s%s"
              .formatted(
                  host.host(),
                  host.state(),
                  host.instant() / 1e6,
                  host.events(),
                  host.node(),
                  host.trouble().isEmpty() ? "" : "  " + host.trouble()));
    }
  }
}
