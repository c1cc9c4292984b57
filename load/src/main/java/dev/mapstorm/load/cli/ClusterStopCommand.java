package dev.mapstorm.load.cli;

import dev.mapstorm.load.cluster.ClusterClient;
import dev.mapstorm.load.cluster.NodeUnavailableException;
import dev.mapstorm.load.cluster.StoredFleets;
import dev.mapstorm.persistence.store.DatabaseAddress;
import java.io.IOException;
import java.util.List;
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
      "Where no node runs, a fleet is stopped in the database: nodes that are started later do not continue it.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mapstorm cluster stop --run fleet-1",
      "  mapstorm cluster stop --run fleet-1 --db jdbc:postgresql://db.example:5432/mapstorm",
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
  @Mixin private final DatabaseChoice database = new DatabaseChoice();

  ClusterStopCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    try {
      console.print(ClusterClient.first(nodes.clients(), this::stop));
    } catch (NodeUnavailableException e) {
      if (what.leave) {
        throw e;
      }
      stopStored(e);
    }
    return ExitCode.OK;
  }

  /** Nobody answers: the database can be told, if that is since no node runs. */
  private void stopStored(NodeUnavailableException silence) {
    DatabaseAddress address =
        database
            .ifNamed()
            .orElseThrow(
                () ->
                    new CommandException(
                        ExitCode.ERROR,
                        "%s; if no node runs, give the database with --db to stop the fleet there"
                            .formatted(silence.getMessage())));
    StoredFleets fleets = new StoredFleets(address);
    if (fleets.haveNodes()) {
      throw new CommandException(
          ExitCode.ERROR,
          "%s; but nodes are connected to the database %s: give one of them with --node"
              .formatted(silence.getMessage(), address));
    }
    fleets.stop(List.of(what.run));
    console.print("%s is stopped in the database %s; no node runs".formatted(what.run, address));
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
