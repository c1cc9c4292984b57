package dev.mapstorm.load.cli;

import dev.mapstorm.persistence.store.NamedDatabases;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Whether the shared database is asked about the runs of clusters that are found in a directory. It
 * is not unless the user says so: whoever put a run directory there may have named any server.
 */
final class DatabaseQuestion {
  @Option(
      names = "--connect",
      description =
          "Ask the database about the runs of clusters, if their directories name it; other databases are never"
              + " connected to. --db says the same.")
  private boolean connect;

  @Mixin private final DatabaseChoice database = new DatabaseChoice();

  /** Whether to ask. */
  boolean isAsked() {
    if (connect) {
      database.address();
    }
    return connect || database.isGiven();
  }

  /** The databases that may be asked. */
  NamedDatabases named() {
    return database.named();
  }
}
