package dev.mapstorm.load.cli;

import dev.mapstorm.load.export.Destination;
import dev.mapstorm.load.export.ExportFormat;
import dev.mapstorm.load.export.ExportSelection;
import dev.mapstorm.load.export.formats.Export;
import dev.mapstorm.load.export.formats.ExportStoppedException;
import dev.mapstorm.load.export.timeline.TimelineKinds;
import dev.mapstorm.load.run.RecordedRun;
import dev.mapstorm.load.run.RunNames;
import dev.mapstorm.load.scenario.NearestName;
import dev.mapstorm.load.scenario.Quantity;
import dev.mapstorm.persistence.text.Units;
import dev.mapstorm.protocol.event.EventKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes a run in a format of other tools. */
@Command(
    name = "export",
    description = {
      "Writes the events of a run for other tools. The journal is read, nothing is simulated again;"
          + " docs/EXPORT.md describes every format.",
      "",
      "  perfetto  devices and CPUs as tracks, mappings as slices, flows, counters; opens in the"
          + " Perfetto UI",
      "  chrome    the same as JSON trace events",
      "  ftrace    text of the kernel's own trace events, for trace-cmd habits and mapstorm run"
          + " --trace; one host",
      "  csv       a table for each kind of event",
      "  parquet   the same as Parquet, compressed with Zstandard",
      "",
      "A file or directory appears under its name when it is complete, and not before.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mapstorm export runs/nvme-4k-1 --format perfetto --from 10ms --to 12ms",
      "  mapstorm export runs/nvme-4k-1 --format ftrace --out strict.trace.gz",
      "  mapstorm export runs/nvme-4k-1 --format parquet --kind mapped,unmapped --out tables",
      "  mapstorm export runs/nvme-4k-1 --format csv --kind lock-waited --out - | head",
    })
final class ExportCommand implements Callable<Integer> {

  private final Console console;

  @Parameters(paramLabel = "RUN", description = "A run directory.")
  private Path path;

  @Option(
      names = "--format",
      required = true,
      paramLabel = "FORMAT",
      description = "perfetto, chrome, ftrace, csv or parquet.")
  private String format;

  @Option(
      names = "--out",
      paramLabel = "FILE|DIR|-",
      description =
          "Where to; - is standard output. By default RUN.perfetto-trace, RUN.chrome.json,"
              + " RUN.ftrace, and the directories RUN-csv and RUN-parquet, here. A file whose name"
              + " ends in .gz is compressed.")
  private String out;

  @Option(names = "--force", description = "Replace what is there.")
  private boolean force;

  @Option(
      names = "--from",
      paramLabel = "TIME",
      description = "Only from this instant on, such as 1.5ms.")
  private String from;

  @Option(names = "--to", paramLabel = "TIME", description = "Only up to this instant.")
  private String to;

  @Mixin private final DeviceChoice device = new DeviceChoice();

  @Option(
      names = "--kind",
      split = ",",
      paramLabel = "KIND",
      description =
          "Only events of these kinds, such as mapped,unmapped; docs/JOURNAL.md lists them.")
  private List<String> kinds = List.of();

  @Mixin private final HostChoice host = new HostChoice();

  @Mixin private final SalvageChoice salvage = new SalvageChoice();

  @Option(names = "--json", description = "Print JSON about what was written.")
  private boolean json;

  ExportCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    ExportFormat as = format();
    Set<EventKind> chosen = kinds(as);
    long fromNs = from == null ? 0 : OptionValues.quantity("--from", from, Quantity.TIME);
    long toNs = to == null ? Long.MAX_VALUE : OptionValues.quantity("--to", to, Quantity.TIME);
    if (fromNs > toNs) {
      throw new CommandException(ExitCode.USAGE, "--from %s is after --to %s".formatted(from, to));
    }
    RecordedRun run = salvage.open(console, path);
    List<Integer> hosts = hosts(as, run);
    requireReached(run, hosts, fromNs);
    ExportSelection selection =
        new ExportSelection(hosts, fromNs, toNs, device.of(run, hosts), chosen);
    ExportTarget target = target(as, chosen);
    target.check(force);
    return write(run, as, selection, target);
  }

  /** All that is said about it is said before the process may end, should it have been told to. */
  private int write(
      RecordedRun run, ExportFormat as, ExportSelection selection, ExportTarget target) {
    AtomicBoolean stopped = new AtomicBoolean();
    try (Interruption interruption = new Interruption()) {
      interruption.onSignal(() -> stopped.set(true));
      try {
        report(run, as, exported(run, as, selection, target, stopped));
        return ExitCode.OK;
      } catch (ExportStoppedException e) {
        console.note("mapstorm: " + target.stopped());
        return ExitCode.ERROR;
      } catch (UncheckedIOException e) {
        return failed(target, e.getCause());
      } catch (IOException e) {
        return failed(target, e);
      }
    }
  }

  private Export.Result exported(
      RecordedRun run,
      ExportFormat as,
      ExportSelection selection,
      ExportTarget target,
      AtomicBoolean stopped)
      throws IOException {
    try (ProgressLine line = new ProgressLine(console, System::nanoTime);
        Destination destination = target.destination(as)) {
      return new Export(run, as, selection, note -> console.note("mapstorm: " + note))
          .to(
              destination,
              stopped::get,
              (part, events) -> line.events("exporting " + path, part, events));
    }
  }

  private int failed(ExportTarget target, IOException e) {
    if (target.isStandardOutput() && ResultStream.readerLeft(e)) {
      // Whoever reads has seen enough, as head does.
      return ExitCode.OK;
    }
    throw target.failed(e);
  }

  private ExportFormat format() {
    List<String> labels = Stream.of(ExportFormat.values()).map(ExportFormat::label).toList();
    int index = labels.indexOf(format);
    if (index < 0) {
      throw new CommandException(
          ExitCode.USAGE,
          "--format %s: must be one of %s%s"
              .formatted(format, String.join(", ", labels), NearestName.hint(format, labels)));
    }
    return ExportFormat.values()[index];
  }

  private Set<EventKind> kinds(ExportFormat as) {
    if (kinds.isEmpty()) {
      return EnumSet.allOf(EventKind.class);
    }
    if (as == ExportFormat.FTRACE) {
      throw new CommandException(
          ExitCode.USAGE,
          "--kind does not go with ftrace, a line of which tells of several kinds; leave lines out"
              + " with grep");
    }
    Set<EventKind> chosen = EnumSet.noneOf(EventKind.class);
    kinds.forEach(name -> chosen.add(OptionValues.named("--kind", name, RunNames::kind)));
    if (!as.isTables()) {
      chosen.forEach(kind -> requireEnds(chosen, kind));
    }
    return chosen;
  }

  private static void requireEnds(Set<EventKind> chosen, EventKind kind) {
    Set<EventKind> missing = TimelineKinds.missing(chosen, kind);
    if (!missing.isEmpty()) {
      throw new CommandException(
          ExitCode.USAGE,
          "--kind %s: a timeline of it needs %s as well, or it would never see the end of some of it"
              .formatted(
                  kind.label(),
                  missing.stream().map(EventKind::label).collect(Collectors.joining(", "))));
    }
  }

  /**
   * What begins behind the journal would be empty, or show what is in flight at its end as later.
   */
  private void requireReached(RecordedRun run, List<Integer> hosts, long fromNs) {
    long reachedNs = hosts.stream().mapToLong(run::reachedNs).max().orElse(0);
    if (fromNs > reachedNs) {
      throw new CommandException(
          ExitCode.USAGE,
          "--from %s: the journal of %s ends at %s".formatted(from, path, Units.time(reachedNs)));
    }
  }

  private List<Integer> hosts(ExportFormat as, RecordedRun run) {
    List<Integer> hosts = host.of(path, run.hosts());
    if (as == ExportFormat.FTRACE && hosts.size() > 1) {
      throw new CommandException(
          ExitCode.USAGE,
          "ftrace text is that of one machine, and %s has %s; name one with --host"
              .formatted(path, RunNames.hosts(hosts)));
    }
    return hosts;
  }

  private ExportTarget target(ExportFormat as, Set<EventKind> chosen) {
    if (out == null) {
      return ExportTarget.ofRun(path.toAbsolutePath().normalize().getFileName().toString(), as);
    }
    if (json && out.equals(ExportTarget.STANDARD_OUTPUT)) {
      throw new CommandException(
          ExitCode.USAGE, "--json goes to standard output, and so does --out -: choose one");
    }
    return ExportTarget.of(out, as, chosen);
  }

  private void report(RecordedRun run, ExportFormat as, Export.Result result) {
    // Of a damaged run it has been said, when it was opened.
    if (run.damage().isEmpty() && result.cutAtNs().isPresent()) {
      console.note(
          "mapstorm: %s was interrupted or is still under way: the export ends with its journal, at %s"
              .formatted(path, Units.time(result.cutAtNs().getAsLong())));
    }
    ExportReport report = ExportReport.of(as, result);
    if (json) {
      SalvageChoice.printJson(console, report, List.of(run));
    } else if (!report.files().isEmpty()) {
      SalvageChoice.print(console, List.of(run));
      console.print(report.line());
    }
  }
}
