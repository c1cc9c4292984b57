package dev.mapstorm.load.cli;

import dev.mapstorm.load.Version;
import dev.mapstorm.load.cluster.ClusterDemo;
import dev.mapstorm.load.cluster.ClusterDemo.Kill;
import dev.mapstorm.load.cluster.DemoDatabase;
import dev.mapstorm.load.cluster.FleetReport;
import dev.mapstorm.load.cluster.LocalCluster;
import dev.mapstorm.load.run.RunReport;
import dev.mapstorm.load.scenario.Quantity;
import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.load.scenario.ScenarioLoader;
import dev.mapstorm.persistence.store.PostgresSchema;
import dev.mapstorm.persistence.store.RunDirectory;
import dev.mapstorm.persistence.store.RunLock;
import dev.mapstorm.persistence.text.Units;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows a cluster at work on this machine. */
@Command(
    name = "demo",
    description = {
      "Shows a cluster at work on this machine, and that it ends with the same bits.",
      "",
      "Starts a database and the nodes, each a separate process, hands them a fleet, kills nodes when asked (SIGKILL),"
          + " starts them again after a while, and reports. Then it runs the same fleet on one node without a cluster,"
          + " and compares the hashes. Exits with 1 if they differ. Without --duration it simulates 300 ms.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mapstorm cluster demo",
      "  mapstorm cluster demo --nodes 3 --hosts 24 --kill 8s",
      "  mapstorm cluster demo --kill 6s:coordinator --kill 20s:2 --json",
    })
final class ClusterDemoCommand implements Callable<Integer> {
  private static final Pattern KILL = Pattern.compile("([^:]+)(?::(coordinator|\\d{1,3}))?");
  private static final int NODES_AT_MOST = 16;

  /** Long enough to see a node die and come back. */
  private static final String DURATION = "300ms";

  private final Console console;

  @Mixin private final ScenarioOverrides overrides = new ScenarioOverrides();
  @Mixin private final SeedChoice seed = new SeedChoice();

  @Option(
      names = "--nodes",
      paramLabel = "N",
      defaultValue = "3",
      description = "Nodes, by default ${DEFAULT-VALUE}.")
  private int nodes;

  @Option(
      names = "--hosts",
      paramLabel = "N",
      defaultValue = "24",
      description = "Hosts of the fleet, by default ${DEFAULT-VALUE}.")
  private int hosts;

  @Option(
      names = "--kill",
      paramLabel = "T[:NODE]",
      description =
          "Kill a node so long after the fleet began: a number, coordinator for whichever node has it, by default the"
              + " last node. May be repeated.")
  private List<String> kills = List.of();

  @Option(
      names = "--restart-after",
      paramLabel = "T",
      defaultValue = "15s",
      description = "Start a node again so long after it ended, by default ${DEFAULT-VALUE}.")
  private String restartAfter;

  @Option(
      names = "--scenario",
      paramLabel = "SCENARIO|FILE.conf",
      defaultValue = "fleet",
      description = "What the hosts do, by default ${DEFAULT-VALUE}.")
  private String scenarioName;

  @Option(
      names = "--node-memory",
      paramLabel = "SIZE",
      defaultValue = "512m",
      description = "Heap of each node, as Java's -Xmx takes it, by default ${DEFAULT-VALUE}.")
  private String nodeMemory;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Directory for database, logs and reports; by default runs/demo-N.")
  private Path out;

  @Option(names = "--json", description = "Print the report as JSON.")
  private boolean json;

  ClusterDemoCommand(Console console) {
    this.console = console;
  }

  /**
   * What the demonstration showed.
   *
   * @param kills nodes that were killed
   * @param cluster how the fleet ended there
   * @param single hash of the same fleet on one node without a cluster
   * @param equal whether the hashes are
   */
  private record Shown(int nodes, int kills, FleetReport cluster, String single, boolean equal) {
    Shown against(String hash) {
      return new Shown(nodes, kills, cluster, hash, cluster.hash().equals(hash));
    }
  }

