package dev.mapstorm.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ServerSocket;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseAddressTest {
  private static final String SECRET = "hunter2";

  private static Map<String, String> as(String user, String password) {
    return Map.of("MAPSTORM_DB_USER", user, "MAPSTORM_DB_PASSWORD", password);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:postgresql://db/storm?password=hunter2",
        "jdbc:postgresql://db/storm?user=a&PASSWORD=hunter2",
        "jdbc:postgresql://db/storm?sslpassword=hunter2",
        "jdbc:postgresql://a:hunter2@db/storm",
        "postgres://a:hunter2@db/storm",
      })
  void shouldRefuseAUrlThatCarriesAPasswordWithoutRepeatingIt(String url) {
    assertThatThrownBy(() -> DatabaseAddress.of(url, Map.of()))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("MAPSTORM_DB_PASSWORD")
        .hasMessageNotContaining(SECRET);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "db:5432", "jdbc:sqlite:x.db", "postgres://db/x", "jdbc:postgresql://db:x/y"})
  void shouldRefuseWhatIsNoAddress(String url) {
    assertThatThrownBy(() -> DatabaseAddress.of(url, Map.of()))
        .isInstanceOf(StoreException.class)
        .hasMessage(
            "the database's URL is '%s'; it has to be jdbc:postgresql://HOST:PORT/NAME"
                .formatted(url));
  }

  @Test
  void shouldShowNoSecret() {
    String url = "jdbc:postgresql://db.example:5433/storm?sslmode=require";
    DatabaseAddress address = DatabaseAddress.of(url, as("storm", SECRET));

    assertThat(address).hasToString(url);
    assertThat(address.url()).isEqualTo(url);
    PostgresJournal journal = new PostgresJournal(address, "run");
    assertThat(journal.description() + journal.conf()).doesNotContain(SECRET).contains(url);
  }

  @Test
  void shouldLetInWhoKnowsThePasswordAndSayWhyOthersAreNot() throws Exception {
    EmbeddedDatabase.execute(
        EmbeddedDatabase.shared().address("postgres"),
        "CREATE USER guarded PASSWORD '%s'".formatted(SECRET));
    String url = EmbeddedDatabase.shared().newDatabase().url().replaceFirst("\\?.*", "");

    DatabaseAddress.of(url, as("guarded", SECRET)).connect().close();
    assertThatThrownBy(
            () -> new PostgresSchema(DatabaseAddress.of(url, as("guarded", "wrong"))).check())
        .isInstanceOf(UnreachableStoreException.class)
        .hasMessage(
            "the database %s cannot be reached: PostgreSQL says: password authentication failed for user \"guarded\""
                .formatted(url));
    assertThatThrownBy(
            () ->
                new PostgresSchema(DatabaseAddress.of(url, Map.of("MAPSTORM_DB_USER", "guarded")))
                    .check())
        .isInstanceOf(UnreachableStoreException.class)
        .hasMessageContaining("no password was provided");
  }

  @Test
  void shouldSayThatNobodyAnswers() throws Exception {
    int free;
    try (ServerSocket socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    DatabaseAddress address =
        DatabaseAddress.of("jdbc:postgresql://127.0.0.1:%d/storm".formatted(free), Map.of());

    assertThatThrownBy(() -> new PostgresSchema(address).create())
        .isInstanceOf(UnreachableStoreException.class)
        .hasMessageStartingWith(
            "the database %s cannot be reached: Connection to 127.0.0.1:%d refused."
                .formatted(address, free));
  }
}
