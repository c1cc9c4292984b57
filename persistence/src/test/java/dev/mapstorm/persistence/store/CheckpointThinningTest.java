package dev.mapstorm.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class CheckpointThinningTest {
  /** As a run does it: one more, and one goes. */
  private static List<Long> keptOf(LongStream entries) {
    List<Long> kept = new ArrayList<>();
    entries.forEach(
        entry -> {
          kept.add(entry);
          kept.removeAll(CheckpointThinning.goes(kept));
          assertThat(kept).hasSizeLessThanOrEqualTo(CheckpointThinning.KEPT);
        });
    return kept;
  }

  @Test
  void fewAreAllKept() {
    assertThat(keptOf(LongStream.rangeClosed(1, CheckpointThinning.KEPT)))
        .hasSize(CheckpointThinning.KEPT);
  }

  @Test
  void ofManyTheNewestAreKeptAndTheOthersAreSpreadOverTheRun() {
    int many = 10_000;
    List<Long> kept = keptOf(LongStream.rangeClosed(2, many));
    assertThat(kept).hasSize(CheckpointThinning.KEPT).isSorted();
    assertThat(kept).endsWith(many - 2L, many - 1L, (long) many);
    long before = 0;
    for (long entry : kept) {
      assertThat(entry - before)
          .as("distance to %d", entry)
          .isLessThan(2L * many / kept.size() * 2);
      before = entry;
    }
  }

  @Test
  void aRunThatKeptTooManyBeforeIsThinnedAtOnce() {
    List<Long> all = LongStream.rangeClosed(1, 500).boxed().toList();
    assertThat(CheckpointThinning.goes(all)).hasSize(500 - CheckpointThinning.KEPT);
  }
}
