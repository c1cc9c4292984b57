package dev.mapstorm.load.scenario;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MemoryLimitTest {
  private final MemoryLimit limit = new MemoryLimit("runs/big", 300, 0);

  @Test
  void requestsMayTakeAThirdOfTheHeap() {
    assertThatCode(() -> limit.check(100, 0)).doesNotThrowAnyException();
    assertThatCode(() -> limit.beside(60).check(40, 0)).doesNotThrowAnyException();
  }

  @Test
  void moreIsRefusedWithWhatWouldBeRight() {
    assertThatThrownBy(() -> limit.beside(60).check(41, 5_000_000))
        .isInstanceOf(ScenarioException.class)
        .hasMessageContaining("the requests of runs/big up to 5.00 ms take 101 B")
        .hasMessageContaining("a shorter --duration takes fewer");
  }
}
