package dev.mapstorm.load.cli;

import dev.mapstorm.persistence.store.DatabaseAddress;
import dev.mapstorm.persistence.store.NamedDatabases;
import dev.mapstorm.persistence.store.StoreException;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** {@code --db}: the shared database, of commands that need one. */
final class DatabaseChoice {
  @Option(
      names = "--db",
      paramLabel = "URL",
      description =
          "The database, jdbc:postgresql://HOST:PORT/NAME; by default that of the environment variable MAPSTORM_DB_URL."
              + " User and password come from MAPSTORM_DB_USER and MAPSTORM_DB_PASSWORD only.")
  private String url;

  /** The address that was named. */
  DatabaseAddress address() {
    return address(System.getenv());
  }

  /** The same in another environment. */
  DatabaseAddress address(Map<String, String> environment) {
    return ifNamed(environment)
        .orElseThrow(
            () ->
                new CommandException(
                    ExitCode.USAGE,
                    "no database: give it with --db jdbc:postgresql://HOST:PORT/NAME, or in the environment variable "
                        + DatabaseAddress.URL_VARIABLE));
  }

  /** The address that was named; empty if none was. */
  Optional<DatabaseAddress> ifNamed() {
    return ifNamed(System.getenv());
  }

  /** Whether {@code --db} was given. */
  boolean isGiven() {
    return url != null;
  }

  /**
   * What was named here and in the environment: the databases that the journals of run directories
   * may be in.
   */
  NamedDatabases named() {
    if (url == null) {
      return NamedDatabases.ofEnvironment();
    }
    address();
    return NamedDatabases.ofEnvironment().and(url);
  }

  private Optional<DatabaseAddress> ifNamed(Map<String, String> environment) {
    String named = url != null ? url : environment.getOrDefault(DatabaseAddress.URL_VARIABLE, "");
    if (named.isBlank()) {
      return Optional.empty();
    }
    try {
      return Optional.of(DatabaseAddress.of(named, environment));
    } catch (StoreException e) {
      throw new CommandException(ExitCode.USAGE, e.getMessage());
    }
  }
}