  @Override
  public Integer call() throws InterruptedException, IOException {
    OptionValues.atLeast(1, "--nodes", nodes);
    if (nodes > NODES_AT_MOST) {
      throw new CommandException(
          ExitCode.USAGE, "--nodes %d: at most %d".formatted(nodes, NODES_AT_MOST));
    }
    if (!nodeMemory.matches("[1-9]\\d*[kKmMgG]?")) {
      throw new CommandException(
          ExitCode.USAGE, "--node-memory %s: must be a size such as 512m".formatted(nodeMemory));
    }
    List<Kill> plan = plan();
    long restartNs = OptionValues.quantity("--restart-after", restartAfter, Quantity.TIME);
    Scenario scenario = scenario();
    scenario.notes().forEach(note -> console.note("mapstorm: " + note));
    if (out != null && Files.exists(out)) {
      throw new CommandException(ExitCode.ERROR, "%s exists already".formatted(out));
    }
    Path directory = Files.createDirectories(out != null ? out : RunDirectories.next("demo"));
    Optional<Shown> shown = cluster(scenario, plan, restartNs, directory.toAbsolutePath());
    if (shown.isEmpty()) {
      console.note("mapstorm: stopped; what there is of it is in %s".formatted(directory));
      return ExitCode.ERROR;
    }
    console.note("mapstorm: the same fleet on one node, without a cluster");
    RunReport single = single(scenario, directory.resolve("single"));
    if (shown.get().kills() < plan.size()) {
      console.note(
          "mapstorm: the fleet ended before the time of %d of %d kills"
              .formatted(plan.size() - shown.get().kills(), plan.size()));
    }
    return show(shown.get().against(single.journal().hash()), directory);
  }

  private Integer show(Shown shown, Path directory) throws IOException {
    Files.writeString(directory.resolve("demo.json"), Json.text(shown) + "\n");
    if (json) {
      Json.print(console, shown);
    } else {
      FleetReportText.print(console, shown.cluster());
      console.print("one node  " + shown.single());
      console.print(
          shown.equal()
              ? "equal: %s with %d killed, and one node without, end with the same bits"
                  .formatted(Units.things(shown.nodes(), "node"), shown.kills())
              : "DIFFERENT: the cluster and one node do not end with the same bits");
    }
    return shown.equal() ? ExitCode.OK : ExitCode.ERROR;
  }

  private List<Kill> plan() {
    List<Kill> plan = new ArrayList<>();
    for (String text : kills) {
      Matcher kill = KILL.matcher(text);
      if (!kill.matches()) {
        throw new CommandException(
            ExitCode.USAGE, "--kill %s: must be T or T:NODE, such as 8s or 8s:2".formatted(text));
      }
      long at = OptionValues.quantity("--kill", kill.group(1), Quantity.TIME);
      String named = kill.group(2);
      int node = named == null ? nodes : named.equals("coordinator") ? 0 : Integer.parseInt(named);
      if (node > nodes || (named != null && named.equals("0"))) {
        throw new CommandException(
            ExitCode.USAGE, "--kill %s: the nodes are 1 to %d".formatted(text, nodes));
      }
      plan.add(new Kill(at, node));
    }
    plan.sort(Comparator.comparingLong(Kill::atNs));
    return plan;
  }

  private Scenario scenario() {
    ScenarioLoader loader = new ScenarioLoader(Version.current());
    loader.set("--hosts", "hosts", Integer.toString(hosts));
    loader.set("--duration", "duration", DURATION);
    overrides.over(loader);
    seed.set(loader);
    return loader.loadForCluster(scenarioName);
  }

  private Optional<Shown> cluster(
      Scenario scenario, List<Kill> plan, long restartNs, Path directory)
      throws InterruptedException, IOException {
    console.note(
        "mapstorm: a database and %s are started in %s"
            .formatted(Units.things(nodes, "node"), directory));
    try (DemoDatabase database = DemoDatabase.start(directory.resolve("database"), 0)) {
      new PostgresSchema(database.address()).create();
      LocalCluster.Settings settings =
          new LocalCluster.Settings(
              directory,
              database.address(),
              database.credentials(),
              List.of("-Xmx" + nodeMemory, "-XX:+UseSerialGC"),
              List.of("--lanes", "1"));
      try (LocalCluster cluster = new LocalCluster(nodes, settings);
          Interruption interruption = new Interruption()) {
        DemoView view = new DemoView(console, cluster);
        ClusterDemo demo = new ClusterDemo(cluster, plan, restartNs, view);
        interruption.onSignal(demo::stop);
        if (!demo.begin()) {
          return Optional.empty();
        }
        view.hears(
            "%s joined; see %s"
                .formatted(nodes == 1 ? "1 node has" : nodes + " nodes have", cluster.page(1)));
        Optional<FleetReport> report = demo.run(scenario);
        view.end();
        demo.end();
        return report.map(fleet -> new Shown(nodes, demo.killed(), fleet, "", false));
      }
    }
  }

  private RunReport single(Scenario scenario, Path path) throws InterruptedException {
    RunDirectory directory = RunDirectory.create(path, scenario.text());
    RunLock lock = directory.lock();
    try (lock;
        Interruption interruption = new Interruption()) {
      return new LiveRun(console, scenario, scenario.name(), directory, 1).run(interruption);
    }
  }
}
