package dev.mapstorm.persistence.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.persistence.analysis.ReasonCount;
import dev.mapstorm.persistence.analysis.exposure.ExposureAnalysis;
import dev.mapstorm.persistence.analysis.flush.FlushAnalysis;
import dev.mapstorm.persistence.replay.Script;
import dev.mapstorm.protocol.FlushReason;
import dev.mapstorm.protocol.MapApi;
import org.junit.jupiter.api.Test;

/** How long unmapped pages stay exposed, and what the flush queue does about it. */
class ExposureTest {
  private final RunAnalysis analysis = new RunAnalysis();
  private final Script script = new Script(analysis.host(0));

  @Test
  void shouldMeasureStrictExposureToTheCompletedInvalidation() {
    script.at(100).cleared(0, 0x10, 4).at(120).posted(0, 0x10, 4, 4);
    script.at(130).cleared(1, 0x20, 1).at(150).posted(1, 0x20, 1, 1);
    script.at(300).invalidated(0, 1).at(500).invalidated(1, 1);
    ExposureAnalysis.Exposure exposure = analysis.result().of(ExposureAnalysis.EXPOSURE);
    assertThat(exposure.strict().count()).isEqualTo(2);
    assertThat(exposure.strict().sum()).isEqualTo(200 + 370);
    assertThat(exposure.strict().max()).isEqualTo(370);
    assertThat(exposure.lazy().count()).isZero();
  }

  @Test
  void shouldTellOverlappingCallsOnOneCpuApartByTheirRanges() {
    script.at(100).cleared(0, 0x10, 1).at(110).cleared(0, 0x20, 1);
    script.at(120).posted(0, 0x20, 1, 1).at(200).invalidated(0, 1);
    script.at(210).posted(0, 0x10, 1, 1).at(400).invalidated(0, 1);
    ExposureAnalysis.Exposure exposure = analysis.result().of(ExposureAnalysis.EXPOSURE);
    assertThat(exposure.strict().sum()).isEqualTo((200 - 110) + (400 - 100));
  }

  @Test
  void shouldMeasureLazyExposureToTheInvalidationOfTheFlush() {
    script.at(100).cleared(0, 0x10, 4).at(150).queued(0, 0x10, 4).unmapped(0, 0, 0, 50);
    script.at(400).cleared(1, 0x20, 1).at(420).queued(1, 0x20, 1);
    script.at(1_000).flushStarted(0, FlushReason.TIMER).postedAll(0);
    script.at(1_300).invalidated(0, 9).at(9_000).flushFinished(0, 2);
    AnalysisResult result = analysis.result();
    assertThat(result.of(ExposureAnalysis.EXPOSURE).lazy().sum()).isEqualTo(1_200 + 900);
    assertThat(result.of(ExposureAnalysis.EXPOSURE).lazyWorst())
        .isEqualTo(new ExposureAnalysis.Exposed(1_200, 0, 0, 0x10, 4, 0, 100));
    assertThat(result.of(ExposureAnalysis.EXPOSURE).stillQueued()).isZero();
    assertThat(result.of(ExposureAnalysis.EXPOSURE).strict().count()).isZero();
    FlushAnalysis.FlushQueue queue = result.of(FlushAnalysis.FLUSH_QUEUES);
    assertThat(queue.queued()).isEqualTo(2);
    assertThat(queue.queuedPages()).isEqualTo(5);
    assertThat(queue.flushes())
        .containsExactly(new ReasonCount("timer", 1), new ReasonCount("ring full", 0));
    assertThat(queue.freed().max()).isEqualTo(2);
    assertThat(queue.took().max()).isEqualTo(8_000);
    assertThat(queue.waitingMax()).isEqualTo(2);
    assertThat(queue.waitingPagesMax()).isEqualTo(5);
  }

