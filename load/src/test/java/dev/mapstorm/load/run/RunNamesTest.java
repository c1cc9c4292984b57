package dev.mapstorm.load.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RunNamesTest {
  @Test
  void aKindThatThereIsNotIsToldWhatThereIs() {
    assertThatThrownBy(() -> RunNames.kind("maped"))
        .hasMessage("maped: there is no such kind of event; did you mean mapped?");
    assertThatThrownBy(() -> RunNames.kind("everything"))
        .hasMessageStartingWith(
            "everything: there is no such kind of event; there are dma-requested, ");
  }

  @Test
  void hostsAreNamedInALineHoweverManyThereAre() {
    assertThat(RunNames.hosts(List.of(0))).isEqualTo("host 0");
    assertThat(RunNames.hosts(List.of(3, 5))).isEqualTo("hosts 3, 5");
    assertThat(RunNames.hosts(List.of(0, 1, 2, 7, 9, 10))).isEqualTo("hosts 0 to 2, 7, 9 to 10");
    assertThat(RunNames.hosts(IntStream.range(0, 100_000).boxed().toList()))
        .isEqualTo("hosts 0 to 99999");
  }
}
