package dev.mapstorm.persistence.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.mapstorm.persistence.analysis.batch.BatchAnalysis;
import dev.mapstorm.persistence.analysis.latency.LatencyAnalysis;
import dev.mapstorm.persistence.replay.Script;
import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.MapApi;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where the time of requests goes, and what mappings cost by size. */
class LatencyAndBatchTest {
  private final RunAnalysis analysis = new RunAnalysis();
  private final Script script = new Script(analysis.host(0));

  private List<Long> phaseSums() {
    assertThat(analysis.result().of(LatencyAnalysis.LATENCY)).hasSize(1);
    return analysis.result().of(LatencyAnalysis.LATENCY).get(0).phases().stream()
        .map(phase -> phase.time().sum())
        .toList();
  }

  @Test
  void shouldTileTheLifeOfARequest() {
    script.at(1_000).requested(0, 0, MapApi.PAGE, 4096, 4096);
    script.at(1_300).mapped(0, 0, 0, 0x10, 4096, 200).at(1_450).mapped(0, 0, 1, 0x11, 4096, 150);
    script.at(1_460).submitted(0, 0).at(9_000).translated(0, 0, 2, 0, 2, 394);
    script.at(9_900).completed(0, 0);
    script.at(12_000).unmapped(0, 0, 0, 700).at(12_600).unmapped(0, 0, 1, 600);
    script.at(12_650).done(0, 0, 8192, 11_850);
    assertThat(analysis.result().of(LatencyAnalysis.LATENCY).get(0).phases())
        .extracting(LatencyAnalysis.Phase::phase, phase -> phase.time().sum())
        .containsExactly(
            tuple("arrival to request", 200L),
            tuple("request to map call", 100L),
            tuple("map calls", 350L),
            tuple("mapped to submitted", 10L),
            tuple("device, until translated", 7_540L),
            tuple("device, until completed", 900L),
            tuple("completed to unmap call", 1_400L),
            tuple("unmap calls", 1_300L),
            tuple("unmapped to done", 50L));
    assertThat(phaseSums().stream().mapToLong(Long::longValue).sum()).isEqualTo(11_850);
    assertThat(analysis.result().of(LatencyAnalysis.LATENCY).get(0).stallNs()).isEqualTo(394);
  }

  @Test
  void shouldTileALifeWithoutTranslation() {
    script.at(0).requested(0, 0, MapApi.SG, 4096).at(50).mapped(0, 0, 0, 0x10, 4096, 50);
    script.submitted(0, 0).at(500).completed(0, 0).at(600).unmapped(0, 0, 0, 10);
    script.done(0, 0, 4096, 600);
    assertThat(phaseSums()).containsExactly(0L, 0L, 50L, 0L, 0L, 450L, 90L, 10L, 0L);
  }

  @Test
  void shouldTileALifeWhoseMilestonesAreOutOfOrderOrBeforeItsArrival() {
    script.at(100).requested(0, 0, MapApi.SG, 4096).at(120).mapped(0, 0, 0, 0x10, 4096, 20);
    script.at(130).unmapped(0, 0, 0, 5).at(200).completed(0, 0).at(300).done(0, 0, 4096, 190);
    List<Long> sums = phaseSums();
    assertThat(sums).allMatch(sum -> sum >= 0);
    assertThat(sums.stream().mapToLong(Long::longValue).sum()).isEqualTo(190);
  }