  /** {@code fq_ring_free_locked}: only a flush that started after the entry was queued counts. */
  @Test
  void shouldNotLetAFlushEndTheExposureOfARangeQueuedDuringIt() {
    script.at(100).flushStarted(1, FlushReason.TIMER).postedAll(1);
    script.at(110).cleared(0, 0x10, 1).queued(0, 0x10, 1);
    script.at(200).invalidated(1, 0).flushFinished(1, 0);
    script.at(5_000).submitted(0, 0);
    ExposureAnalysis.Exposure before = analysis.result().of(ExposureAnalysis.EXPOSURE);
    assertThat(before.lazy().count()).isZero();
    assertThat(before.stillQueued()).isEqualTo(1);
    assertThat(before.oldestNs()).isEqualTo(4_890);
    script.at(6_000).flushStarted(1, FlushReason.TIMER).postedAll(1).at(6_110).invalidated(1, 0);
    ExposureAnalysis.Exposure after = analysis.result().of(ExposureAnalysis.EXPOSURE);
    assertThat(after.lazy().max()).isEqualTo(6_000);
    assertThat(after.stillQueued()).isZero();
  }

  /** The range that is queued first is not always the one whose entries went first. */
  @Test
  void shouldTellTheAgeOfTheRangeThatHasWaitedLongest() {
    script.at(100).cleared(0, 0x10, 1).at(120).cleared(1, 0x20, 1).queued(1, 0x20, 1);
    script.at(150).queued(0, 0x10, 1).at(1_000).submitted(0, 0);
    assertThat(analysis.result().of(ExposureAnalysis.EXPOSURE).stillQueued()).isEqualTo(2);
    assertThat(analysis.result().of(ExposureAnalysis.EXPOSURE).oldestNs()).isEqualTo(900);
  }

  /** {@code queue_iova} on a full ring flushes between clearing a range and queueing it. */
  @Test
  void shouldExposeARangeThatForcedAFlushUntilTheNextOne() {
    script.at(10).cleared(0, 0x10, 1).queued(0, 0x10, 1);
    script.at(20).cleared(0, 0x11, 1).at(25).flushStarted(0, FlushReason.FULL).postedAll(0);
    script.at(60).invalidated(0, 0).freed(0, 0x10, 1).at(70).flushFinished(0, 1);
    script.at(75).queued(0, 0x11, 1);
    assertThat(analysis.result().of(ExposureAnalysis.EXPOSURE).lazy().max()).isEqualTo(50);
    assertThat(analysis.result().of(ExposureAnalysis.EXPOSURE).stillQueued()).isEqualTo(1);
    script.at(90).flushStarted(3, FlushReason.TIMER).postedAll(3).at(120).invalidated(3, 0);
    assertThat(analysis.result().of(ExposureAnalysis.EXPOSURE).lazy().max()).isEqualTo(100);
  }

  @Test
  void shouldKeepAllRangesOfAQueueThatGrows() {
    for (int i = 0; i < 1_000; i++) {
      script.at(i).cleared(0, i, 1).queued(0, i, 1);
      if (i == 40) {
        script.flushStarted(1, FlushReason.TIMER).postedAll(1).invalidated(1, 0);
      }
    }
    script.at(2_000).flushStarted(1, FlushReason.TIMER).postedAll(1).invalidated(1, 0);
    AnalysisResult result = analysis.result();
    assertThat(result.of(ExposureAnalysis.EXPOSURE).lazy().count()).isEqualTo(1_000);
    assertThat(result.of(ExposureAnalysis.EXPOSURE).lazy().max()).isEqualTo(2_000 - 41);
    assertThat(result.of(FlushAnalysis.FLUSH_QUEUES).waitingMax()).isEqualTo(959);
  }

  @Test
  void shouldForgetAClearedRangeWhenTheCallReturnsWithoutInvalidation() {
    script.at(10).cleared(0, 0x10, 1).unmapped(0, 0, 0, 5);
    script.at(50).posted(0, 0x10, 1, 1).at(60).invalidated(0, 0);
    assertThat(analysis.result().of(ExposureAnalysis.EXPOSURE).strict().count()).isZero();
  }

  @Test
  void shouldNotCountAResultTwiceInALaterOne() {
    script.at(0).requested(0, 0, MapApi.SG, 1).posted(0, 0x10, 1, 1);
    AnalysisResult first = analysis.result();
    assertThat(analysis.result()).isEqualTo(first);
  }
}
