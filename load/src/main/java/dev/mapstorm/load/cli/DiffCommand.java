package dev.mapstorm.load.cli;

import dev.mapstorm.load.compare.ComparedRuns;
import dev.mapstorm.load.compare.Comparison;
import dev.mapstorm.load.compare.ScenarioChanges;
import dev.mapstorm.load.compare.ScenarioChanges.Change;
import dev.mapstorm.load.diff.CountedBatches;
import dev.mapstorm.load.diff.Divergence;
import dev.mapstorm.load.diff.DivergenceText;
import dev.mapstorm.load.diff.JournalBatches;
import dev.mapstorm.load.diff.StreamDiff;
import dev.mapstorm.load.run.RecordedRun;
import dev.mapstorm.load.run.RunNames;
import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.StreamPosition;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Finds the first event in which two runs differ. */
@Command(
    name = "diff",
    description = {
      "Finds the first event in which the journals of two runs differ, and shows it with what both have before it and"
          + " how each continues after it.",
      "",
      "Names the keys in which the scenarios differ. Where these cut their batches in different places, the sums that"
          + " are written at each cut (lock-used) are left out. mapstorm compare shows the figures side by side.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mapstorm diff runs/nvme-4k-1 runs/nvme-4k-2",
      "  mapstorm diff runs/nvme-4k-1 runs/nvme-4k-2 --context 20 --json",
    })
final class DiffCommand implements Callable<Integer> {
  private static final int ROWS_OF_FIGURES = 10;

  private final Console console;

  @Parameters(index = "0", paramLabel = "RUN1", description = "A run directory.")
  private Path leftPath;

  @Parameters(index = "1", paramLabel = "RUN2", description = "Another one.")
  private Path rightPath;

  @Mixin private final HostChoice host = new HostChoice();

  @Option(
      names = "--context",
      paramLabel = "N",
      defaultValue = "5",
      description = "Events to show before and after the difference; by default 5.")
  private int context;

  @Mixin private final SalvageChoice salvage = new SalvageChoice();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  /**
   * The result for JSON.
   *
   * @param equal whether no event differs
   * @param scenario keys that differ
   * @param hosts those that both have
   * @param onlyLeft hosts of the first run alone
   * @param onlyRight hosts of the second run alone
   * @param figures that differ, what matters most first
   */
  record Report(
      boolean equal,
      List<Change> scenario,
      List<Found> hosts,
      List<Integer> onlyLeft,
      List<Integer> onlyRight,
      List<Comparison.Row> figures) {}

  /**
   * One host of it.
   *
   * @param events equal from the beginning
   * @param hash final hash, where both have the same; otherwise null
   * @param divergence where the runs part; null if they do not
   */
  record Found(int host, long events, String hash, Divergence divergence) {}

  DiffCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    OptionValues.atLeast(1, "--context", context);
    RecordedRun left = salvage.open(console, leftPath);
    RecordedRun right = salvage.open(console, rightPath);
    List<Integer> leftHosts = host.of(leftPath, left.hosts());
    List<Integer> rightHosts = host.of(rightPath, right.hosts());
    List<Change> changes = ScenarioChanges.of(List.of(scenario(left), scenario(right)));
    boolean sameCuts = changes.stream().noneMatch(each -> each.key().startsWith("journal.batch"));
    List<Found> found = new ArrayList<>();
    try (ProgressLine line = new ProgressLine(console, System::nanoTime)) {
      for (int number : leftHosts) {
        if (rightHosts.contains(number)) {
          found.add(find(number, left, right, sameCuts, line));
        }
      }
    }
    List<Integer> onlyLeft = leftHosts.stream().filter(each -> !rightHosts.contains(each)).toList();
    List<Integer> onlyRight =
        rightHosts.stream().filter(each -> !leftHosts.contains(each)).toList();
    boolean equal =
        onlyLeft.isEmpty()
            && onlyRight.isEmpty()
            && found.stream().allMatch(each -> each.divergence == null);
    ComparedRuns figures = equal ? null : CompareCommand.compare(console, List.of(left, right));
    if (json) {
      SalvageChoice.printJson(
          console,
          new Report(equal, changes, found, onlyLeft, onlyRight, changed(figures)),
          List.of(left, right));
    } else {
      SalvageChoice.print(console, List.of(left, right));
      ScenarioChangesText.print(console, changes, List.of(leftPath, rightPath));
      print(found, sameCuts);
      only(leftPath, onlyLeft);
      only(rightPath, onlyRight);
      print(figures);
    }
    return equal ? ExitCode.OK : ExitCode.ERROR;
  }

  private static List<Comparison.Row> changed(ComparedRuns figures) {
    return figures == null
        ? List.of()
        : figures.figures().stream().filter(Comparison.Row::isChanged).toList();
  }

  private static String scenario(RecordedRun run) {
    return run.opened(run.hosts().get(0)).scenario();
  }

  private Found find(
      int number, RecordedRun left, RecordedRun right, boolean sameCuts, ProgressLine line) {
    double last = left.journal().lastBatch(number).map(EventBatch::index).orElse(0L) + 1;
    try (JournalBatches ours = new JournalBatches(left.journal(), number, StreamPosition.START);
        JournalBatches theirs = new JournalBatches(right.journal(), number, StreamPosition.START)) {
      CountedBatches counted = new CountedBatches(ours, batches -> {});
      StreamDiff diff = new StreamDiff(number, counted, theirs, context, 0, sameCuts);
      Optional<Divergence> divergence =
          diff.find(
              events -> line.events("comparing host " + number, counted.batches() / last, events));
      return new Found(
          number, diff.events(), commonHash(number, left, right), divergence.orElse(null));
    }
  }

  private static String commonHash(int number, RecordedRun left, RecordedRun right) {
    byte[] ours = left.journal().lastBatch(number).map(EventBatch::hash).orElse(null);
    byte[] theirs = right.journal().lastBatch(number).map(EventBatch::hash).orElse(null);
    return ours != null && Arrays.equals(ours, theirs) ? HexFormat.of().formatHex(ours) : null;
  }

  private void print(List<Found> found, boolean sameCuts) {
    if (!sameCuts) {
      console.print(
          "the batches were cut in different places: lock-used, written at each cut, is left out");
    }
    found.forEach(this::print);
  }

  private void print(ComparedRuns figures) {
    if (figures != null) {
      console.print("%nWhat differs most in figures (mapstorm compare has all):".formatted());
      console.text(figures.text(ROWS_OF_FIGURES));
    }
  }

  private void print(Found found) {
    String of = "host %d: ".formatted(found.host);
    if (found.divergence == null) {
      String hash = found.hash == null ? "" : ", hash " + found.hash;
      console.print("%sequal: %d events%s".formatted(of, found.events, hash));
    } else {
      String text = DivergenceText.of(found.divergence, leftPath.toString(), rightPath.toString());
      console.print(of + text.stripTrailing());
    }
  }

  private void only(Path run, List<Integer> hosts) {
    if (!hosts.isEmpty()) {
      console.print("only %s has %s".formatted(run, RunNames.hosts(hosts)));
    }
  }
}
