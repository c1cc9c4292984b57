package dev.mapstorm.actors.time;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.spec.JournalSpec;
import dev.mapstorm.protocol.event.EventWords;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BatchGateTest {
  private final EventWords words = new EventWords(64);
  private final List<EventWords> cut = new ArrayList<>();
  private final BatchGate gate =
      new BatchGate(new JournalSpec(true, 3, 1_000, 2, 0), words, (full, none) -> cut.add(full));

  private void happen(long t, int events) {
    for (int i = 0; i < events; i++) {
      words.cpuStolen(t, 0, 1, 1);
    }
  }

  @Test
  void shouldBeDueAtTheCountAndNotBefore() {
    happen(10, 2);
    assertThat(gate.isDue(20)).isFalse();
    happen(10, 1);
    assertThat(gate.isDue(20)).isTrue();
    assertThat(gate.cut(20)).isTrue();
    assertThat(cut.get(0).count()).isEqualTo(3);
    assertThat(gate.isEmpty()).isTrue();
  }

  @Test
  void shouldBeDueAtTheEndOfTheIntervalThatTheClockIsAboutToLeave() {
    happen(10, 1);
    assertThat(gate.isDue(999)).isFalse();
    assertThat(gate.isDue(1_000)).isTrue();
    assertThat(gate.cut(1_700)).isTrue();
    happen(1_700, 1);
    assertThat(gate.isDue(1_999)).isFalse();
    assertThat(gate.isDue(2_000)).isTrue();
  }

  @Test
  void shouldNotCutAnEmptyInterval() {
    assertThat(gate.isDue(5_000)).isFalse();
  }

  @Test
  void shouldHoldWithoutCreditAndLetGoWhenABufferComesBack() {
    happen(1, 3);
    assertThat(gate.cut(2)).isTrue();
    happen(2, 3);
    assertThat(gate.cut(3)).isTrue();
    happen(3, 3);
    assertThat(gate.cut(4)).isFalse();
    assertThat(gate.finish(4)).isFalse();
    assertThat(words.count()).isEqualTo(3);
    gate.giveBack(cut.get(0));
    assertThat(gate.cut(4)).isTrue();
    assertThat(cut).hasSize(3);
  }

  @Test
  void shouldPutTheReportIntoTheBatchThatLeaves() {
    gate.beforeCut(() -> words.cpuStolen(9, 7, 1, 7));
    happen(9, 3);
    gate.cut(10);
    assertThat(cut.get(0).count()).isEqualTo(4);
    assertThat(gate.isEmpty()).isTrue();
  }

  private static BatchGate withCheckpoints(
      EventWords words, List<Optional<byte[]>> checkpoints, long every) {
    return new BatchGate(
        new JournalSpec(true, 3, 1_000, 8, every),
        words,
        (full, checkpoint) -> checkpoints.add(checkpoint));
  }

  @Test
  void shouldTakeACheckpointWithTheBatchThatCompletesTheEvents() {
    List<Optional<byte[]>> checkpoints = new ArrayList<>();
    BatchGate counting = withCheckpoints(words, checkpoints, 6);
    counting.checkpointWith(() -> new byte[] {7}, failure -> {});
    for (int batch = 0; batch < 4; batch++) {
      happen(batch, 3);
      assertThat(counting.cut(batch + 1)).isTrue();
    }
    happen(4, 3);
    assertThat(counting.finish(4)).isTrue();
    assertThat(checkpoints.stream().map(Optional::isPresent))
        .containsExactly(false, true, false, true, false);
  }

  @Test
  void shouldLetTheBatchLeaveWhenACheckpointCannotBeMade() {
    List<Optional<byte[]>> checkpoints = new ArrayList<>();
    List<RuntimeException> failures = new ArrayList<>();
    IllegalStateException cannot = new IllegalStateException("too large");
    BatchGate counting = withCheckpoints(words, checkpoints, 3);
    counting.checkpointWith(
        () -> {
          throw cannot;
        },
        failures::add);
    happen(0, 3);
    assertThat(counting.cut(1)).isTrue();
    assertThat(checkpoints).containsExactly(Optional.empty());
    assertThat(failures).containsExactly(cannot);
  }

  @Test
  void shouldGoOnInTheIntervalOfTheNextMessage() {
    gate.resume(5_300);
    happen(5_300, 1);
    assertThat(gate.isDue(5_999)).isFalse();
    assertThat(gate.isDue(6_000)).isTrue();
  }
}