  @Test
  void shouldShareCallTimeOutOverPagesAndFindTheKnee() {
    mapping(0, 1, 100, 900);
    mapping(1, 1, 300, 700);
    mapping(2, 8, 400, 1_200);
    mapping(3, 32, 1_280, 1_920);
    mapping(4, 64, 2_240, 3_520);
    mapping(5, 128, 6_400, 6_400);
    BatchAnalysis.BatchSizes sg = analysis.result().of(BatchAnalysis.BATCH_SIZING).get(0);
    assertThat(sg.api()).isEqualTo("sg");
    assertThat(sg.sizes())
        .extracting(
            BatchAnalysis.BatchSize::pages,
            BatchAnalysis.BatchSize::mappings,
            BatchAnalysis.BatchSize::psPerPage)
        .containsExactly(
            tuple(1L, 2L, 1_000_000L),
            tuple(8L, 1L, 200_000L),
            tuple(32L, 1L, 100_000L),
            tuple(64L, 1L, 90_000L),
            tuple(128L, 1L, 100_000L));
    assertThat(sg.bestPages()).isEqualTo(64);
    assertThat(sg.kneePages()).isEqualTo(64);
    assertThat(sg.sizes().get(0).mapCallNs()).isEqualTo(400);
    assertThat(sg.sizes().get(0).unmapCallNs()).isEqualTo(1_600);
    assertThat(sg.sizes().get(0).latency().count()).isEqualTo(2);
    mapping(6, 40, 1_960, 2_000);
    assertThat(analysis.result().of(BatchAnalysis.BATCH_SIZING).get(0).kneePages()).isEqualTo(40);
  }

  private void mapping(long op, int pages, long mapNs, long unmapNs) {
    script.requested(0, op, MapApi.SG, pages * 4096);
    script.mapped(0, op, (int) op, 0x1000, pages * 4096L, mapNs);
    script.unmapped(0, op, (int) op, unmapNs).done(0, op, pages * 4096L, mapNs + unmapNs);
  }

  @Test
  void shouldNotMixMappingsWhoseNumberIsReusedBeforeTheirUnmappedEvent() {
    script.requested(0, 0, MapApi.SG, 4096).mapped(0, 0, 3, 0x10, 4096, 10);
    script.requested(1, 0, MapApi.SG, 8192).mapped(1, 0, 3, 0x20, 8192, 500);
    script.unmapped(0, 0, 3, 7).unmapped(1, 0, 3, 600);
    assertThat(analysis.result().of(BatchAnalysis.BATCH_SIZING).get(0).sizes())
        .extracting(
            BatchAnalysis.BatchSize::pages,
            BatchAnalysis.BatchSize::mapCallNs,
            BatchAnalysis.BatchSize::unmapCallNs)
        .containsExactly(tuple(1L, 10L, 7L), tuple(2L, 500L, 600L));
  }

  @Test
  void shouldCountMappingsOfARequestInAnyOrderOfUnmapping() {
    script.requested(0, 0, MapApi.PAGE, 4096, 4096, 4096);
    for (int i = 0; i < 3; i++) {
      script.mapped(0, 0, i, 0x10 + i, 4096, 10);
    }
    script.unmapped(0, 0, 1, 1).unmapped(0, 0, 2, 2).mapped(0, 0, 9, 0x40, 4096, 10);
    script.unmapped(0, 0, 0, 4).unmapped(0, 0, 9, 8).done(0, 0, 12288, 1);
    BatchAnalysis.BatchSize size =
        analysis.result().of(BatchAnalysis.BATCH_SIZING).get(0).sizes().get(0);
    assertThat(size.mappings()).isEqualTo(4);
    assertThat(size.unmapCallNs()).isEqualTo(15);
    assertThat(size.latency().count()).isEqualTo(1);
  }

  @Test
  void shouldHaveNoKneeBeforeAMappingWasTakenBack() {
    script.requested(0, 0, MapApi.BATCH, 4096).mapped(0, 0, 0, 0x10, 4096, 10);
    BatchAnalysis.BatchSizes batch = analysis.result().of(BatchAnalysis.BATCH_SIZING).get(0);
    assertThat(batch.kneePages()).isZero();
    assertThat(batch.sizes().get(0).mappings()).isZero();
  }

  @Test
  void shouldUseTheNumberOfAFailedRequestAgain() {
    script.requested(0, 0, MapApi.SG, 4096).mapFailed(0, 0, DmaError.NO_IOVA);
    script.at(5).requested(0, 0, MapApi.SG, 4096).at(9).done(0, 0, 4096, 4);
    assertThat(analysis.result().of(LatencyAnalysis.LATENCY).get(0).total().count()).isEqualTo(1);
  }
}
