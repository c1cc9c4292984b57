package dev.mapstorm.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which of the databases that a {@code journal.conf} may name credentials go to. */
class NamedDatabasesTest {
  private static final String OWN =
      "jdbc:postgresql://db.example:5432/mapstorm?sslmode=verify-full";
  private static final Map<String, String> ENVIRONMENT =
      Map.of(
          "MAPSTORM_DB_URL", OWN, "MAPSTORM_DB_USER", "storm", "MAPSTORM_DB_PASSWORD", "hunter2");

  @TempDir Path folder;

  private PostgresJournal read(String url) throws IOException {
    Path conf = folder.resolve("journal.conf");
    Files.writeString(conf, "journal { url = \"%s\", run = \"fleet-17\" }".formatted(url));
    return PostgresJournal.read(conf, NamedDatabases.of(ENVIRONMENT));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:postgresql://127.0.0.1:28432/mapstorm",
        "jdbc:postgresql://db.example:5433/mapstorm",
        "jdbc:postgresql://db.example:5432/other",
        "jdbc:postgresql://db.example:5432/",
        "jdbc:postgresql://db.example.evil:5432/mapstorm",
        "jdbc:postgresql://db.example:5432,evil:5432/mapstorm",
        "jdbc:postgresql://evil:5432,db.example:5432/mapstorm",
      })
  void anotherDatabaseIsRefusedWithoutConnecting(String url) {
    assertThatThrownBy(() -> read(url))
        .isInstanceOf(StoreException.class)
        .hasMessageStartingWith("the journal of run fleet-17 is in the database jdbc:postgresql://")
        .hasMessageContaining("a database is asked only if --db or MAPSTORM_DB_URL names it")
        .hasMessageNotContaining("hunter2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:postgresql://evil@db.example:5432/mapstorm",
        "jdbc:postgresql://a:b@db.example:5432/mapstorm",
        "jdbc:postgresql:mapstorm",
        "jdbc:postgresql:///mapstorm",
        "jdbc:postgresql://db.example:5432/mapstorm/x",
        "jdbc:sqlite:/etc/passwd",
        "jdbc:postgresql://db.example:5432\\u0000/mapstorm",
      })
  void whatNamesNoDatabaseIsWrong(String url) {
    assertThatThrownBy(() -> read(url))
        .isInstanceOf(StoreException.class)
        .hasMessage(
            "%s is wrong: journal.url has to be jdbc:postgresql://HOST:PORT/NAME"
                .formatted(folder.resolve("journal.conf")));
  }

  /** Whatever else the URL says, the connection is the one that the user described. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "?socketFactory=evil.Factory&socketFactoryArg=x",
        "?sslmode=disable",
        "?sslfactory=org.postgresql.ssl.NonValidatingFactory",
        "?loggerFile=/tmp/x&loggerLevel=TRACE",
        "?PGHOST=evil&PGPORT=28432&PGDBNAME=x",
        "?host=evil",
        "?service=evil",
        "?user=postgres&password=x",
      })
  void parametersOfAJournalsAddressDoNotReachTheDriver(String parameters) throws IOException {
    DatabaseAddress address = read("jdbc:postgresql://DB.example/mapstorm" + parameters).address();

    assertThat(address).isEqualTo(DatabaseAddress.of(OWN, ENVIRONMENT));
  }

  @ParameterizedTest
  @CsvSource({
    "currentSchema=storm,currentSchema=storm",
    "a=b&currentSchema=storm&c=d,currentSchema=storm",
    "currentSchema=storm%26sslmode=disable,",
    "currentSchema=storm%3B+drop,",
  })
  void theSchemaIsTheRuns(String given, String kept) throws IOException {
    String url = "jdbc:postgresql://db.example/mapstorm?" + given;
    if (kept == null) {
      assertThatThrownBy(() -> read(url)).hasMessageContaining("currentSchema");
    } else {
      assertThat(read(url).address().url()).isEqualTo(OWN + "&" + kept);
    }
  }

  @Test
  void aUrlOfTheUsersNamesItsHostOnce() {
    for (String parameter : new String[] {"PGHOST=evil", "host=evil", "PGPORT=1", "port=1"}) {
      String url = "jdbc:postgresql://db.example:5432/mapstorm?" + parameter;
      assertThatThrownBy(() -> DatabaseAddress.of(url, ENVIRONMENT))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("a host or a port must come before the database's name");
    }
  }

  @Test
  void withoutANameNothingIsAsked() throws IOException {
    Path conf = folder.resolve("journal.conf");
    Files.writeString(conf, "journal { url = \"%s\", run = a }".formatted(OWN));

    assertThatThrownBy(() -> PostgresJournal.read(conf, NamedDatabases.of(Map.of())))
        .hasMessageContaining("and none was named");
    assertThat(PostgresJournal.read(conf, NamedDatabases.of(Map.of()).and(OWN)).address().url())
        .isEqualTo(OWN);
  }
}
