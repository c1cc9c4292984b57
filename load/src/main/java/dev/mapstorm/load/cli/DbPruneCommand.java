package dev.mapstorm.load.cli;

import dev.mapstorm.load.cluster.StoredFleets;
import dev.mapstorm.load.scenario.NearestName;
import dev.mapstorm.persistence.store.StoredRun;
import dev.mapstorm.persistence.store.StoredRuns;
import dev.mapstorm.persistence.text.Units;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Removes runs from the database. */
@Command(
    name = "prune",
    description = {
      "Removes runs from the database, after asking: their journals, checkpoints and claims. Their"
          + " directories stay; mapstorm prune removes those. A run that was written or claimed"
          + " within the last minute is left alone.",
      "A fleet that its cluster has not ended is stopped first, if no node runs; otherwise it is"
          + " refused. So is one of which no host was begun, and which has no rows.",
      "",
      "Rows go in transactions of some hundred entries, from the end of each host's stream on: a"
          + " removal that is cut off leaves what looks like an interrupted run, and may be"
          + " repeated. The space is used again by PostgreSQL after a VACUUM, its automatic one"
          + " included; VACUUM FULL event_journal gives it back to the system.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mapstorm db prune fleet-17 fleet-18",
      "  mapstorm db prune --older-than 30d --yes",
    })
final class DbPruneCommand implements Callable<Integer> {
  private final Console console;

  @Parameters(
      arity = "0..*",
      paramLabel = "RUN",
      description = "Ids of runs; with --older-than all by default.")
  private List<String> ids = List.of();

  @Option(
      names = "--older-than",
      paramLabel = "AGE",
      description = "Of these, those that were last written longer ago, such as 12h, 7d or 2w.")
  private String age;

  @Mixin private final DatabaseChoice database = new DatabaseChoice();

  @Option(names = "--yes", description = "Do not ask.")
  private boolean yes;

  @Option(
      names = "--force",
      description = "Also runs that are being written; their writers are refused from then on.")
  private boolean force;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  /**
   * The result for JSON.
   *
   * @param runs that were removed
   * @param entries of these
   * @param bytes of these entries
   * @param withoutRows fleets that were named and have nothing to be removed; none runs any more
   */
  record Report(List<String> runs, long entries, long bytes, List<String> withoutRows) {}

  DbPruneCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    if (ids.isEmpty() && age == null) {
      throw new CommandException(
          ExitCode.USAGE, "nothing to remove: name runs, or say --older-than AGE");
    }
    Duration least = age == null ? Duration.ZERO : OptionValues.age("--older-than", age);
    StoredRuns stored = new StoredRuns(database.address());
    StoredRuns.Status status = stored.status();
    Map<String, Boolean> fleets = new TreeMap<>();
    List<String> withoutRows = withoutRows(status, fleets);
    List<StoredRun> go = chosen(status, least);
    if (!json && !go.isEmpty()) {
      console.text(DbCommand.table(go, status.now()));
      console.flush();
    }
    List<String> toStop = withoutRows.stream().filter(fleets::get).toList();
    boolean remove = (!go.isEmpty() || !toStop.isEmpty()) && mayRemove(go, toStop);
    if (remove) {
      fleets.putAll(new StoredFleets(database.address()).known(ids(go)));
      stopFleets(fleets);
      remove(stored, go);
    }
    report(remove ? go : List.of(), status.runs().size(), withoutRows, remove ? toStop : List.of());
    return ExitCode.OK;
  }

  /**
   * Those that were named, have no rows, and are fleets all the same.
   *
   * @param fleets learns of each whether it runs
   */
  private List<String> withoutRows(StoredRuns.Status status, Map<String, Boolean> fleets) {
    List<String> known = status.runs().stream().map(StoredRun::id).toList();
    List<String> others = ids.stream().filter(id -> !known.contains(id)).distinct().toList();
    if (!others.isEmpty()) {
      fleets.putAll(new StoredFleets(database.address()).known(others));
    }
    for (String id : others) {
      if (!fleets.containsKey(id)) {
        throw new CommandException(
            ExitCode.ERROR, "there is no run %s%s".formatted(id, NearestName.hint(id, known)));
      }
    }
    return others;
  }

  private static List<String> ids(List<StoredRun> runs) {
    return runs.stream().map(StoredRun::id).toList();
  }

  /** The runs that go. Of those that were named none may be at work. */
  private List<StoredRun> chosen(StoredRuns.Status status, Duration least) {
    List<StoredRun> go = new ArrayList<>();
    for (StoredRun run : status.runs()) {
      boolean old = !last(run).isAfter(status.now().minus(least));
      boolean meant = ids.isEmpty() || ids.contains(run.id());
      if (old && meant && (force || !run.active())) {
        go.add(run);
      } else if (old && meant && !ids.isEmpty()) {
        throw new CommandException(
            ExitCode.ERROR,
            "run %s is being written: its last entry or claim is less than a minute old (--force removes it all the same)"
                .formatted(run.id()));
      }
    }
    return go;
  }

  private static Instant last(StoredRun run) {
    Instant claimed = run.claims().lastAt();
    return run.lastWritten().isAfter(claimed) ? run.lastWritten() : claimed;
  }

  private boolean mayRemove(List<StoredRun> go, List<String> toStop) {
    if (yes) {
      return true;
    }
    String stop = toStop.isEmpty() ? "" : " and stop " + String.join(", ", toStop);
    if (!console.canAsk()) {
      throw new CommandException(
          ExitCode.USAGE,
          "db prune would remove %s%s, and there is no terminal to ask on: say --yes"
              .formatted(Units.things(go.size(), "run"), stop));
    }
    return console.ask(
        "Remove %s, %s, from the database%s?"
            .formatted(Units.things(go.size(), "run"), Units.bytes(bytes(go)), stop));
  }

  /**
   * Makes sure that no node goes on with the runs, and so writes them anew from their beginning.
   *
   * @param known fleets, and whether they run
   */
  private void stopFleets(Map<String, Boolean> known) {
    StoredFleets fleets = new StoredFleets(database.address());
    List<String> running = known.keySet().stream().filter(known::get).toList();
    if (!running.isEmpty() && fleets.haveNodes()) {
      throw new CommandException(
          ExitCode.ERROR,
          "run %s is a fleet that a cluster continues, and nothing was removed: stop it first, mapstorm cluster stop --run %s"
              .formatted(running.get(0), running.get(0)));
    }
    if (!running.isEmpty()) {
      fleets.stop(running);
    }
  }

  private void remove(StoredRuns stored, List<StoredRun> go) {
    long all = Math.max(1, entries(go));
    long[] before = new long[1];
    try (ProgressLine line = new ProgressLine(console, System::nanoTime)) {
      for (StoredRun run : go) {
        before[0] +=
            stored.remove(
                run.id(),
                entries -> {
                  long done = before[0] + entries;
                  line.update(
                      "removing %s  %.0f entries/s"
                          .formatted(run.id(), done * 1e9 / line.workingNs()),
                      Math.min(1, (double) done / all));
                });
      }
    }
  }

  private void report(
      List<StoredRun> gone, int all, List<String> withoutRows, List<String> stopped) {
    if (json) {
      Json.print(console, new Report(ids(gone), entries(gone), bytes(gone), withoutRows));
      return;
    }
    for (String run : withoutRows) {
      console.print(
          "fleet %s has no rows%s"
              .formatted(
                  run, stopped.contains(run) ? "; it is stopped, and no node begins it" : ""));
    }
    if (gone.isEmpty() && withoutRows.isEmpty()) {
      console.print("nothing was removed: " + PruneCommand.staying(all));
    } else if (!gone.isEmpty()) {
      console.print(
          "removed %s, %s entries of %s; VACUUM makes their space free"
              .formatted(
                  Units.things(gone.size(), "run"),
                  Units.count(entries(gone)),
                  Units.bytes(bytes(gone))));
    }
  }

  private static long entries(List<StoredRun> runs) {
    return runs.stream().mapToLong(StoredRun::entries).sum();
  }

  private static long bytes(List<StoredRun> runs) {
    return runs.stream().mapToLong(run -> run.bytes() + run.checkpointBytes()).sum();
  }
}
