package dev.mapstorm.load.cli;

import dev.mapstorm.load.cluster.ClusterClient;
import dev.mapstorm.load.cluster.Failover;
import dev.mapstorm.load.cluster.FleetReport;
import dev.mapstorm.load.cluster.NodeUnavailableException;
import dev.mapstorm.load.cluster.SubmittedFleet;
import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.load.scenario.ScenarioLoader;
import dev.mapstorm.persistence.store.RunDirectory;
import dev.mapstorm.persistence.text.Units;
import dev.mapstorm.protocol.cluster.CoordinatorMessage.SubmitFleet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Hands a scenario to a cluster and follows it. */
@Command(
    name = "run",
    description = {
      "Hands a scenario to a cluster, follows it to its end and reports.",
      "",
      "The cluster runs it whatever becomes of this command: Ctrl-C only stops following, and exits"
          + " with 130. Where the database can be reached from here, the run directory refers to"
          + " it, and analyze, replay, verify and the others read it.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mapstorm cluster run fleet",
      "  mapstorm cluster run fleet --set hosts=1000 --seed 7 --node node-1:8558 --node"
          + " node-2:8558",
      "  mapstorm cluster run mine.conf --run nightly-42 --json",
    })
final class ClusterRunCommand implements Callable<Integer> {
  private final Console console;

  @Parameters(
      paramLabel = "SCENARIO|FILE.conf",
      description = "A built-in scenario (mapstorm scenarios lists them) or a file.")
  private String scenarioName;

  @Option(
      names = "--run",
      paramLabel = "ID",
      description = "Name of the run in the database; by default SCENARIO-N.")
  private String run;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "The run directory; by default runs/ID.")
  private Path out;

  @Option(names = "--json", description = "Print the report as JSON.")
  private boolean json;

  @Mixin private final ScenarioOverrides overrides = new ScenarioOverrides();
  @Mixin private final SeedChoice seed = new SeedChoice();
  @Mixin private final NodesChoice nodes = new NodesChoice();
  @Mixin private final DatabaseChoice database = new DatabaseChoice();

  ClusterRunCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws InterruptedException, IOException {
    if (run != null && !SubmitFleet.isRun(run)) {
      throw new CommandException(
          ExitCode.USAGE, "--run %s: must be letters, digits, dots and dashes".formatted(run));
    }
    if (out != null && database.ifNamed().isEmpty()) {
      throw new CommandException(
          ExitCode.USAGE,
          "--out needs the database, to which the run directory refers: give it with --db");
    }
    Scenario scenario = scenario();
    scenario.notes().forEach(note -> console.note("mapstorm: " + note));
    List<ClusterClient> clients = nodes.clients();
    String id = run != null ? run : freeRun(clients, scenario);
    Optional<RunDirectory> directory = directory(id, scenario);
    Optional<FleetReport> report = submitAndFollow(clients, scenario, id, directory);
    if (report.isEmpty()) {
      console.note(
          "mapstorm: %s continues in the cluster; mapstorm cluster stop --run %s ends it"
              .formatted(id, id));
      // Of a process that a signal ends the shell sees the signal: 130 after Ctrl-C.
      return ExitCode.OK;
    }
    if (directory.isPresent()) {
      directory.get().writeFleet(FleetJson.of(report.get(), directory.get().journal().reader()));
    }
    print(report.get(), directory);
    return report.get().state().equals("complete") ? ExitCode.OK : ExitCode.ERROR;
  }

  private String freeRun(List<ClusterClient> clients, Scenario scenario)
      throws IOException, InterruptedException {
    return Failover.through(
        () -> SubmittedFleet.freeRun(clients, scenario.name()), System::nanoTime, this::waits);
  }

  private void waits(String why) {
    console.note("mapstorm: waiting for the cluster: " + why);
  }

  /** A refused run leaves no directory behind; one of which nobody knows whether it runs does. */
  private SubmittedFleet submit(
      List<ClusterClient> clients, Scenario scenario, String id, Optional<RunDirectory> directory)
      throws IOException, InterruptedException {
    try {
      // Said again to a coordinator that has heard it, it changes nothing.
      return Failover.through(
          () -> SubmittedFleet.submit(clients, scenario, id, System::nanoTime),
          System::nanoTime,
          this::waits);
    } catch (NodeUnavailableException e) {
      throw e;
    } catch (IOException e) {
      directory.ifPresent(RunDirectory::remove);
      throw e;
    }
  }

  private Scenario scenario() {
    ScenarioLoader loader = overrides.loader();
    seed.set(loader);
    return loader.loadForCluster(scenarioName);
  }

  private Optional<RunDirectory> directory(String id, Scenario scenario) {
    Path path = out != null ? out : RunDirectories.PARENT.resolve(id);
    return database
        .ifNamed()
        .map(address -> RunDirectory.createShared(path, scenario.text(), address, id));
  }

  /** A signal while the fleet is submitted waits for the answer: it tells what goes on. */
  private Optional<FleetReport> submitAndFollow(
      List<ClusterClient> clients, Scenario scenario, String id, Optional<RunDirectory> directory)
      throws InterruptedException, IOException {
    try (Interruption interruption = new Interruption()) {
      if (!scenario.thresholds().isEmpty()) {
        console.note(
            "mapstorm: the scenario's thresholds are not checked here: mapstorm analyze does, from"
                + " the run's directory");
      }
      SubmittedFleet fleet = submit(clients, scenario, id, directory);
      console.note(
          "mapstorm: the cluster runs %s, %s for %.3f ms of virtual time"
              .formatted(
                  id, Units.things(scenario.hosts().size(), "host"), scenario.durationNs() / 1e6));
      interruption.onSignal(fleet::detach);
      try (ProgressLine line = new ProgressLine(console, System::nanoTime)) {
        FleetProgress progress = new FleetProgress(console, line, fleet, scenario);
        return fleet.follow(progress::show);
      }
    }
  }

  private void print(FleetReport report, Optional<RunDirectory> directory) {
    if (json) {
      Json.print(console, report);
      return;
    }
    FleetReportText.print(console, report);
    directory.ifPresent(made -> console.print("run       " + made.path()));
  }
}
