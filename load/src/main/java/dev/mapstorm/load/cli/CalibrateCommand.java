package dev.mapstorm.load.cli;

import dev.mapstorm.load.Version;
import dev.mapstorm.load.calibrate.BenchmarkCell;
import dev.mapstorm.load.calibrate.CalibratedFigure;
import dev.mapstorm.load.calibrate.Calibration;
import dev.mapstorm.load.calibrate.CalibrationException;
import dev.mapstorm.load.calibrate.MeasuredFile;
import dev.mapstorm.load.calibrate.Measurements;
import dev.mapstorm.load.validate.Experiments;
import dev.mapstorm.persistence.store.FileErrors;
import dev.mapstorm.persistence.store.Resources;
import dev.mapstorm.persistence.text.TextTable;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a profile of a machine out of what was measured on it. */
@Command(
    name = "calibrate",
    description = {
      "Makes a platform profile of your machine out of what standard tools measured there.",
      "",
      "Read are dma_map_benchmark, function_graph, histograms of bpftrace and funclatency, VT-d's"
          + " dmar_perf_latency, counters of units (perf stat -x,), results of fio, and traces of"
          + " mapstorm capture, in any number of files; --print shows the script that measures"
          + " them. Each figure is told with its interval and what shows it. What nothing shows is"
          + " kept from the nearest profile. Files that contradict each other are refused.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mapstorm calibrate --print > measure.sh",
      "  mapstorm calibrate dmb.txt --out mine.conf",
      "  mapstorm run nvme-4k --set platform=mine.conf"
    })
final class CalibrateCommand implements Callable<Integer> {
  private static final String SCRIPT = "measure.sh";

  /** Profiles that may be the nearest. */
  private static final List<String> CANDIDATES =
      List.of(
          "xeon-skylake-vtd",
          "xeon-icelake-vtd",
          "epyc-amdvi",
          "kunpeng920-smmuv3",
          "grace-smmuv3",
          "virtio-iommu-guest",
          "swiotlb-guest",
          "power-tce",
          "arm32-iommu");

  /** How far a profile may be off its own measurements: a quarter. */
  private static final double WORST = Math.log(1.25);

  /** About which part of the time goes to finding the nearest profile. */
  private static final double PART_OF_NEAREST = 0.6;

  private final Console console;

  /** How much is done, 0 to 1. */
  private double part;

  @Parameters(
      arity = "0..*",
      paramLabel = "FILE",
      description =
          "Output of the script or of the tools; before runs of dma_map_benchmark and fio a line"
              + " \"# mode strict\", lazy, passthrough or bounced.")
  private List<Path> files = List.of();

  @Option(
      names = "--base",
      paramLabel = "NAME|FILE.conf",
      description =
          "The profile that keeps what is not measured; by default the one that is nearest.")
  private String base;

  @Option(
      names = "--out",
      paramLabel = "FILE.conf",
      description = "Write the profile to a new file.")
  private Path out;

  @Option(names = "--print", description = "Print the script that measures, and nothing else.")
  private boolean print;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  CalibrateCommand(Console console) {
    this.console = console;
  }

  /**
   * What was found.
   *
   * @param base profile that keeps the rest
   * @param machine what the files say of it; null if nothing
   * @param figures that were identified
   * @param compared what else was measured, beside the simulation
   * @param off how far the profile is off the runs it was made from, 0.1 being a tenth
   * @param offThreads the same of runs with more threads; null if there are none
   */
  record Found(
      String base,
      String machine,
      Collection<CalibratedFigure> figures,
      List<String> compared,
      Double off,
      Double offThreads) {}

  @Override
  public Integer call() {
    if (print) {
      console.text(Resources.text(Calibration.class, SCRIPT));
      return ExitCode.OK;
    }
    if (files.isEmpty()) {
      throw new CommandException(
          ExitCode.USAGE,
          "name the file of measurements; mapstorm calibrate --print shows how to make it");
    }
    try {
      return calibrate();
    } catch (CalibrationException e) {
      throw new CommandException(ExitCode.ERROR, e.getMessage());
    }
  }

  private int calibrate() {
    Measurements measured = Measurements.read(texts());
    AtomicBoolean stopped = new AtomicBoolean();
    try (Interruption interruption = new Interruption();
        ProgressLine progress = new ProgressLine(console, System::nanoTime)) {
      interruption.onSignal(() -> stopped.set(true));
      return calibrate(
          measured,
          new Experiments(
              Version.current(),
              () -> {
                progress.update("simulating the measurements", part);
                return stopped.get();
              }));
    } catch (CancellationException e) {
      console.note("mapstorm: stopped; nothing is fitted");
      return ExitCode.OK;
    }
  }

