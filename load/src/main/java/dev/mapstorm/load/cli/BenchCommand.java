package dev.mapstorm.load.cli;

import dev.mapstorm.load.bench.BenchResult;
import dev.mapstorm.load.bench.ClusterBench;
import dev.mapstorm.load.bench.CodecBench;
import dev.mapstorm.load.bench.FoldBench;
import dev.mapstorm.load.bench.IovaBench;
import dev.mapstorm.load.bench.MemoryBench;
import dev.mapstorm.load.bench.RecoveryBench;
import dev.mapstorm.load.bench.SimulationBench;
import dev.mapstorm.load.bench.TraceBench;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Measures the program against its baselines. */
@Command(
    name = "bench",
    description = {
      "Measures the program beside its baselines, both in this run, and prints the ratios.",
      "",
      "A ratio of 1 is as good as the baseline, more is better. Machines differ and are noisy:"
          + " compare ratios. Ends with 99 if a ratio is below what is expected.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mapstorm bench",
      "  mapstorm bench lane journal --rounds 5",
      "  mapstorm bench iova --json",
    })
final class BenchCommand implements Callable<Integer> {
  private static final int IOVA_REPLAYS = 200;
  private static final long RECOVERED_EVENTS = 100_000_000;

  /** What can be measured. */
  enum Bench {
    /** Lane against bare loop. */
    lane,
    /** Journal on against off. */
    journal,
    /** The journal's codec against Kryo records. */
    codec,
    /** Reading and folding the journal against decoding it. */
    fold,
    /** The IOVA allocator. */
    iova,
    /** Reading a kernel trace and matching it, against its lines alone. */
    trace,
    /** Checkpoints on against off. */
    checkpoints,
    /** 256 clients, 10 million requests. */
    memory,
    /** A run of 100 million events, interrupted. */
    recovery,
    /** Two nodes of a cluster against one. */
    cluster
  }

  private final Console console;

  @Parameters(
      arity = "0..*",
      paramLabel = "BENCH",
      description =
          "What to measure: ${COMPLETION-CANDIDATES}. Without any: all but memory, recovery and"
              + " cluster, which take minutes.")
  private List<Bench> benches = List.of();

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "Rounds that count, after one that does not (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      defaultValue = "500ms",
      description = "Virtual time of a simulated round (default: ${DEFAULT-VALUE}).")
  private String duration;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  BenchCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    OptionValues.atLeast(1, "--rounds", rounds);
    Set<Bench> chosen =
        benches.isEmpty()
            ? EnumSet.complementOf(EnumSet.of(Bench.memory, Bench.recovery, Bench.cluster))
            : EnumSet.copyOf(benches);
    SimulationBench simulation = new SimulationBench(duration, rounds, console::note);
    List<BenchResult> results = new ArrayList<>();
    boolean met = true;
    for (Bench bench : chosen) {
      switch (bench) {
        case lane -> results.add(simulation.lane());
        case journal -> results.add(simulation.journal());
        case codec -> results.addAll(new CodecBench(rounds, console::note).run());
        case fold -> results.add(new FoldBench(duration, rounds, console::note).run());
        case iova -> results.addAll(iova());
        case trace -> results.addAll(new TraceBench(rounds, console::note).run());
        case checkpoints -> results.add(simulation.checkpoints());
        case recovery -> results.add(new RecoveryBench(RECOVERED_EVENTS, console::note).run());
        case cluster -> results.add(new ClusterBench(console::note).run());
        case memory -> results.add(new MemoryBench(console::note).run());
      }
      met &= results.stream().allMatch(BenchResult::met);
      if (!json) {
        results.forEach(this::show);
        results.clear();
      }
    }
    if (json) {
      Json.print(console, results);
    }
    return met ? ExitCode.OK : ExitCode.THRESHOLD;
  }

  private List<BenchResult> iova() {
    console.note("IOVA allocator over recorded operations");
    return IovaBench.run(rounds, IOVA_REPLAYS).stream()
        .map(
            timing ->
                new BenchResult(
                    "IOVA allocator, " + timing.profile(),
                    "ns/operation",
                    timing.nanosPerOperation(),
                    "a tree without caches",
                    timing.plainNanosPerOperation(),
                    timing.plainNanosPerOperation() / timing.nanosPerOperation(),
                    1.0,
                    "%.1f ns of it are the loop around it"
                        .formatted(timing.bareNanosPerOperation())))
        .toList();
  }

  private void show(BenchResult result) {
    console.print(
        "%-44s %14s %-14s ratio %.2f%s"
            .formatted(
                result.name(),
                figure(result.value()),
                result.unit(),
                result.ratio(),
                result.expected() == 0
                    ? ""
                    : " (expected %.2f or more%s)"
                        .formatted(result.expected(), result.met() ? "" : ": MISSED")));
    console.print(
        "%-44s %14s %-14s"
            .formatted("  " + result.baseline(), figure(result.baselineValue()), result.unit()));
    if (!result.note().isEmpty()) {
      console.print("  " + result.note());
    }
  }

  private static String figure(double value) {
    return value >= 1000 ? "%,.0f".formatted(value) : "%.1f".formatted(value);
  }
}
