package dev.mapstorm.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mapstorm.actors.cluster.Suspicion;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PostgresNodeDeathsTest {
  private DatabaseAddress address;
  private PostgresClaims claims;
  private PostgresNodeDeaths deaths;

  @BeforeEach
  void open() {
    address = EmbeddedDatabase.shared().newJournalDatabase();
    claims = new PostgresClaims(address, "node-1");
    deaths = new PostgresNodeDeaths(address, "node-1");
  }

  @AfterEach
  void close() {
    claims.close();
    deaths.close();
  }

  private void claim(String... hosts) throws Exception {
    for (String host : hosts) {
      claims.claim(host).toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
  }

  private Suspicion of(String host) throws Exception {
    return deaths.of(host).toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  @Test
  void aNodeThatDiesNamesTheHostsThatItHasClaimed() throws Exception {
    claim("r|0", "r|1", "r|2");
    try (PostgresClaims elsewhere = new PostgresClaims(address, "node-2")) {
      elsewhere.claim("r|1").toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    deaths.died(List.of("r|0", "r|1", "r|3"), "out of memory");
    deaths.died(List.of("r|0", "r|1", "r|3"), "said twice");

    assertThat(of("r|0")).isEqualTo(new Suspicion(1, false, "out of memory"));
    for (String other : List.of("r|1", "r|2", "r|3")) {
      assertThat(of(other)).as(other).isEqualTo(Suspicion.NONE);
    }
  }

  @Test
  void theLastDeathSaysWhetherTheHostWasAlone() throws Exception {
    claim("r|0", "r|1");
    deaths.died(Set.of("r|0", "r|1"), "the first");
    claim("r|0");
    deaths.died(Set.of("r|0"), "the second");
    assertThat(of("r|0")).isEqualTo(new Suspicion(2, true, "the second"));
    assertThat(of("r|1")).isEqualTo(new Suspicion(1, false, "the first"));

    claim("r|0", "r|1");
    deaths.died(Set.of("r|0", "r|1"), "the third");
    assertThat(of("r|0")).isEqualTo(new Suspicion(3, false, "the third"));
  }

  @Test
  void aNodeWithoutHostsNamesNone() throws Exception {
    claim("r|0");
    deaths.died(Set.of(), "why");
    assertThat(of("r|0")).isEqualTo(Suspicion.NONE);
  }

  @Test
  void aLongCauseIsCut() throws Exception {
    claim("r|0");
    deaths.died(Set.of("r|0"), "a".repeat(5000));
    assertThat(of("r|0").cause()).hasSize(500);
  }

  @Test
  void aDatabaseThatDoesNotTakeItIsNamed() {
    EmbeddedDatabase.execute(address, "DROP TABLE node_death");
    assertThatThrownBy(() -> deaths.died(Set.of("r|0"), "why"))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("the end of the node cannot be noted: ");
    assertThatThrownBy(() -> of("r|0"))
        .hasRootCauseInstanceOf(org.postgresql.util.PSQLException.class)
        .hasMessageContaining("what is known of the stream r|0 cannot be read: ");
  }
}
