package dev.mapstorm.load.cli;

import dev.mapstorm.load.Version;
import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.load.scenario.Threshold;
import dev.mapstorm.load.sweep.Sweep;
import dev.mapstorm.load.sweep.SweepDirectory;
import dev.mapstorm.load.sweep.SweepPlan;
import dev.mapstorm.load.sweep.SweepResult;
import dev.mapstorm.load.sweep.SweepText;
import dev.mapstorm.load.sweep.Variation;
import dev.mapstorm.load.threshold.Measured;
import dev.mapstorm.load.threshold.Verdicts;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs variants of a scenario side by side. */
@Command(
    name = "sweep",
    description = {
      "Runs every combination of the values that keys of a scenario are given, each with several"
          + " seeds, and shows the figures side by side: the mean over the seeds, and within how"
          + " many percent of it the mean of all seeds lies in 95 of 100 cases.",
      "",
      "Nothing is journaled: a variant's figures are kept, and mapstorm run with the same --set and"
          + " --seed gives them again. Ctrl-C and a kill lose only what was under way; --resume"
          + " continues.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mapstorm sweep nvme-batch --vary batch.vectors=1..256 --seeds 5",
      "  mapstorm sweep nvme-4k --vary iommu.mode=strict,lazy --vary clients=1,2,4,8 --duration"
          + " 20ms",
      "  mapstorm sweep --trace nvme.trace.gz --vary iommu.iova.magazine-size=16..512 --csv",
      "  mapstorm sweep --resume sweeps/nvme-batch-1",
    })
final class SweepCommand implements Callable<Integer> {
  private static final int SEEDS_MAX = 1000;

  private final Console console;

  @Mixin private final ScenarioSource source = new ScenarioSource();

  @Option(
      names = "--vary",
      paramLabel = "KEY=VALUES",
      description =
          "A key and its values: a,b,c or FIRST..LAST, which doubles; FIRST..LAST+STEP adds,"
              + " FIRST..LAST*FACTOR multiplies. May be repeated: all combinations run.")
  private List<String> vary = List.of();