  private int calibrate(Measurements measured, Experiments experiments) {
    List<BenchmarkCell> cells = measured.cells();
    String nearest = base == null ? nearest(cells, experiments) : base;
    Calibration calibration = new Calibration(cells, measured.findings(), nearest, experiments);
    Collection<CalibratedFigure> figures = calibration.fit().values();
    double off = cells.isEmpty() ? 0 : calibration.misfit();
    if (off > WORST) {
      throw new CalibrationException(
          "the best profile is off its own measurements by %.0f %% in the mean: are they of one machine, and an idle one?"
              .formatted(percent(off)));
    }
    Found found =
        new Found(
            nearest,
            measured.machine().orElse(null),
            figures,
            calibration.compared(),
            cells.isEmpty() ? null : (Double) Math.expm1(off),
            cells.stream().anyMatch(cell -> cell.threads() > 1)
                ? (Double) Math.expm1(calibration.misfitOfThreads())
                : null);
    if (out != null) {
      write(calibration.text(out.getFileName().toString().replace(".conf", ""), names()));
    }
    if (json) {
      Json.print(console, found);
    } else {
      show(found);
    }
    return ExitCode.OK;
  }

  private void show(Found found) {
    if (found.machine() != null) {
      console.print("measured on " + found.machine());
    }
    TextTable table = new TextTable("figure", ">ns", ">least", ">most", "from");
    for (CalibratedFigure each : found.figures()) {
      table.row(
          each.key(), amount(each.value()), amount(each.low()), amount(each.high()), each.from());
    }
    console.text(table.toString());
    console.print("  not identified: all other figures, kept from %s".formatted(found.base()));
    found.compared().forEach(line -> console.print("  compared: " + line));
    if (found.off() != null) {
      showOff(found);
    }
    if (out != null) {
      console.print("  written to %s: --set platform=%s".formatted(out, out));
    }
  }

  private void showOff(Found found) {
    console.print(
        "  off by %.0f %% in the mean of the runs it was made from%s"
            .formatted(
                100 * found.off(),
                found.offThreads() == null
                    ? ""
                    : ", by %.0f %% in those with more threads"
                        .formatted(100 * found.offThreads())));
  }

  private static String amount(double value) {
    return value >= 100 ? "%.0f".formatted(value) : "%.2f".formatted(value);
  }

  private static double percent(double off) {
    return 100 * Math.expm1(off);
  }

  private String nearest(List<BenchmarkCell> cells, Experiments experiments) {
    if (cells.isEmpty()) {
      throw new CommandException(
          ExitCode.USAGE,
          "--base NAME is needed: without runs of dma_map_benchmark nothing shows which profile is"
              + " the nearest; mapstorm platforms lists them");
    }
    String nearest = null;
    double least = Double.MAX_VALUE;
    for (String each : CANDIDATES) {
      part += PART_OF_NEAREST / CANDIDATES.size();
      double misfit = new Calibration(cells, each, experiments).misfit();
      if (misfit < least) {
        least = misfit;
        nearest = each;
      }
    }
    if (nearest == null) {
      throw new CalibrationException(
          "too little to fit: there are no runs of one thread, lazy or strict");
    }
    return nearest;
  }

  private String names() {
    List<String> names = new ArrayList<>();
    files.forEach(file -> names.add(file.getFileName().toString()));
    return String.join(", ", names);
  }

  private List<MeasuredFile> texts() {
    List<MeasuredFile> all = new ArrayList<>();
    for (Path file : files) {
      try {
        all.add(new MeasuredFile(file.getFileName().toString(), Files.readAllLines(file)));
      } catch (MalformedInputException e) {
        throw new CommandException(ExitCode.ERROR, "%s: is no text".formatted(file));
      } catch (IOException e) {
        throw new CommandException(ExitCode.ERROR, "%s: %s".formatted(file, FileErrors.reason(e)));
      }
    }
    return all;
  }

  private void write(String text) {
    try {
      Files.writeString(out, text, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new CommandException(ExitCode.ERROR, "%s: %s".formatted(out, FileErrors.reason(e)));
    }
  }
}
