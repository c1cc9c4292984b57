package dev.mapstorm.protocol.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamIdTest {
  @Test
  void isParsedFromItsText() {
    StreamId id = new StreamId("nvme-batch 2026-11-22", 17);

    assertThat(id.text()).isEqualTo("nvme-batch 2026-11-22|17");
    assertThat(StreamId.parse(id.text())).isEqualTo(id);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "run",
        "|3",
        "run|",
        "run|x",
        "run|-1",
        "run|03",
        "run|3|4",
        "run|99999999999"
      })
  void refusesOtherTexts(String text) {
    assertThatThrownBy(() -> StreamId.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("'" + text + "' is not the stream of a host");
  }

  @Test
  void refusesARunIdThatHoldsTheSeparator() {
    assertThatThrownBy(() -> new StreamId("a|b", 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("run id 'a|b': it must not be empty or contain '|'");
  }
}
