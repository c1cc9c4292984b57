package dev.mapstorm.load.cli;

import dev.mapstorm.persistence.store.DatabaseAddress;
import dev.mapstorm.persistence.store.PostgresSchema;
import dev.mapstorm.persistence.store.StoredRun;
import dev.mapstorm.persistence.store.StoredRuns;
import dev.mapstorm.persistence.text.TextTable;
import dev.mapstorm.persistence.text.Units;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The database that the runs of clusters share. */
@Command(
    name = "db",
    description = {
      "Sets up and looks after the PostgreSQL database in which clusters keep their journals.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mapstorm db init --db jdbc:postgresql://db.example:5432/mapstorm",
      "  mapstorm db status",
      "  mapstorm db prune --older-than 30d",
    },
    synopsisSubcommandLabel = "(init | status | prune)",
    subcommands = {DbCommand.Init.class, DbCommand.Status.class, DbPruneCommand.class})
final class DbCommand {
  private DbCommand() {}

  /** Makes the tables. */
  @Command(
      name = "init",
      description = {
        "Makes the journal's tables in an empty database, or schema, all at once or not at all."
            + " Where those of an earlier version are, it adds what is new. Where those of this"
            + " version are, it changes nothing.",
      },
      footerHeading = "%nExamples:%n",
      footer = {
        "  mapstorm db init --db jdbc:postgresql://db.example:5432/mapstorm",
        "  MAPSTORM_DB_USER=storm MAPSTORM_DB_PASSWORD=... mapstorm db init --db"
            + " 'jdbc:postgresql://db.example/lab?currentSchema=storm'",
      })
  static final class Init implements Callable<Integer> {
    private final Console console;

    @Mixin private final DatabaseChoice database = new DatabaseChoice();

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    /**
     * The result for JSON.
     *
     * @param created whether the tables were made now
     * @param versionBefore of the tables that were there, 0 if there were none
     */
    record Report(String database, int schemaVersion, boolean created, int versionBefore) {}

    Init(Console console) {
      this.console = console;
    }

    @Override
    public Integer call() {
      DatabaseAddress address = database.address();
      int before = new PostgresSchema(address).create();
      if (json) {
        boolean created = before == PostgresSchema.NONE;
        Json.print(console, new Report(address.url(), PostgresSchema.VERSION, created, before));
      } else {
        console.print(inWords(before).formatted(address, PostgresSchema.VERSION, before));
      }
      return ExitCode.OK;
    }

    private static String inWords(int before) {
      return switch (before) {
        case PostgresSchema.NONE -> "made the journal's tables in %s, schema version %d";
        case PostgresSchema.VERSION ->
            "%s has the journal's tables already, schema version %d; nothing was changed";
        default -> "brought the journal's tables in %s to schema version %d from %d";
      };
    }
  }

  /** Shows what is in the database. */
  @Command(
      name = "status",
      description = {
        "Shows the database and the runs in it: hosts, entries of the journal and their bytes, when"
            + " it was last written, and the claims of its streams. All rows are counted, but no"
            + " entry is read.",
      },
      footerHeading = "%nExamples:%n",
      footer = {
        "  mapstorm db status",
        "  mapstorm db status --json | jq '.runs[] | select(.active) | .id'",
      })
  static final class Status implements Callable<Integer> {
    private final Console console;

    @Mixin private final DatabaseChoice database = new DatabaseChoice();

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    /** The result for JSON; see {@link StoredRuns.Status}. */
    record Report(
        String database,
        int schemaVersion,
        String server,
        long bytes,
        boolean durable,
        List<RunJson> runs) {}

    /** A run for JSON; see {@link StoredRun}. What never happened has no time. */
    record RunJson(
        String id,
        int hosts,
        long entries,
        long bytes,
        long checkpoints,
        long checkpointBytes,
        String lastWritten,
        int claimedStreams,
        long highestEpoch,
        String lastClaimedBy,
        String lastClaimed,
        boolean active) {
      static RunJson of(StoredRun run) {
        StoredRun.Claims claims = run.claims();
        return new RunJson(
            run.id(),
            run.hosts(),
            run.entries(),
            run.bytes(),
            run.checkpoints(),
            run.checkpointBytes(),
            text(run.lastWritten()),
            claims.streams(),
            claims.highestEpoch(),
            claims.lastBy().isEmpty() ? null : claims.lastBy(),
            text(claims.lastAt()),
            run.active());
      }

      private static String text(Instant instant) {
        return instant.equals(Instant.EPOCH) ? null : instant.toString();
      }
    }

    Status(Console console) {
      this.console = console;
    }

    @Override
    public Integer call() {
      DatabaseAddress address = database.address();
      StoredRuns.Status status = new StoredRuns(address).status();
      if (json) {
        Json.print(
            console,
            new Report(
                address.url(),
                status.schemaVersion(),
                status.server(),
                status.bytes(),
                status.durable(),
                status.runs().stream().map(RunJson::of).toList()));
      } else {
        show(address, status);
      }
      return ExitCode.OK;
    }

    private void show(DatabaseAddress address, StoredRuns.Status status) {
      console.print("database  " + address);
      console.print(
          "server    PostgreSQL %s%s"
              .formatted(
                  status.server(),
                  status.durable()
                      ? ""
                      : "; fsync or synchronous_commit is off: what it confirms may be lost"));
      console.print("schema    version %d".formatted(status.schemaVersion()));
      console.print("on disk   " + Units.bytes(status.bytes()));
      console.print("runs      " + status.runs().size());
      if (!status.runs().isEmpty()) {
        console.text(table(status.runs(), status.now()));
      }
    }
  }

  /** Runs as a table, with ages at {@code now}. */
  static String table(List<StoredRun> runs, Instant now) {
    TextTable table =
        new TextTable(
            "run",
            ">hosts",
            ">entries",
            ">bytes",
            ">checkpoints",
            ">written",
            ">claimed",
            ">epoch",
            "last claimed by");
    for (StoredRun run : runs) {
      table.row(
          run.id(),
          run.hosts(),
          Units.count(run.entries()),
          Units.bytes(run.bytes()),
          Units.count(run.checkpoints()),
          age(run.lastWritten(), now),
          run.claims().streams(),
          run.claims().highestEpoch(),
          run.claims().lastBy().isEmpty() ? "-" : run.claims().lastBy());
    }
    return table.toString();
  }

  private static String age(Instant then, Instant now) {
    if (then.equals(Instant.EPOCH)) {
      return "never";
    }
    Duration age = Duration.between(then, now);
    if (age.toDays() > 1) {
      return age.toDays() + " d ago";
    } else if (age.toHours() > 1) {
      return age.toHours() + " h ago";
    }
    return age.toMinutes() > 1
        ? age.toMinutes() + " min ago"
        : Math.max(0, age.toSeconds()) + " s ago";
  }
}
