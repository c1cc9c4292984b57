package dev.mapstorm.load.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.load.compare.ScenarioChanges.Change;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScenarioChangesTest {
  private static final String ASKS_ITSELF =
      "name = a, requests = none, client { bs = 4k, api = page }, trace = none";
  private static final String REPEATS =
      "name = b, requests = runs/a-1, requests-hash = 12, client { api = batch }";

  @Test
  void whatAJournalSaysInPlaceOfAKeyIsNoChangeOfTheKey() {
    assertThat(ScenarioChanges.of(List.of(ASKS_ITSELF, REPEATS)))
        .containsExactly(
            new Change("client.api", List.of("page", "batch")),
            new Change("requests", List.of("none", "runs/a-1")));
  }

  @Test
  void keysThatBothSayAreComparedAllTheSame() {
    String smaller = ASKS_ITSELF.replace("4k", "8k");

    assertThat(ScenarioChanges.of(List.of(ASKS_ITSELF, REPEATS, smaller)))
        .contains(new Change("client.bs", List.of("4k", "-", "8k")));
  }

  @Test
  void aKeyThatOnlyOneScenarioHasIsAChange() {
    assertThat(ScenarioChanges.of(List.of("seed = 1", "seed = 1, hosts = 2")))
        .containsExactly(new Change("hosts", List.of("-", "2")));
  }
}