  @Mixin private final ScenarioOverrides overrides = new ScenarioOverrides();

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description = "Runs of each variant, with seeds that follow each other (default: 3).")
  private Integer seeds;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "The first seed; by default that of the scenario.")
  private Long seed;

  @Option(
      names = "--lanes",
      paramLabel = "N",
      description = "Runs at a time; by default one for each processor.")
  private Integer lanes;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where it is kept; by default sweeps/SCENARIO-N.")
  private Path out;

  @Option(
      names = "--resume",
      paramLabel = "DIR",
      description = "Continue a sweep that was stopped or killed.")
  private Path resumed;

  @Option(
      names = "--figure",
      paramLabel = "NAME",
      description =
          "A figure to show, such as \"latency p99\"; may be repeated. By default what a run is"
              + " for.")
  private List<String> figures = List.of();

  @Mixin private final ThresholdChoice thresholds = new ThresholdChoice();

  @ArgGroup private final Form form = new Form();

  /** How the result is printed. */
  private static final class Form {
    @Option(names = "--json", description = "Print JSON: all figures, for each seed.")
    private boolean json;

    @Option(names = "--csv", description = "Print a line a run with all figures, in base units.")
    private boolean csv;

    @Option(names = "--jmh", description = "Print JSON as JMH writes its results.")
    private boolean jmh;
  }

  SweepCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (lanes != null) {
      OptionValues.lanes(lanes);
    }
    thresholds.check(List.of());
    try (SweepDirectory directory = resumed == null ? begun() : continued()) {
      List<Threshold> wanted = thresholds.with(directory.plan().load(0).thresholds(), false);
      SweepResult result = run(directory);
      Verdicts verdicts = verdicts(wanted, result);
      thresholds.write(directory.path().getFileName().toString(), verdicts);
      print(result, verdicts);
      if (!result.complete()) {
        console.note(
            "mapstorm: stopped before the end; mapstorm sweep --resume %s continues"
                .formatted(directory.path()));
      }
      return ThresholdChoice.exitCode(verdicts);
    }
  }

  private SweepDirectory begun() {
    source.check("sweep");
    List<Variation> variations = variations();
    int each = seeds == null ? 3 : seeds;
    OptionValues.within(1, SEEDS_MAX, "--seeds", each);
    Scenario base = base();
    SweepPlan plan =
        new SweepPlan(
            Version.current(),
            source.scenario(),
            source.trace() == null ? null : source.trace().toString(),
            overrides.settings(),
            variations,
            seed == null ? base.seed() : seed,
            each);
    try (ProgressLine line = new ProgressLine(console, System::nanoTime)) {
      Sweep.check(
          plan,
          checked ->
              line.update(
                  "checked %d of %d variants".formatted(checked, plan.variants()),
                  (double) checked / plan.variants()));
    }
    Path path = out != null ? out : RunDirectories.next(Path.of("sweeps"), base.name());
    console.note(
        "mapstorm: %d variants with %d seeds each, kept in %s"
            .formatted(plan.variants(), plan.seeds(), path));
    return SweepDirectory.create(path, plan);
  }

  private SweepDirectory continued() {
    boolean more =
        !source.isEmpty()
            || !vary.isEmpty()
            || !overrides.isEmpty()
            || seeds != null
            || seed != null
            || out != null;
    if (more) {
      throw new CommandException(
          ExitCode.USAGE,
          "--resume %s continues what was begun there: give nothing else of what to run"
              .formatted(resumed));
    }
    SweepDirectory directory = SweepDirectory.open(resumed);
    String version = directory.plan().version();
    if (!version.equals(Version.current())) {
      directory.close();
      throw new CommandException(
          ExitCode.ERROR,
          "%s was begun by mapstorm %s, this is %s: the models may differ; begin a new sweep"
              .formatted(resumed, version, Version.current()));
    }
    return directory;
  }

  private List<Variation> variations() {
    if (vary.isEmpty()) {
      throw new CommandException(
          ExitCode.USAGE,
          "vary what? Name a key and its values, such as --vary batch.vectors=1..256");
    }
    List<Variation> variations =
        vary.stream()
            .map(text -> OptionValues.named("--vary", text, SweepCommand::variation))
            .toList();
    if (variations.stream().anyMatch(each -> each.key().equals("seed"))) {
      throw new CommandException(
          ExitCode.USAGE, "--vary seed: every variant has its seeds, see --seed and --seeds");
    }
    return variations;
  }

  /** Reads a variation; messages begin with its text. */
  static Variation variation(String text) {
    try {
      return Variation.parse(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(text + ": " + e.getMessage(), e);
    }
  }

  /** The scenario before anything is varied, for its name and its seed. */
  private Scenario base() {
    return source.load(overrides.loader());
  }

  private SweepResult run(SweepDirectory directory) throws InterruptedException {
    Sweep sweep = new Sweep(directory);
    int threads = lanes != null ? lanes : Runtime.getRuntime().availableProcessors();
    int runs = directory.plan().runs();
    int before = sweep.ended();
    try (Interruption interruption = new Interruption();
        ProgressLine line = new ProgressLine(console, System::nanoTime)) {
      interruption.onSignal(sweep::stop);
      sweep.checkKept();
      return sweep.run(
          Math.min(threads, runs),
          ended ->
              line.update(
                  "%d of %d runs  %.2f runs/s"
                      .formatted(
                          ended, runs, (ended - before) * 1e9 / Math.max(1, line.elapsedNs())),
                  (double) ended / runs));
    }
  }

  /** The mean of each variant over its seeds has to keep the limits. */
  private static Verdicts verdicts(List<Threshold> wanted, SweepResult result) {
    Verdicts verdicts = Verdicts.NONE;
    for (SweepResult.Variant variant : result.variants()) {
      String of =
          variant.settings().entrySet().stream()
              .map(each -> each.getKey() + "=" + each.getValue())
              .collect(Collectors.joining(" "));
      List<Measured> figures =
          variant.figures().stream()
              .map(each -> new Measured(each.figure(), each.unit(), each.estimate().mean(), null))
              .toList();
      verdicts = verdicts.and(Verdicts.of(wanted, of, figures, false));
    }
    return verdicts;
  }

  private void print(SweepResult result, Verdicts verdicts) {
    if (form.json) {
      Json.print(console, Map.of(ThresholdChoice.FIELD, verdicts.all()), result);
    } else if (form.csv) {
      console.text(SweepText.csv(result));
    } else if (form.jmh) {
      Json.print(console, SweepText.jmh(result));
    } else if (!result.variants().isEmpty()) {
      ThresholdChoice.print(console, verdicts);
      console.text(SweepText.table(result, shown(result)));
    }
  }

  private List<String> shown(SweepResult result) {
    if (figures.isEmpty()) {
      return SweepText.outcomes(result);
    }
    List<String> all = SweepText.names(result);
    for (String figure : figures) {
      if (!all.contains(figure)) {
        throw new CommandException(
            ExitCode.USAGE,
            "--figure %s: no variant has it; there are: %s"
                .formatted(figure, String.join(", ", all)));
      }
    }
    return figures;
  }
}
