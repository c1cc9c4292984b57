package dev.mapstorm.load.cli;

import dev.mapstorm.load.Version;
import dev.mapstorm.load.validate.BenchmarkMode;
import dev.mapstorm.load.validate.Experiments;
import dev.mapstorm.load.validate.MapBenchmark;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The kernel's dma_map_benchmark, simulated. */
@Command(
    name = "map-benchmark",
    description = {
      "Does what the kernel's dma_map_benchmark does, with its flags, and prints its lines: hold"
          + " them beside those of a machine.",
      "",
      "The kernel's figures have a pair of ktime_get in them, 20 to 40 ns; these have not. It runs"
          + " the scenario map-benchmark, which mapstorm run shows in detail.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mapstorm map-benchmark --platform kunpeng920-smmuv3 -t 10 -g 8",
      "  mapstorm map-benchmark --platform xeon-icelake-vtd --mode lazy -t 16 -g 64 -m 1"
    })
final class MapBenchmarkCommand implements Callable<Integer> {
  private static final int THREADS = 1024;
  private static final int GRANULES = 1024;
  private static final double SECONDS = 10;
  private static final long TRANSFER_NS = 10_000_000;
  private static final int FROM_DEVICE = 2;
  private static final int MIN_BITS = 20;
  private static final int MAX_BITS = 64;

  private final Console console;

  @Option(
      names = "--platform",
      paramLabel = "NAME|FILE.conf",
      defaultValue = "xeon-skylake-vtd",
      description = "The machine (default: ${DEFAULT-VALUE}).")
  private String platform;

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      defaultValue = "strict",
      description = "strict, lazy, passthrough or bounced (default: ${DEFAULT-VALUE}).")
  private String mode;

  @Option(
      names = "-t",
      paramLabel = "N",
      defaultValue = "1",
      description = "Threads, 1 to 1024, each on a CPU (default: ${DEFAULT-VALUE}).")
  private int threads;

  @Option(
      names = "-s",
      paramLabel = "SECONDS",
      defaultValue = "0.02",
      description =
          "Virtual seconds, up to 10; the simulation has no noise (default: ${DEFAULT-VALUE}).")
  private double seconds;

  @Option(
      names = "-n",
      paramLabel = "NODE",
      defaultValue = "0",
      description =
          "Node of the threads: 0, the unit's, or 1, another one (default: ${DEFAULT-VALUE}).")
  private int node;

  @Option(
      names = "-b",
      paramLabel = "BITS",
      defaultValue = "32",
      description = "Bits of the DMA mask, 20 to 64 (default: ${DEFAULT-VALUE}).")
  private int bits;

  @Option(
      names = "-d",
      paramLabel = "DIR",
      defaultValue = "1",
      description = "Direction: 1 to the device, 2 from it (default: ${DEFAULT-VALUE}).")
  private int direction;

  @Option(
      names = "-x",
      paramLabel = "NS",
      defaultValue = "0",
      description = "Time of a transfer between map and unmap, in ns (default: ${DEFAULT-VALUE}).")
  private long transferNs;

  @Option(
      names = "-g",
      paramLabel = "PAGES",
      defaultValue = "1",
      description = "Pages of a mapping, 1 to 1024 (default: ${DEFAULT-VALUE}).")
  private int granule;

  @Option(
      names = "-m",
      paramLabel = "MODE",
      defaultValue = "0",
      description =
          "0 for one range (SINGLE_MODE), 1 for a list of pages (SG_MODE) (default:"
              + " ${DEFAULT-VALUE}).")
  private int list;

  MapBenchmarkCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    within("-t", threads, 1, THREADS);
    within("-n", node, 0, 1);
    within("-b", bits, MIN_BITS, MAX_BITS);
    within("-d", direction, 1, FROM_DEVICE);
    within("-x", transferNs, 0, TRANSFER_NS);
    within("-g", granule, 1, GRANULES);
    within("-m", list, 0, 1);
    if (!(seconds > 0 && seconds <= SECONDS)) {
      throw new CommandException(
          ExitCode.USAGE, "-s %s: must be above 0, up to 10".formatted(seconds));
    }
    MapBenchmark benchmark =
        new MapBenchmark(
            platform,
            mode(),
            threads,
            seconds,
            node == 1,
            bits,
            direction != FROM_DEVICE,
            transferNs,
            granule,
            list == 1);
    Experiments experiments = new Experiments(Version.current(), () -> false);
    benchmark
        .lines(experiments.times(MapBenchmark.SCENARIO, benchmark.settings()))
        .forEach(console::print);
    return ExitCode.OK;
  }

  private BenchmarkMode mode() {
    try {
      return BenchmarkMode.of(mode);
    } catch (IllegalArgumentException e) {
      throw new CommandException(
          ExitCode.USAGE,
          "--mode %s: must be strict, lazy, passthrough or bounced".formatted(mode));
    }
  }

  private static void within(String option, long value, long min, long max) {
    if (value < min || value > max) {
      throw new CommandException(
          ExitCode.USAGE, "%s %d: must be %d to %d".formatted(option, value, min, max));
    }
  }
}
