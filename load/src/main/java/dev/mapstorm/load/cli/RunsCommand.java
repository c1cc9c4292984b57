package dev.mapstorm.load.cli;

import dev.mapstorm.load.runs.ListedRun;
import dev.mapstorm.load.runs.RunListing;
import dev.mapstorm.persistence.text.TextTable;
import dev.mapstorm.persistence.text.Units;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists runs. */
@Command(
    name = "runs",
    description = {
      "Lists the runs in a directory and below it, the newest first: how far each came, its size, its state and its"
          + " hash.",
      "",
      "A run is complete, interrupted, running (another process or a cluster is at work on it) or damaged. Only the"
          + " ends of a journal are read; mapstorm verify reads all of it.",
      "",
      "A run of a cluster has its journal in a database, which is named, and is not asked without --connect or --db."
          + " Asked, it may also be unreachable, or have nothing of the run, which is empty then. Another database than"
          + " that of MAPSTORM_DB_URL or --db is never connected to.",
      "",
      "Links in DIR are not followed, and directories that may not be read are passed over.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mapstorm runs",
      "  mapstorm runs --connect",
      "  mapstorm runs /data/runs --json | jq -r '.[] | select(.state == \"interrupted\") | .path'",
    })
final class RunsCommand implements Callable<Integer> {
  private static final int HASH_DIGITS = 12;
  private static final DateTimeFormatter STARTED =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT);

  private final Console console;

  @Parameters(
      arity = "0..1",
      paramLabel = "DIR",
      description = "Where to look; by default runs, where mapstorm run puts them.")
  private Path directory;

  @Mixin private final DatabaseQuestion question = new DatabaseQuestion();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  /** A run for JSON; see {@link ListedRun}. What its journal does not tell is null. */
  record RunJson(
      String path,
      String state,
      String reason,
      String database,
      String started,
      long bytes,
      String scenario,
      Long seed,
      String version,
      Integer hosts,
      Long reachedNs,
      Long totalNs,
      Long batches,
      Long events,
      String hash) {
    static RunJson of(ListedRun run) {
      ListedRun.Content of = run.content();
      boolean known = of != null;
      return new RunJson(
          run.path().toString(),
          run.state().label(),
          run.reason().isEmpty() ? null : run.reason(),
          run.database().isEmpty() ? null : run.database(),
          run.started().toString(),
          run.bytes(),
          known ? of.scenario() : null,
          known ? of.seed() : null,
          known ? of.version() : null,
          known ? of.hosts() : null,
          known ? of.reachedNs() : null,
          known && of.totalNs() >= 0 ? of.totalNs() : null,
          known ? of.batches() : null,
          known && of.events() >= 0 ? of.events() : null,
          known ? of.hash() : null);
    }
  }

  RunsCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    List<ListedRun> runs = find(directory, question);
    if (json) {
      Json.print(console, runs.stream().map(RunJson::of).toList());
    } else if (runs.isEmpty()) {
      console.print("no runs");
    } else {
      console.text(table(runs));
    }
    return ExitCode.OK;
  }

  /** The runs below a directory, or below the default one if that is null; it need not exist. */
  static List<ListedRun> find(Path directory, DatabaseQuestion question) {
    if (directory == null && !Files.exists(RunDirectories.PARENT)) {
      return List.of();
    }
    return RunListing.below(
        directory == null ? RunDirectories.PARENT : directory,
        question.named(),
        question.isAsked());
  }

  /** The runs as a table, with what is wrong with some of them below it. */
  static String table(List<ListedRun> runs) {
    TextTable table =
        new TextTable(
            "started",
            "run",
            "scenario",
            ">seed",
            ">reached",
            ">of",
            ">events",
            ">size",
            "state",
            "hash");
    for (ListedRun run : runs) {
      String started = started(run.started());
      ListedRun.Content of = run.content();
      if (of == null) {
        table.row(
            started,
            run.path(),
            "-",
            "-",
            "-",
            "-",
            "-",
            Units.bytes(run.bytes()),
            state(run),
            "-");
        continue;
      }
      table.row(
          started,
          run.path(),
          of.scenario(),
          of.seed(),
          Units.time(of.reachedNs()),
          of.totalNs() < 0 ? "trace" : Units.time(of.totalNs()),
          of.events() < 0 ? "-" : Units.count(of.events()),
          Units.bytes(run.bytes()),
          state(run),
          of.hash().substring(0, HASH_DIGITS));
    }
    StringBuilder text = new StringBuilder(table.toString());
    runs.stream()
        .filter(run -> !run.reason().isEmpty())
        .forEach(run -> text.append("%s: %s%n".formatted(run.path(), run.reason())));
    long notAsked = runs.stream().filter(run -> run.state() == ListedRun.State.NOT_ASKED).count();
    if (notAsked > 0) {
      text.append(
          "the database was not asked about %s; --connect asks it%n"
              .formatted(Units.things(notAsked, "run")));
    }
    return text.toString();
  }

  private static String started(Instant instant) {
    return STARTED.format(instant.atZone(ZoneId.systemDefault()));
  }

  private static String state(ListedRun run) {
    String state = run.state().label();
    return run.database().isEmpty() ? state : "%s, in %s".formatted(state, run.database());
  }
}
