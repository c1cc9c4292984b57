package dev.mapstorm.actors.cluster;

import static dev.mapstorm.actors.cluster.Reports.SECOND;
import static dev.mapstorm.actors.cluster.Reports.written;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class NodeWatchTest {
  private final NodeWatch watch = new NodeWatch();

  @Test
  void theRateIsThatOfTheLastTwoSeconds() {
    watch.report(written("a", 1000), 0);
    assertThat(watch.rate(0)).isZero();
    watch.report(written("a", 1500), SECOND);
    assertThat(watch.rate(SECOND)).isZero();
    watch.report(written("a", 5000), 2 * SECOND);
    assertThat(watch.rate(2 * SECOND)).isEqualTo(2000);
    watch.report(written("a", 5000), 4 * SECOND);
    assertThat(watch.rate(4 * SECOND)).isZero();
    assertThat(watch.written()).isEqualTo(5000);
  }

  @Test
  void aNodeThatFellSilentWritesNothing() {
    watch.report(written("a", 0), 0);
    watch.report(written("a", 5000), 2 * SECOND);
    assertThat(watch.rate(3 * SECOND)).isEqualTo(2500);
    assertThat(watch.rate(4 * SECOND)).isZero();
    assertThat(watch.silentNs(4 * SECOND)).isEqualTo(2 * SECOND);
  }

  @Test
  void aNodeThatWasStartedAgainBeginsAnew() {
    watch.report(written("a", 0), 0);
    watch.report(written("a", 5000), 2 * SECOND);
    watch.report(written("a", 100), 3 * SECOND);
    assertThat(watch.rate(3 * SECOND)).isZero();
    watch.report(written("a", 400), 5 * SECOND);
    assertThat(watch.rate(5 * SECOND)).isEqualTo(150);
  }

  @Test
  void noRateIsEverNegative() {
    Random random = new Random(42);
    long now = 0;
    for (int i = 0; i < 10_000; i++) {
      now += random.nextLong(SECOND);
      watch.report(written("a", random.nextInt(1000)), now);
      assertThat(watch.rate(now)).isNotNegative();
    }
  }
}
