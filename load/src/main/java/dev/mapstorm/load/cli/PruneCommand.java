package dev.mapstorm.load.cli;

import dev.mapstorm.load.runs.ListedRun;
import dev.mapstorm.load.runs.Pruning;
import dev.mapstorm.load.scenario.Quantity;
import dev.mapstorm.persistence.store.RunDirectory;
import dev.mapstorm.persistence.store.RunLock;
import dev.mapstorm.persistence.store.StoreException;
import dev.mapstorm.persistence.text.Units;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Removes old runs. */
@Command(
    name = "prune",
    description = {
      "Removes runs, the oldest first, after asking. Of a run's directory only the run's own files are removed, and the"
          + " directory if nothing else is in it. Runs that are running or damaged are left alone, and those of"
          + " clusters unless their database was asked (--connect) and answers. What these have in it stays there;"
          + " mapstorm db prune removes that.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mapstorm prune --older-than 7d",
      "  mapstorm prune --keep 10 --dry-run",
      "  mapstorm prune /data/runs --max-size 10g --yes",
    })
final class PruneCommand implements Callable<Integer> {
  private final Console console;

  @Parameters(
      arity = "0..1",
      paramLabel = "DIR",
      description = "Where to look; by default runs, where mapstorm run puts them.")
  private Path directory;

  @ArgGroup(multiplicity = "1")
  private Which which;

  @Mixin private final DatabaseQuestion question = new DatabaseQuestion();

  @Option(names = "--yes", description = "Do not ask.")
  private boolean yes;

  @Option(names = "--dry-run", description = "Only say what would go.")
  private boolean dryRun;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  /** Which runs go. */
  static final class Which {
    @Option(
        names = "--older-than",
        paramLabel = "AGE",
        description = "Runs that began longer ago, such as 12h, 7d or 2w.")
    private String age;

    @Option(names = "--keep", paramLabel = "N", description = "All but the N newest.")
    private Integer keep;

    @Option(
        names = "--max-size",
        paramLabel = "SIZE",
        description = "The oldest, until the rest takes no more than this, such as 500m or 10g.")
    private String size;
  }

  /**
   * The result for JSON.
   *
   * @param removed whether they were removed, or only would be
   * @param bytes of them
   * @param kept runs that are left
   * @param failed why some could not be removed
   */
  record Report(
      boolean removed, List<RunsCommand.RunJson> runs, long bytes, int kept, List<String> failed) {}

  PruneCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    Pruning rule = rule();
    List<ListedRun> all = RunsCommand.find(directory, question);
    List<ListedRun> go = Pruning.of(all, rule);
    long bytes = go.stream().mapToLong(ListedRun::bytes).sum();
    if (!json) {
      show(all, go, bytes);
    }
    boolean remove = !dryRun && !go.isEmpty() && mayRemove(go.size(), bytes);
    List<String> failed = new ArrayList<>();
    if (remove) {
      go.forEach(run -> remove(run, failed));
    }
    if (json) {
      List<RunsCommand.RunJson> runs = go.stream().map(RunsCommand.RunJson::of).toList();
      Json.print(console, new Report(remove, runs, bytes, all.size() - go.size(), failed));
    } else if (remove) {
      console.print("removed " + Units.things(go.size() - failed.size(), "run"));
      if (go.stream().anyMatch(run -> !run.database().isEmpty())) {
        console.print("their rows are still in the database; mapstorm db prune removes them");
      }
    }
    failed.forEach(each -> console.note("mapstorm: " + each));
    return failed.isEmpty() ? ExitCode.OK : ExitCode.ERROR;
  }

  private Pruning rule() {
    if (which.age != null) {
      return Pruning.olderThan(OptionValues.age("--older-than", which.age), Instant.now());
    }
    if (which.size != null) {
      return Pruning.maxSize(OptionValues.quantity("--max-size", which.size, Quantity.SIZE));
    }
    OptionValues.atLeast(0, "--keep", which.keep);
    return Pruning.keep(which.keep);
  }

  private void show(List<ListedRun> all, List<ListedRun> go, long bytes) {
    if (go.isEmpty()) {
      console.print("nothing to remove: " + staying(all.size()));
    } else {
      console.text(RunsCommand.table(go));
      console.print(
          "%d of %s, %s%s"
              .formatted(
                  go.size(),
                  Units.things(all.size(), "run"),
                  Units.bytes(bytes),
                  dryRun ? ", would be removed" : ""));
    }
    console.flush();
  }

  /** That all runs are kept, of which there may be none or one. */
  static String staying(int runs) {
    return switch (runs) {
      case 0 -> "there are no runs";
      case 1 -> "the one run stays";
      default -> "all %d runs stay".formatted(runs);
    };
  }

  private boolean mayRemove(int runs, long bytes) {
    if (yes) {
      return true;
    }
    if (!console.canAsk()) {
      throw new CommandException(
          ExitCode.USAGE,
          "prune would remove %s, and there is no terminal to ask on: say --yes"
              .formatted(Units.things(runs, "run")));
    }
    return console.ask("Remove %s, %s?".formatted(Units.things(runs, "run"), Units.bytes(bytes)));
  }

  private static void remove(ListedRun run, List<String> failed) {
    RunDirectory directory = RunDirectory.unchecked(run.path());
    boolean gone;
    try {
      RunLock lock = directory.lock();
      try (lock) {
        gone = directory.remove();
      }
      if (!gone) {
        failed.add(
            "%s is left: it holds files that are not the run's; the run's are gone"
                .formatted(run.path()));
      }
    } catch (StoreException e) {
      failed.add(e.getMessage());
    }
  }
}
