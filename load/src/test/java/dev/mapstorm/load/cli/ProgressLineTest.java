package dev.mapstorm.load.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
  private static final long SECOND = 1_000_000_000L;

  private final StringWriter err = new StringWriter();
  private long now = 7 * SECOND;

  @Test
  void saysNothingInTheFirstTwoSeconds() {
    try (ProgressLine line = line(true)) {
      now += 2 * SECOND - 1;
      line.update("half way", 0.5);
    }
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void onATerminalOneLineIsWrittenOverAndTakenAway() {
    try (ProgressLine line = line(true)) {
      line.update("working", 0.1);
      now += 3 * SECOND;
      line.update("working", 0.25);
      now += SECOND / 10;
      line.update("too soon", 0.26);
      now += SECOND / 10;
      line.update("working", 0.5);
    }
    assertThat(err.toString())
        .isEqualTo("\r\033[Kworking   25 %  15 s left\r\033[Kworking   50 %  4 s left\r\033[K");
  }

  @Test
  void elsewhereThereIsALineEveryFewSeconds() {
    try (ProgressLine line = line(false)) {
      for (int i = 0; i <= 120; i++) {
        line.update("step", i / 120.0);
        now += SECOND / 10;
      }
    }
    assertThat(err.toString().lines())
        .containsExactly(
            "step   17 %  10 s left", "step   58 %  5 s left", "step  100 %  0 s left");
  }

  @Test
  void theTimeBeforeTheFirstProgressDoesNotCountForThePace() {
    try (ProgressLine line = line(false)) {
      now += 100 * SECOND;
      line.update("starting", 0);
      line.update("begun", 0.1);
      now += 10 * SECOND;
      line.update("going", 0.2);
      assertThat(line.workingNs()).isEqualTo(10 * SECOND);
    }
    assertThat(err.toString().lines())
        .containsExactly("starting    0 %", "going   20 %  80 s left");
  }

  @Test
  void longWaitsAreToldInMinutesAndHours() {
    try (ProgressLine line = line(false)) {
      line.update("first", 0.0001);
      now += 10 * SECOND;
      line.update("a", 0.0005);
      now += 10 * SECOND;
      line.update("b", 0.0101);
      now += 10 * SECOND;
      line.update("c", 0.0021);
    }
    assertThat(err.toString().lines())
        .containsExactly("a    0 %", "b    1 %  33 min left", "c    0 %  4.2 h left");
  }

  private ProgressLine line(boolean live) {
    return new ProgressLine(
        new Console(new PrintWriter(new StringWriter()), new PrintWriter(err), live), () -> now);
  }
}
