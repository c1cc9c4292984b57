package dev.mapstorm.load.cli;

import dev.mapstorm.load.cluster.ClusterClient;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Stops a fleet or lets a node leave. */
@Command(
    name = "stop",
    description = {
      "Stops a fleet, or lets a node leave its cluster.",
      "",
      "What the hosts of a stopped fleet journaled is kept. A node that leaves hands its hosts over first.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mapstorm cluster stop --run fleet-1",
      "  mapstorm cluster stop --leave --node node-2:8558",
    })
final class ClusterStopCommand implements Callable<Integer> {
  private final Console console;

  /** One of them. */
  private static final class What {
    @Option(names = "--run", paramLabel = "ID", description = "Stop this run.")
    private String run;

    @Option(names = "--leave", description = "Let the node leave its cluster and end.")
    private boolean leave;
  }

  @ArgGroup(multiplicity = "1")
  private What what;

  @Mixin private final NodesChoice nodes = new NodesChoice();

  ClusterStopCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    console.print(ClusterClient.first(nodes.clients(), this::stop));
    return ExitCode.OK;
  }

  private String stop(ClusterClient node) throws IOException, InterruptedException {
    if (what.leave) {
      node.leave();
      return "the node leaves";
    }
    node.stop(what.run);
    return "%s is stopped".formatted(what.run);
  }
}
