package dev.mapstorm.load.cli;

import dev.mapstorm.persistence.store.DatabaseAddress;
import dev.mapstorm.persistence.store.StoreException;
import java.util.Optional;
import picocli.CommandLine.Option;

/** {@code --db}: which database holds the journals of a cluster. */
final class DatabaseChoice {
  @Option(
      names = "--db",
      paramLabel = "URL",
      description =
          "The database, jdbc:postgresql://HOST:PORT/NAME; by default that of MAPSTORM_DB_URL. User and password come"
              + " from MAPSTORM_DB_USER and MAPSTORM_DB_PASSWORD.")
  private String url;

  /** The address that was named; empty if none was. */
  Optional<DatabaseAddress> given() {
    String named = url != null ? url : System.getenv(DatabaseAddress.URL_VARIABLE);
    if (named == null || named.isBlank()) {
      return Optional.empty();
    }
    try {
      return Optional.of(DatabaseAddress.of(named, System.getenv()));
    } catch (StoreException e) {
      throw new CommandException(ExitCode.USAGE, e.getMessage());
    }
  }

  /** The same, where there has to be one. */
  DatabaseAddress required() {
    return given()
        .orElseThrow(
            () ->
                new CommandException(
                    ExitCode.USAGE,
                    "which database? Name it with --db jdbc:postgresql://HOST:PORT/NAME or in %s"
                        .formatted(DatabaseAddress.URL_VARIABLE)));
  }
}
