package dev.mapstorm.persistence.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.persistence.analysis.AnalysisOptions;
import dev.mapstorm.persistence.analysis.ReasonCount;
import dev.mapstorm.persistence.analysis.invalidation.InvalidationAnalysis;
import dev.mapstorm.persistence.analysis.storm.StormAnalysis;
import dev.mapstorm.persistence.replay.Script;
import dev.mapstorm.protocol.FlushReason;
import org.junit.jupiter.api.Test;

class StormsTest {
  private static final long MS = 1_000_000;

  private final RunAnalysis analysis = new RunAnalysis(new AnalysisOptions(MS, 4, 10, 3));
  private final Script script = new Script(analysis.host(2));

  private void quiet(long window) {
    script.at(window * MS + 5);
    strict(0, 2);
  }

  private void strict(int client, int times) {
    for (int i = 0; i < times; i++) {
      script.cleared(client, 0x10 * client, 1).posted(client, 0x10 * client, 1, 1);
      script.invalidated(client, 0).unmapped(client, i, 0, 3);
    }
  }

  private StormAnalysis.Storms storms() {
    return analysis.result().of(StormAnalysis.STORMS);
  }

  @Test
  void shouldMergeNeighbouringWindowsAndNameWhoCausedThem() {
    for (long window = 0; window < 20; window++) {
      quiet(window);
    }
    script.at(20 * MS);
    strict(1, 30);
    strict(3, 12);
    script.at(22 * MS - 1);
    strict(3, 20);
    quiet(22);
    script.at(40 * MS);
    strict(1, 11);
    assertThat(storms().found()).isEqualTo(2);
    StormAnalysis.Storm storm = storms().largest().get(0);
    assertThat(storm.host()).isEqualTo(2);
    assertThat(storm.startNs()).isEqualTo(20 * MS);
    assertThat(storm.endNs()).isEqualTo(22 * MS);
    assertThat(storm.invalidations()).isEqualTo(62);
    assertThat(storm.peak()).isEqualTo(42);
    assertThat(storm.median()).isEqualTo(2);
    assertThat(storm.clients())
        .containsExactly(
            new StormAnalysis.ClientShare(3, 32), new StormAnalysis.ClientShare(1, 30));
    assertThat(storm.reasons()).containsExactly(new ReasonCount("unmap (strict)", 62));
    assertThat(storms().largest().get(1).invalidations()).isEqualTo(11);
  }

  @Test
  void shouldNotCallASteadyHighRateAStorm() {
    for (long window = 0; window < 30; window++) {
      script.at(window * MS);
      strict(0, 500);
    }
    assertThat(storms().found()).isZero();
  }

  @Test
  void shouldNotCallFewInvalidationsAStormHoweverQuietTheRestIs() {
    for (long window = 0; window < 9; window++) {
      script.at(window * MS);
      strict(0, 1);
    }
    script.at(9 * MS);
    strict(0, 10);
    assertThat(storms().found()).isZero();
    strict(0, 1);
    assertThat(storms().found()).isEqualTo(1);
  }

  @Test
  void shouldTellFlushesByReasonAndTheClientOfAFullRing() {
    for (long window = 0; window < 9; window++) {
      quiet(window);
    }
    script.at(9 * MS);
    for (int i = 0; i < 9; i++) {
      script.cleared(4, 0x40 + i, 1).flushStarted(4, FlushReason.FULL).postedAll(4);
      script.invalidated(4, 1).flushFinished(4, 1).queued(4, 0x40 + i, 1).unmapped(4, i, 0, 1);
      script.flushStarted(5, FlushReason.TIMER).postedAll(5).invalidated(5, 1);
      script.flushFinished(5, 1);
    }
    StormAnalysis.Storm storm = storms().largest().get(0);
    assertThat(storm.clients())
        .containsExactlyInAnyOrder(
            new StormAnalysis.ClientShare(4, 9), new StormAnalysis.ClientShare(-1, 9));
    assertThat(storm.reasons())
        .containsExactlyInAnyOrder(new ReasonCount("ring full", 9), new ReasonCount("timer", 9));
  }

  @Test
  void shouldFindTheSameStormWhenAResultWasTakenInItsMiddle() {
    for (long window = 0; window < 9; window++) {
      quiet(window);
    }
    script.at(9 * MS);
    strict(1, 20);
    assertThat(storms().largest().get(0).invalidations()).isEqualTo(20);
    strict(1, 20);
    assertThat(storms().largest().get(0).invalidations()).isEqualTo(40);
    assertThat(storms().largest().get(0).peak()).isEqualTo(40);
    assertThat(analysis.result().of(InvalidationAnalysis.INVALIDATIONS).worstWindow())
        .isEqualTo(new StormAnalysis.Window(2, 9 * MS, MS, 40));
  }
}
