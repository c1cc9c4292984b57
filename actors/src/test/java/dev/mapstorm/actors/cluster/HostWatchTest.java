package dev.mapstorm.actors.cluster;

import static dev.mapstorm.actors.cluster.Reports.SECOND;
import static dev.mapstorm.actors.cluster.Reports.begun;
import static dev.mapstorm.actors.cluster.Reports.running;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HostWatchTest {
  private final HostWatch watch = new HostWatch();

  @Test
  void itRunsForAsLongAsItIsHeardAndIsExpectedForAsLongBehindAnOrder() {
    assertThat(watch.isExpected(0)).isFalse();
    watch.ordered(SECOND);
    assertThat(watch.isHeard(SECOND)).isFalse();
    assertThat(watch.isExpected(SECOND + HostWatch.SILENCE_NS - 1)).isTrue();
    assertThat(watch.isExpected(SECOND + HostWatch.SILENCE_NS)).isFalse();

    watch.report("a", running("r", 3, 10), 9 * SECOND);
    assertThat(watch.isHeard(9 * SECOND + HostWatch.SILENCE_NS - 1)).isTrue();
    assertThat(watch.isHeard(9 * SECOND + HostWatch.SILENCE_NS)).isFalse();
  }

  @Test
  void whatIsInTheJournalDoesNotBecomeLessWhileAHostRecovers() {
    watch.report("a", running("r", 3, 10), 0);
    watch.report("b", begun("r", 3), 1);
    assertThat(watch.events()).isEqualTo(10);
    assertThat(watch.bytes()).isEqualTo(30);
    assertThat(watch.instant()).isZero();
    assertThat(watch.node()).isEqualTo("b");
  }
}
